// Work of one kind on several connections at a time.
import type { PgConnection } from './connection.ts';
import type { JobSite } from './site.ts';

/** Each lane takes the next item as soon as it is free. The first failure ends all queues, and is thrown when all stand. */
export async function inLanes<T>(
  site: JobSite,
  items: readonly T[],
  most: number,
  work: (connection: PgConnection, item: T) => Promise<void>,
): Promise<void> {
  const { request } = site.need();
  const queue = [...items];
  let failed = false;
  const lane = (): Promise<void> =>
    site.with(request.runId, false, async (connection) => {
      for (let next = queue.shift(); next !== undefined && !failed; next = queue.shift()) {
        try {
          await work(connection, next);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    });
  const results = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, lane));
  const failure = results.find((r) => r.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
