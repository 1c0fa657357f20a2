// Transactions that look at the database as it was before the rows were there. One that reads the table for the first
// time after a swap would find only a part of the rows in it, so the swap waits for them.
import { setTimeout as sleep } from 'node:timers/promises';
import { ParloadError } from '../../../errors/index.ts';
import type { PgConnection } from '../connection.ts';
import type { JobSite } from '../site.ts';

const LOOK_EVERY_MS = 100;

/** Others' snapshots in this database. One that is kept has the same three; the next one of the backend has not. */
const SNAPSHOTS = `
SELECT concat_ws('/', pid, backend_xmin, xact_start) AS id, pid, application_name AS app FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL
   AND backend_type = 'client backend'`;

/** Returns when every snapshot that is there now is gone: later ones see all rows that are committed by now. */
export async function awaitOlderSnapshots(connection: PgConnection, site: JobSite): Promise<void> {
  const { job } = site.need();
  const look = async (): Promise<Map<string, string>> => {
    const rows = await connection.query(SNAPSHOTS, [], { doing: 'looking for older transactions' });
    return new Map(rows.map((r) => [String(r.id), `${r.pid} (${r.app})`]));
  };
  const deadline = Date.now() + site.lockTimeoutMs;
  let old = await look();
  while (old.size > 0) {
    if (Date.now() > deadline) {
      throw new ParloadError(
        'SINK_TIMEOUT',
        `transactions that began before the rows of "${job.target}" were there are still open: backend ${[...old.values()].join(', ')}`,
        {
          where: { table: job.target },
          hint: 'They would see only a part of the new rows. Wait for them or end them, or raise --lock-timeout; then run the same command again: only the swap is left.',
        },
      );
    }
    await sleep(LOOK_EVERY_MS);
    const now = await look();
    old = new Map([...old].filter(([id]) => now.has(id)));
  }
}
