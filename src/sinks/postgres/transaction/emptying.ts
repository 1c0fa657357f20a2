// How a table is emptied in the transaction that fills it again.
import { ParloadError } from '../../../errors/index.ts';
import type { TableFacts } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { quoteTable } from '../identifiers.ts';
import { lockTable } from '../lock-table.ts';
import type { JobSite } from '../site.ts';
import { checkRefusals, readDependents } from '../staging/dependents.ts';

/**
 * truncate: at once, and rows may be written as frozen, so that older transactions see them too. delete: where the table
 * is more than one, or not one of the server's own. none: rows are added.
 */
export type Emptying = 'truncate' | 'delete' | 'none';

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
  const doing = `emptying "${job.target}"`;
  const lock = emptying === 'truncate' ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE';
  await lockTable(connection, site, lock, doing);
  await connection.script(emptying === 'truncate' ? `TRUNCATE ONLY ${target}` : `DELETE FROM ${target}`, {
    doing,
    where: { table: job.target },
  });
}
