// Rows of the staging table go into the target by one statement: added, in the place of all others, or by their key.
import { ParloadError } from '../../../errors/index.ts';
import { failpoint } from '../../../runtime/index.ts';
import { readTable } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { quoteIdent, quoteTable } from '../identifiers.ts';
import type { JobSite } from '../site.ts';
import { checkRefusals, readDependents } from './dependents.ts';
import { inFinishing, MARK } from './finishing.ts';
import { recordAdded, recordReplaced } from './publish-ledger.ts';
import { COUNT_COLUMN, PLACE_COLUMN, type StageName } from './stage.ts';

export interface MergeRequest {
  readonly stage: StageName;
  /** Of the rows, in the target's names. */
  readonly columns: readonly string[];
  /** Rows in the staging table. */
  readonly rowCount: number;
  /** Parent of tables with rows of their own, which stay. */
  readonly inherited: boolean;
  readonly lockTimeoutMs: number;
}

export interface MergeResult {
  /** Rows that the target took. */
  readonly rows: number;
}

/** One transaction: the rows, the ledger, and the end of the staging table. */
export async function merge(
  connection: PgConnection,
  site: JobSite,
  request: MergeRequest,
): Promise<MergeResult> {
  const { job, name } = site.need();
  const { mode } = site.way;
  const target = quoteTable(name);
  const options = { lockTimeoutMs: request.lockTimeoutMs, bareSearchPath: false, fence: 'alone' } as const;
  let rows = 0;
  await inFinishing(connection, site, options, async () => {
    const doing = `putting the rows into "${job.target}"`;
    const run = (sql: string) => connection.script(`${MARK}${sql}`, { doing, where: { table: job.target } });
    // A row that somebody else adds meanwhile would not be among those that are taken away.
    if (mode === 'replace') {
      await run(`LOCK TABLE ${target} IN SHARE ROW EXCLUSIVE MODE`);
      checkRefusals(
        await readDependents(connection, (await readTable(connection, name))?.oid ?? '0'),
        job.target,
      );
    }
    failpoint('publish.locked');
    const answer = (await run(mergeSql(site, request))).at(-1);
    rows = answer?.rowCount ?? -1;
    if (mode !== 'upsert' && rows !== request.rowCount) {
      throw new ParloadError(
        'COUNT_DIFFERS',
        `"${job.target}" took ${rows} of ${request.rowCount} rows; nothing was changed`,
        { where: { table: job.target }, hint: 'Is there a trigger or rule that drops rows?' },
      );
    }
    if (mode === 'replace') {
      const facts = await readTable(connection, name);
      const left = await recordReplaced(connection, site, facts?.oid ?? '0');
      for (const stage of left) await run(`DROP TABLE IF EXISTS ${quoteTable(stage)}`);
    } else {
      await recordAdded(connection, site);
    }
    await run(`DROP TABLE ${quoteTable(request.stage)}`);
    failpoint('publish.before-commit');
  });
  failpoint('publish.after-commit');
  return { rows };
}

function mergeSql(site: JobSite, { stage, columns, inherited }: MergeRequest): string {
  const { name } = site.need();
  const target = quoteTable(name);
  const names = columns.map(quoteIdent).join(', ');
  const source = quoteTable(stage);
  const { mode } = site.way;
  if (mode === 'append') return `INSERT INTO ${target} (${names}) SELECT ${names} FROM ${source}`;
  if (mode === 'upsert') return upsertSql(site, target, source, columns);
  // One statement, so that foreign keys are looked at when the new rows are there; the count makes the old ones go first,
  // or unique indexes would see both. DELETE and not TRUNCATE: who reads meanwhile keeps seeing the old rows, and nobody
  // waits.
  return `WITH gone AS (DELETE FROM ${inherited ? 'ONLY ' : ''}${target} RETURNING 1)
INSERT INTO ${target} (${names}) SELECT ${names} FROM ${source} WHERE (SELECT count(*) FROM gone) >= 0`;
}

/** In the order of the key: two merges that meet lock the same rows in the same order, so neither waits for the other's. */
function upsertSql(site: JobSite, target: string, source: string, columns: readonly string[]): string {
  const { key, onConflict, duplicates } = site.way;
  const names = columns.map(quoteIdent).join(', ');
  const keys = key.map(quoteIdent).join(', ');
  const direction = duplicates === 'last' ? ' DESC' : '';
  const rows =
    duplicates === 'error'
      ? `SELECT ${names} FROM ${source} ORDER BY ${keys}`
      : `SELECT DISTINCT ON (${keys}) ${names} FROM ${source}
           ORDER BY ${keys}, ${PLACE_COLUMN}${direction}, ${COUNT_COLUMN}${direction}`;
  const others = columns.filter((c) => !key.includes(c));
  const update = others.map((c) => `${quoteIdent(c)} = excluded.${quoteIdent(c)}`).join(', ');
  const action =
    onConflict === 'error'
      ? ''
      : onConflict === 'nothing' || others.length === 0
        ? `ON CONFLICT (${keys}) DO NOTHING`
        : `ON CONFLICT (${keys}) DO UPDATE SET ${update}`;
  return `INSERT INTO ${target} (${names}) ${rows} ${action}`;
}
