// How a table is emptied in the transaction that fills it again.
import { setTimeout as sleep } from 'node:timers/promises';
import { ParloadError } from '../../../errors/index.ts';
import type { TableFacts } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { quoteTable } from '../identifiers.ts';
import type { JobSite } from '../site.ts';
import { checkRefusals, readDependents } from '../staging/dependents.ts';

/**
 * truncate: at once, and rows may be written as frozen, so that older transactions see them too. delete: where the table
 * is more than one, or not one of the server's own. none: rows are added.
 */
export type Emptying = 'truncate' | 'delete' | 'none';

/** Longest wait of one try: new readers wait behind it. */
const LOCK_TRY_MS = 2_000;
const PAUSE_MS = 300;

/** Only reads. */
export async function emptyingOf(
  connection: PgConnection,
  site: JobSite,
  table: TableFacts | null,
): Promise<Emptying> {
  if (site.way.mode === 'append' || table === null) return 'none';
  const { job } = site.need();
  const dependents = await readDependents(connection, table.oid);
  if (dependents.referencedBy.length > 0) {
    throw new ParloadError(
      'MODE_REFUSED',
      `foreign key ${dependents.referencedBy.join(', ')} needs the rows that would go before the new ones are there`,
      {
        where: { table: job.target },
        hint: 'Use --mode replace --atomic staging, which exchanges the rows in one statement.',
      },
    );
  }
  if (dependents.plain) return 'truncate';
  checkRefusals(dependents, job.target);
  return 'delete';
}

export async function emptyTarget(
  connection: PgConnection,
  site: JobSite,
  emptying: Emptying,
): Promise<void> {
  const { name, job } = site.need();
  if (emptying === 'none') return;
  const target = quoteTable(name);
  const context = { doing: `emptying "${job.target}"`, where: { table: job.target } };
  const lock = emptying === 'truncate' ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE';
  const deadline = Date.now() + site.lockTimeoutMs;
  const tryMs = Math.min(LOCK_TRY_MS, site.lockTimeoutMs);
  for (;;) {
    try {
      await connection.script(
        `SAVEPOINT lock_try; SET LOCAL lock_timeout = ${tryMs}; LOCK TABLE ${target} IN ${lock} MODE; RELEASE lock_try`,
        context,
      );
      break;
    } catch (error) {
      const waits = ParloadError.is(error) && error.code === 'SINK_TIMEOUT' && Date.now() < deadline;
      if (!waits) throw error;
      await connection.script('ROLLBACK TO lock_try; RELEASE lock_try', context);
      await sleep(PAUSE_MS);
    }
  }
  await connection.script(
    emptying === 'truncate'
      ? `SET LOCAL lock_timeout = ${site.lockTimeoutMs}; TRUNCATE ONLY ${target}`
      : `SET LOCAL lock_timeout = ${site.lockTimeoutMs}; DELETE FROM ${target}`,
    context,
  );
}
