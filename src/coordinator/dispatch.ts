// Hands slices to workers: longest first, the next one as soon as a worker is free, failed ones again.
import type { Receipt, Reporter, Slice, WireError } from '../model/index.ts';
import { Patience, plural, type RetryPolicy } from '../runtime/index.ts';
import { failureKind } from './away.ts';
import type { RunControl } from './control.ts';
import type { PoolResult, SlicePool } from './pool.ts';

export interface DispatchJob {
  readonly slices: readonly Slice[];
  /** Slices in flight at a time. */
  readonly lanes: number;
  readonly retry: RetryPolicy;
  readonly pool: SlicePool;
  readonly control: RunControl;
  readonly report: Reporter;
}

export interface DispatchOutcome {
  readonly receipts: readonly Receipt[];
  /** The first failure that no retry mended; null when there was none, also after a stop. */
  readonly error: WireError | null;
  readonly failed: number;
  readonly retried: number;
  /** Slices that were not committed, failed ones included. */
  readonly unfinished: number;
}

/** Another run owns the job: what is in flight cannot commit any more. */
const STOP_AT_ONCE = new Set(['FENCED', 'LOCKED']);

/** Big ones first, so that no worker ends with a long slice alone; ties in the input's order. */
export const longestFirst = (slices: readonly Slice[]): Slice[] =>
  slices.toSorted((a, b) => b.estBytes - a.estBytes || b.rowCount - a.rowCount);

/** What a slice has behind it in this run; it may change lanes. */
interface Past {
  attempts: number;
  readonly patience: Patience;
}

/** A slice in flight, as the watchdog and late progress messages see it. */
export interface Flight {
  readonly lane: number;
  readonly attempt: number;
}

export class Dispatcher {
  readonly #job: DispatchJob;
  readonly #queue: Slice[];
  readonly #receipts: Receipt[] = [];
  readonly #flights = new Map<string, Flight>();
  readonly #pasts = new Map<string, Past>();
  #lanes: number;
  #error: WireError | null = null;
  #failed = 0;
  #retried = 0;

  constructor(job: DispatchJob) {
    this.#job = job;
    this.#queue = longestFirst(job.slices);
    this.#lanes = job.lanes;
  }

  flight(sliceId: string): Flight | undefined {
    return this.#flights.get(sliceId);
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  async run(): Promise<DispatchOutcome> {
    await Promise.all(Array.from({ length: this.#job.lanes }, (_, lane) => this.#lane(lane)));
    return {
      receipts: this.#receipts,
      error: this.#error,
      failed: this.#failed,
      retried: this.#retried,
      unfinished: this.#job.slices.length - this.#receipts.length,
    };
  }

  async #lane(lane: number): Promise<void> {
    while (this.#job.control.level === 0) {
      const slice = this.#queue.shift();
      if (slice === undefined) return;
      if (!(await this.#slice(slice, lane))) return;
    }
  }

  /** Until it is committed, until it is hopeless, or until the run stops. False: this lane is one too many. */
  async #slice(slice: Slice, lane: number): Promise<boolean> {
    const { control, retry, report } = this.#job;
    const past = this.#pasts.get(slice.id) ?? { attempts: 0, patience: new Patience(retry) };
    this.#pasts.set(slice.id, past);
    for (;;) {
      const attempt = ++past.attempts;
      const result = await this.#attempt(slice, lane, attempt);
      if (result.ok) {
        this.#receipts.push(result.receipt);
        report({ type: 'slice.done', receipt: result.receipt, worker: lane });
        return true;
      }
      const { error } = result;
      // Asked to stop in the middle: neither a failure nor worth another attempt.
      if (error.code === 'INTERRUPTED' || (control.level === 2 && error.code === 'WORKER_DIED')) return true;
      if (await this.#leaves(slice, result)) return false;
      const waitMs = this.#waitMs(error, past);
      report({ type: 'slice.failed', sliceId: slice.id, error, attempt, willRetry: waitMs !== null });
      if (error.code === 'WORKER_DIED') report({ type: 'worker.lost', error });
      if (waitMs === null) {
        this.#fail(error);
        return true;
      }
      this.#retried += 1;
      await control.pause(waitMs);
      if (control.level > 0) return true;
    }
  }

  /** null: no attempt more. */
  #waitMs(error: WireError, { patience }: Past): number | null {
    if (!error.retryable || this.#job.control.level > 0) return null;
    return patience.after(failureKind(error), performance.now());
  }

  /** The target has no connection for this worker but has some for others: they do its work. */
  async #leaves(slice: Slice, { error, thread }: PoolResult & { ok: false }): Promise<boolean> {
    const { control, pool, report } = this.#job;
    if (error.code !== 'SINK_CONNECTIONS' || !error.retryable || thread === undefined) return false;
    if (this.#lanes === 1 || control.level > 0) return false;
    this.#lanes -= 1;
    this.#queue.unshift(slice);
    report({
      type: 'note',
      message: `the target has no connection for another worker; going on with ${plural(this.#lanes, 'worker')}`,
    });
    await pool.dismiss(thread);
    return true;
  }

  async #attempt(slice: Slice, lane: number, attempt: number): Promise<PoolResult> {
    this.#flights.set(slice.id, { lane, attempt });
    this.#job.report({ type: 'slice.started', sliceId: slice.id, worker: lane, attempt });
    try {
      return await this.#job.pool.run({ slice, attempt });
    } finally {
      this.#flights.delete(slice.id);
    }
  }

  #fail(error: WireError): void {
    this.#failed += 1;
    const { control } = this.#job;
    // After a stop was asked for, a slice that could have been tried again is only unfinished.
    const mendable = error.retryable && control.asked;
    if (!mendable) this.#error ??= error;
    control.raise(STOP_AT_ONCE.has(error.code) ? 2 : 1);
  }
}
