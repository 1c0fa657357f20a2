// What a load has dropped is built again, several indexes at a time; each leaves the ledger in its own transaction.
import type { PhaseReport } from '../../../model/index.ts';
import { failpoint, plural } from '../../../runtime/index.ts';
import type { PgConnection } from '../connection.ts';
import { quoteIdent, quoteLiteral, quoteTable } from '../identifiers.ts';
import { inLanes } from '../lanes.ts';
import type { JobSite } from '../site.ts';
import { inFinishing, MARK } from '../staging/finishing.ts';
import { type DroppedIndex, readDropped } from './dropped.ts';

/** How many were built. None: nothing was dropped, or it is built already. */
export async function rebuildIndexes(site: JobSite, oid: string, phase: PhaseReport): Promise<number> {
  const { request } = site.need();
  const dropped = await site.with(request.runId, false, (connection) => readDropped(connection, oid));
  if (dropped.length === 0) return 0;
  phase('index', plural(dropped.length, 'index', 'indexes'));
  await inLanes(site, dropped, request.workers, (connection, index) => rebuild(connection, site, oid, index));
  failpoint('indexes.built');
  return dropped.length;
}

async function rebuild(
  connection: PgConnection,
  site: JobSite,
  oid: string,
  { definition, clustered, comment }: DroppedIndex,
): Promise<void> {
  const { job, name } = site.need();
  const table = quoteTable(name);
  const own = quoteTable({ schema: name.schema, name: definition.name });
  const options = { lockTimeoutMs: site.lockTimeoutMs, bareSearchPath: false, fence: 'shared' } as const;
  const doing = `building index "${definition.name}" of "${job.target}"`;
  await inFinishing(connection, site, options, async () => {
    const mine = await connection.query(
      'DELETE FROM parload.dropped_index WHERE table_oid = $1::int8::oid AND name = $2 RETURNING 1 AS one',
      [oid, definition.name],
      { doing },
    );
    // Another run was faster.
    if (mine.length === 0) return;
    const { tablespace, tail, settings } = definition;
    const sql = [
      ...(tablespace === null ? [] : [`SET LOCAL default_tablespace = ${quoteIdent(tablespace)}`]),
      `CREATE INDEX ${quoteIdent(definition.name)} ON ${table} ${tail}`,
      ...settings.map((setting) => `ALTER INDEX ${own} ${setting}`),
      ...(comment === null ? [] : [`COMMENT ON INDEX ${own} IS ${quoteLiteral(comment)}`]),
      ...(clustered ? [`ALTER TABLE ${table} CLUSTER ON ${quoteIdent(definition.name)}`] : []),
    ];
    await connection.script(`${MARK}${sql.join('; ')}`, { doing, where: { table: job.target } });
    failpoint('indexes.building');
  });
}

/** What a run that did not come to its end has left dropped. Before anything else is done with the table. */
export async function restoreIndexes(connection: PgConnection, site: JobSite): Promise<readonly string[]> {
  const { name, job } = site.need();
  const doing = 'reading the ledger';
  await connection.query(
    `DELETE FROM parload.dropped_index d WHERE target = $1
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = d.table_oid)`,
    [job.target],
    { doing },
  );
  const [row] = await connection.query('SELECT to_regclass($1)::oid::int8::text AS oid', [quoteTable(name)], {
    doing,
  });
  if (row?.oid == null) return [];
  const count = await rebuildIndexes(site, String(row.oid), () => undefined);
  return count === 0
    ? []
    : [
        `${plural(count, 'index', 'indexes')} that an earlier run had dropped ${count === 1 ? 'was' : 'were'} built again`,
      ];
}
