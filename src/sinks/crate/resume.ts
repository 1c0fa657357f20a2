// What of the ledger still counts. Pure: the same facts give the same answer, when planning and when preparing.
import type { RowRange } from '../../model/index.ts';
import { formatCount } from '../../runtime/index.ts';

export interface LedgerInput {
  readonly inputId: string;
  readonly generation: number;
  /** A run that loaded all of it came to its end. */
  readonly finished: boolean;
}

export interface LedgerSlice {
  readonly inputId: string;
  readonly generation: number;
  readonly range: RowRange;
  readonly rowsLoaded: number;
}

/** Of this run's inputs, in their generation. */
export interface LedgerState {
  /** Tells the set of inputs of the run before. */
  readonly inputsKey: string | null;
  /** Table that a replacement was loaded into. */
  readonly staging: string | null;
  readonly phase: string | null;
  readonly inputs: readonly LedgerInput[];
  readonly slices: readonly LedgerSlice[];
}

export const NO_LEDGER: LedgerState = { inputsKey: null, staging: null, phase: null, inputs: [], slices: [] };

export interface TargetState {
  readonly shown: string;
  readonly exists: boolean;
  /** Rows of the table that bear the marks of what the ledger has; null: not known. */
  readonly found: number | null;
  /** replace: does the staging table of the run before exist? */
  readonly stagingExists: boolean;
}

export interface Resume {
  /** Generation to load each of this run's inputs in. */
  readonly generations: ReadonlyMap<string, number>;
  /** Inputs that stay finished. */
  readonly finished: ReadonlySet<string>;
  readonly committed: Readonly<Record<string, readonly RowRange[]>>;
  /** replace: the table to load into; null: the target. */
  readonly staging: string | null;
  readonly notes: readonly string[];
}

export interface ResumeRequest {
  readonly inputIds: readonly string[];
  readonly inputsKey: string;
  readonly again: boolean;
  readonly replaces: boolean;
  /** Name for a staging table that does not exist yet. */
  readonly newStaging: string;
}

export const rowsIn = (ledger: LedgerState): number =>
  ledger.slices.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);

export function decideResume(ledger: LedgerState, target: TargetState, request: ResumeRequest): Resume {
  const rows = formatCount(rowsIn(ledger));
  const loaded = rowsIn(ledger) > 0;
  const anew = (note: string | null): Resume => startAnew(ledger, request, note);
  const finished = request.inputIds.every((id) => ledger.inputs.some((i) => i.inputId === id && i.finished));
  if (request.replaces) {
    const same = ledger.inputsKey === request.inputsKey;
    if (same && !finished && target.stagingExists) return goOn(ledger, request, ledger.staging);
    const isSwapped = finished || ledger.phase === 'swapping';
    if (!same || !isSwapped || request.again) return anew(null);
  }
  if (loaded && !target.exists) {
    return anew(`table "${target.shown}" does not exist any more; its ${rows} rows are loaded again`);
  }
  if (loaded && target.found === 0) {
    return anew(`table "${target.shown}" was emptied since; its ${rows} rows are loaded again`);
  }
  const fewer = target.found !== null && target.found < rowsIn(ledger);
  const note = fewer
    ? `of ${rows} rows that were loaded into "${target.shown}", ${formatCount(target.found!)} are there; the others are not loaded again`
    : null;
  return goOn(ledger, request, null, note);
}

function startAnew(ledger: LedgerState, request: ResumeRequest, note: string | null): Resume {
  const known = new Map(ledger.inputs.map((i) => [i.inputId, i.generation]));
  return {
    generations: new Map(request.inputIds.map((id) => [id, (known.get(id) ?? -1) + 1])),
    finished: new Set(),
    committed: {},
    staging: request.replaces ? request.newStaging : null,
    notes: note === null ? [] : [note],
  };
}

function goOn(
  ledger: LedgerState,
  { inputIds, again }: ResumeRequest,
  staging: string | null,
  note: string | null = null,
): Resume {
  const known = new Map(ledger.inputs.map((i) => [i.inputId, i]));
  const generations = new Map<string, number>();
  const finished = new Set<string>();
  let resumed = false;
  for (const id of inputIds) {
    const input = known.get(id);
    const fresh = again && input?.finished === true;
    generations.set(id, (input?.generation ?? 0) + (fresh ? 1 : 0));
    if (input?.finished === true && !fresh) finished.add(id);
    resumed ||= again && input?.finished === false && ledger.slices.some((s) => s.inputId === id);
  }
  const committed: Record<string, RowRange[]> = {};
  for (const slice of ledger.slices) {
    if (generations.get(slice.inputId) !== slice.generation) continue;
    committed[slice.inputId] ??= [];
    committed[slice.inputId]!.push(slice.range);
  }
  const notes = [
    ...(note === null ? [] : [note]),
    ...(resumed ? ['an unfinished load is finished first; --again loads only what is complete'] : []),
  ];
  return { generations, finished, committed, staging, notes };
}
