// Slices, pools and sources without threads or files.

import type { PoolResult, SlicePool } from '../../../src/coordinator/pool.ts';
import { type ErrorCode, ParloadError, toWire } from '../../../src/errors/index.ts';
import type {
  JobEvent,
  PlanHints,
  Receipt,
  Slice,
  SliceResult,
  Source,
  SourcePlan,
} from '../../../src/model/index.ts';
import type { SliceTask } from '../../../src/slice-runner/index.ts';

export const slice = (n: number, rowCount = 100, estBytes = rowCount): Slice => ({
  id: `in:${n}`,
  inputId: 'in',
  inputUri: 'file.parquet',
  rowStart: n,
  rowCount,
  estBytes,
  detail: null,
});

export const receipt = ({ slice: s, attempt }: SliceTask, more: Partial<Receipt> = {}): Receipt => ({
  sliceId: s.id,
  inputId: s.inputId,
  rowsRead: s.rowCount,
  rowsFiltered: 0,
  rowsLoaded: s.rowCount,
  bytesSent: s.rowCount,
  changes: [],
  elapsedMs: 1,
  attempt,
  alreadyCommitted: false,
  ...more,
});

export const done = (task: SliceTask): SliceResult => ({ ok: true, receipt: receipt(task) });

export const failed = (code: ErrorCode): SliceResult & { ok: false } => ({
  ok: false,
  error: toWire(new ParloadError(code, code)),
});

/** Answers each attempt by `answer`, a turn of the event loop later. */
export class FakePool implements SlicePool {
  readonly tasks: SliceTask[] = [];
  most = 0;
  #now = 0;
  /** Threads that were ended for good. */
  readonly dismissed: number[] = [];
  readonly #answer: (task: SliceTask) => PoolResult | Promise<PoolResult>;

  constructor(answer: (task: SliceTask) => PoolResult | Promise<PoolResult> = done) {
    this.#answer = answer;
  }

  async dismiss(thread: number): Promise<void> {
    this.dismissed.push(thread);
  }

  async run(task: SliceTask): Promise<PoolResult> {
    this.tasks.push(task);
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
    await new Promise((resolve) => setImmediate(resolve));
    const result = await this.#answer(task);
    this.#now -= 1;
    return result;
  }
}

export const typesOf = (events: readonly JobEvent[]): string[] => events.map((e) => e.type);

/** A source that only plans: `bytes` says what a worker needs, given the hints. */
export function planningSource(
  plan: (hints: PlanHints) => { slices: number; bytesPerWorker: number },
): Source & { readonly hints: PlanHints[] } {
  const hints: PlanHints[] = [];
  const unused = (): never => {
    throw new Error('not used');
  };
  return {
    hints,
    async plan(_, given): Promise<SourcePlan> {
      hints.push(given);
      const { slices, bytesPerWorker } = plan(given);
      return {
        slices: Array.from({ length: slices }, (__, i) => slice(i)),
        rowsPruned: 0,
        rowsCommitted: 0,
        bytesPerWorker,
        notes: [],
      };
    },
    inspect: unused,
    ticket: unused,
    open: unused,
    close: async () => undefined,
  };
}
