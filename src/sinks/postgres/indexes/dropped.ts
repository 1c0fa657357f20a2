// Indexes that a load drops and builds again: which ones, and where they are written down meanwhile.
import type { PgConnection } from '../connection.ts';
import { quoteIdent, quoteTable } from '../identifiers.ts';
import { USE_HINT } from '../ledger-schema.ts';
import { lockTable } from '../lock-table.ts';
import type { JobSite } from '../site.ts';
import { type IndexDefinition, readDefinition } from '../staging/definition.ts';
import { inFinishing } from '../staging/finishing.ts';

export interface Droppable {
  readonly name: string;
  /** Why it stays; null: it can go. */
  readonly kept: string | null;
  readonly clustered: boolean;
  readonly comment: string | null;
}

/** All that is needed to build one again. */
export interface DroppedIndex {
  readonly definition: IndexDefinition;
  readonly clustered: boolean;
  readonly comment: string | null;
}

const DROPPABLE = `
SELECT i.relname::text AS name, x.indisclustered AS clustered, obj_description(i.oid, 'pg_class') AS comment,
       CASE WHEN t.relkind <> 'r' THEN 'the table is partitioned'
            WHEN i.relispartition THEN 'it is a part of the index of a partitioned table'
            WHEN x.indisunique OR x.indisexclusion THEN 'it keeps rows out'
            WHEN x.indisreplident THEN 'it is the replica identity'
            WHEN NOT x.indisvalid THEN 'it is not valid' END AS kept
  FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
  JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
 WHERE x.indrelid = $1::int8::oid ORDER BY i.relname`;

/** Only reads. */
export async function readDroppable(connection: PgConnection, oid: string): Promise<readonly Droppable[]> {
  const rows = await connection.query(DROPPABLE, [oid], { doing: 'looking at the indexes' });
  return rows.map((row) => ({
    name: String(row.name),
    kept: row.kept == null ? null : String(row.kept),
    clustered: row.clustered === true,
    comment: row.comment == null ? null : String(row.comment),
  }));
}

/** Of this table; the ledger must be there. */
export async function readDropped(connection: PgConnection, oid: string): Promise<readonly DroppedIndex[]> {
  const rows = await connection.query(
    'SELECT definition::text AS definition FROM parload.dropped_index WHERE table_oid = $1::int8::oid ORDER BY position',
    [oid],
    { doing: 'reading the ledger', deniedHint: USE_HINT },
  );
  return rows.map((row) => JSON.parse(String(row.definition)) as DroppedIndex);
}

/** Written down and dropped in one transaction. Returns their names. */
export async function dropIndexes(
  connection: PgConnection,
  site: JobSite,
  oid: string,
): Promise<readonly string[]> {
  const { job, name } = site.need();
  const options = { lockTimeoutMs: site.lockTimeoutMs, bareSearchPath: true, fence: 'shared' } as const;
  const doing = `dropping indexes of "${job.target}"`;
  return inFinishing(connection, site, options, async () => {
    await lockTable(connection, site, 'ACCESS EXCLUSIVE', doing);
    const going = new Map(
      (await readDroppable(connection, oid)).filter((d) => d.kept === null).map((d) => [d.name, d]),
    );
    const { indexes } = await readDefinition(connection, oid);
    const dropped = indexes.flatMap((definition): DroppedIndex[] => {
      const facts = going.get(definition.name);
      return facts === undefined ? [] : [{ definition, clustered: facts.clustered, comment: facts.comment }];
    });
    const names = dropped.map((d) => d.definition.name);
    if (names.length === 0) return names;
    await connection.query(
      `INSERT INTO parload.dropped_index (table_oid, name, position, target, job_id, definition)
       SELECT $1::int8::oid, r.item->'definition'->>'name', r.position, $2, $3, r.item
         FROM jsonb_array_elements($4::jsonb) WITH ORDINALITY AS r (item, position)
       ON CONFLICT (table_oid, name) DO UPDATE SET definition = excluded.definition`,
      [oid, job.target, job.jobId, JSON.stringify(dropped)],
      { doing },
    );
    const list = names.map((n) => quoteTable({ schema: name.schema, name: n })).join(', ');
    await connection.script(`DROP INDEX ${list}`, { doing, where: { table: job.target } });
    return names;
  });
}

export const listOf = (names: readonly string[]): string => names.map(quoteIdent).join(', ');
