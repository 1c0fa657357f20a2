// A table's lock inside a transaction, asked for in short tries: whoever comes after a waiting lock waits, too.
import { setTimeout as sleep } from 'node:timers/promises';
import { ParloadError } from '../../errors/index.ts';
import type { PgConnection } from './connection.ts';
import { quoteTable } from './identifiers.ts';
import type { JobSite } from './site.ts';

/** Longest wait of one try, in ms. */
export const LOCK_TRY_MS = 2_000;
const PAUSE_MS = 300;

/** Gives up after --lock-timeout. The transaction goes on. */
export async function lockTable(
  connection: PgConnection,
  site: JobSite,
  lock: 'ACCESS EXCLUSIVE' | 'SHARE ROW EXCLUSIVE',
  doing: string,
): Promise<void> {
  const { name, job } = site.need();
  const context = { doing, where: { table: job.target } };
  const deadline = Date.now() + site.lockTimeoutMs;
  const tryMs = Math.min(LOCK_TRY_MS, site.lockTimeoutMs);
  for (;;) {
    try {
      await connection.script(
        `SAVEPOINT lock_try; SET LOCAL lock_timeout = ${tryMs}; LOCK TABLE ${quoteTable(name)} IN ${lock} MODE; RELEASE lock_try`,
        context,
      );
      await connection.script(`SET LOCAL lock_timeout = ${site.lockTimeoutMs}`, context);
      return;
    } catch (error) {
      const waits = ParloadError.is(error) && error.code === 'SINK_TIMEOUT' && Date.now() < deadline;
      if (!waits) throw error;
      await connection.script('ROLLBACK TO lock_try; RELEASE lock_try', context);
      await sleep(PAUSE_MS);
    }
  }
}
