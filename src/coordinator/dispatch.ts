// Hands slices to workers: longest first, the next one as soon as a worker is free, failed ones again.
import type { Receipt, Reporter, Slice, SliceResult, WireError } from '../model/index.ts';
import { backoffMs, type RetryPolicy } from '../runtime/index.ts';
import type { RunControl } from './control.ts';
import type { SlicePool } from './pool.ts';

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
  #error: WireError | null = null;
  #failed = 0;
  #retried = 0;

  constructor(job: DispatchJob) {
    this.#job = job;
    this.#queue = longestFirst(job.slices);
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
      await this.#slice(slice, lane);
    }
  }

  /** Until it is committed, until it is hopeless, or until the run stops. */
  async #slice(slice: Slice, lane: number): Promise<void> {
    const { control, retry, report } = this.#job;
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(slice, lane, attempt);
      if (result.ok) {
        this.#receipts.push(result.receipt);
        report({ type: 'slice.done', receipt: result.receipt, worker: lane });
        return;
      }
      const { error } = result;
      // Asked to stop in the middle: neither a failure nor worth another attempt.
      if (error.code === 'INTERRUPTED' || (control.level === 2 && error.code === 'WORKER_DIED')) return;
      const willRetry = error.retryable && attempt < retry.attempts && control.level === 0;
      report({ type: 'slice.failed', sliceId: slice.id, error, attempt, willRetry });
      if (error.code === 'WORKER_DIED') report({ type: 'worker.lost', error });
      if (!willRetry) {
        this.#fail(error);
        return;
      }
      this.#retried += 1;
      await control.pause(backoffMs(retry, attempt));
      if (control.level > 0) return;
    }
  }

  async #attempt(slice: Slice, lane: number, attempt: number): Promise<SliceResult> {
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
