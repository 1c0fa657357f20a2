// What of the ledger still counts. Pure: the same facts give the same answer, when planning and when preparing.
import { ParloadError } from '../../errors/index.ts';
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

export interface LedgerState {
  /** Table that the job loaded into; null: not known yet. */
  readonly targetOid: string | null;
  /** Of this run's inputs; those never loaded are not in it. */
  readonly inputs: readonly LedgerInput[];
  /** Of this run's inputs, in their generation. */
  readonly slices: readonly LedgerSlice[];
  /** Of all inputs of the job, in their generation. */
  readonly rowsLoaded: number;
}

export const NO_LEDGER: LedgerState = { targetOid: null, inputs: [], slices: [], rowsLoaded: 0 };

export interface TargetState {
  readonly shown: string;
  /** null: the table does not exist. */
  readonly oid: string | null;
  /** null: not known. */
  readonly empty: boolean | null;
}

export interface Resume {
  /** All inputs of the job begin a new generation: what was loaded is not in the table any more. */
  readonly reset: boolean;
  /** Generation to load each of this run's inputs in. */
  readonly generations: ReadonlyMap<string, number>;
  readonly committed: Readonly<Record<string, readonly RowRange[]>>;
  readonly notes: readonly string[];
}

export function decideResume(
  ledger: LedgerState,
  target: TargetState,
  inputIds: readonly string[],
  again: boolean,
): Resume {
  const known = new Map(ledger.inputs.map((i) => [i.inputId, i]));
  const reset = isStale(ledger, target, again);
  if (reset !== null) {
    const generations = new Map(inputIds.map((id) => [id, (known.get(id)?.generation ?? -1) + 1]));
    return { reset: true, generations, committed: {}, notes: reset === '' ? [] : [reset] };
  }
  const generations = new Map<string, number>();
  let resumed = false;
  for (const id of inputIds) {
    const input = known.get(id);
    const fresh = again && input?.finished === true;
    generations.set(id, (input?.generation ?? 0) + (fresh ? 1 : 0));
    resumed ||= again && input?.finished === false && ledger.slices.some((s) => s.inputId === id);
  }
  const committed: Record<string, RowRange[]> = {};
  for (const slice of ledger.slices) {
    if (generations.get(slice.inputId) !== slice.generation) continue;
    committed[slice.inputId] ??= [];
    committed[slice.inputId]!.push(slice.range);
  }
  const notes = resumed ? ['an unfinished load is finished first; --again loads only what is complete'] : [];
  return { reset: false, generations, committed, notes };
}

/** Why what was loaded does not count any more; null: it counts. Empty: it does not, and there is nothing to say. */
function isStale(ledger: LedgerState, target: TargetState, again: boolean): string | null {
  const rows = formatCount(ledger.rowsLoaded);
  const loaded = ledger.rowsLoaded > 0;
  const told = (what: string): string => `table "${target.shown}" ${what}; its ${rows} rows are loaded again`;
  if (target.oid === null) return loaded ? told('does not exist any more') : null;
  const recreated = ledger.targetOid !== null && ledger.targetOid !== target.oid;
  if (!loaded) return recreated ? '' : null;
  if (target.empty === true) return told(recreated ? 'was made anew since' : 'was emptied since');
  if (!recreated) return null;
  if (again) return told('was made anew since');
  throw new ParloadError(
    'LEDGER_STALE',
    `table "${target.shown}" is not the one that ${rows} rows were loaded into: it was made anew since, and is not empty`,
    { where: { table: target.shown } },
  );
}
