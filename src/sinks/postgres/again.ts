import { setTimeout as sleep } from 'node:timers/promises';
import { ParloadError } from '../../errors/index.ts';
import { backoffMs, DEFAULT_RETRY } from '../../runtime/index.ts';

/** For what may be done twice: does it again when it failed for a reason that may pass, as a connection that broke. */
export async function again<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!ParloadError.is(error) || !error.retryable || attempt === DEFAULT_RETRY.attempts) throw error;
      await sleep(backoffMs(DEFAULT_RETRY, attempt));
    }
  }
}
