// A target that cannot be asked, and waiting for it.
import { toWire } from '../errors/index.ts';
import type { WireError } from '../model/index.ts';
import { DEFAULT_RETRY, type FailureKind, Patience, type RetryPolicy } from '../runtime/index.ts';
import type { RunControl } from './control.ts';

/** Restarting, gone for a while, or full. Time is the measure then, not attempts. */
const AWAY = new Set(['SINK_UNREACHABLE', 'SINK_HOST_UNKNOWN', 'SINK_BUSY', 'SINK_CONNECTIONS']);

/** Longer than the runtime's default: a server that restarts needs about ten seconds, and what fails is a whole slice. */
const RETRY_BASE_MS = 500;

export const failureKind = (error: WireError): FailureKind => (AWAY.has(error.code) ? 'away' : 'failed');

export const retryPolicy = (job: {
  readonly retries: number;
  readonly retryBudgetMs: number;
}): RetryPolicy => ({
  ...DEFAULT_RETRY,
  baseMs: RETRY_BASE_MS,
  attempts: job.retries + 1,
  budgetMs: job.retryBudgetMs,
});

/** Does `work` again while the target is away. Any other failure may have done a part of it, and is thrown. */
export async function untilBack<T>(
  policy: RetryPolicy,
  control: RunControl,
  work: () => Promise<T>,
): Promise<T> {
  const patience = new Patience(policy);
  for (;;) {
    try {
      return await work();
    } catch (cause) {
      const error = toWire(cause);
      if (!error.retryable || failureKind(error) !== 'away') throw cause;
      const waitMs = patience.after('away', performance.now());
      if (waitMs === null || control.level > 0) throw cause;
      await control.pause(waitMs);
    }
  }
}
