// What must hold before rows become the target's: the server's own count, and the user's conditions.
import { ParloadError } from '../../../errors/index.ts';
import type { PhaseReport } from '../../../model/index.ts';
import { formatCount } from '../../../runtime/index.ts';
import type { PgConnection } from '../connection.ts';
import type { JobSite } from '../site.ts';
import { validateRows } from '../validation.ts';

/** `table`: where the rows lie, qualified and quoted; `expected`: how many the ledger says. */
export async function validate(
  connection: PgConnection,
  site: JobSite,
  table: string,
  expected: number,
  phase: PhaseReport,
): Promise<void> {
  const { job } = site.need();
  phase('validate', `${formatCount(expected)} rows`);
  const rowCount = await countRows(connection, table, job.target);
  if (rowCount !== expected) {
    throw new ParloadError(
      'COUNT_DIFFERS',
      `${expected} rows were loaded for "${job.target}", its staging table has ${rowCount}`,
      {
        where: { table: job.target },
        hint: 'Nothing was changed. Did the server crash, or somebody change the staging table? Run the same command again.',
      },
    );
  }
  await validateRows(connection, { table, shown: job.target, rowCount, committed: false }, site.checks);
}

export async function countRows(connection: PgConnection, table: string, shown: string): Promise<number> {
  const [row] = await connection.query(`SELECT count(*)::text AS n FROM ${table}`, [], {
    doing: 'counting the rows in the staging table',
    where: { table: shown },
  });
  return Number(row?.n);
}
