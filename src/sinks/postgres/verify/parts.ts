// The table cut into parts that workers read side by side: ranges of pages of each relation that holds rows.
import type { Slice } from '../../../model/index.ts';
import type { PgConnection } from '../connection.ts';
import { showTable } from '../identifiers.ts';
import type { TablePart } from './ticket.ts';

/** Before version 14 a condition on ctid reads the whole table each time. */
const TID_RANGE_SCAN = 140_000;
/** Parts a worker: the last ones to end should be short. */
const PARTS_PER_WORKER = 6;
const LEAST_PAGES = 512;
const MOST_PAGES = 65_536;

/** The table itself, its partitions, and tables that inherit from it: whatever `SELECT FROM table` would read. */
const RELATIONS_SQL = `
WITH RECURSIVE tree AS (
  SELECT $1::int8::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree ON i.inhparent = tree.oid
)
SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
       CASE WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) / current_setting('block_size')::int8 ELSE 0 END::text AS pages,
       c.reltuples::float8 AS rows
  FROM tree JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'f', 'm') ORDER BY c.oid`;

interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly pages: number;
  /** As ANALYZE guessed it; below 0: never. */
  readonly rows: number;
  /** Tables only: others have no pages to point at. */
  readonly hasPages: boolean;
}

export async function readRelations(connection: PgConnection, oid: string): Promise<readonly Relation[]> {
  const rows = await connection.query(RELATIONS_SQL, [oid], { doing: 'looking at the size of the table' });
  return rows.map((row) => ({
    schema: String(row.schema),
    name: String(row.name),
    pages: Number(row.pages),
    rows: Number(row.rows),
    hasPages: row.kind === 'r',
  }));
}

/** Pure. Every row is in one part: the last part of a relation has no end, for pages that came in the meantime. */
export function tableParts(
  relations: readonly Relation[],
  options: { readonly workers: number; readonly serverVersion: number },
): Slice[] {
  const total = relations.reduce((sum, r) => sum + r.pages, 0);
  const wanted = Math.ceil(total / (options.workers * PARTS_PER_WORKER));
  const size = Math.min(MOST_PAGES, Math.max(LEAST_PAGES, wanted));
  const slices: Slice[] = [];
  for (const relation of relations) {
    const isCut = relation.hasPages && options.serverVersion >= TID_RANGE_SCAN;
    for (let from = 0; from === 0 || (isCut && from < relation.pages); from += size) {
      const isLast = !isCut || from + size >= relation.pages;
      const pages = isLast ? relation.pages - from : size;
      slices.push(
        partSlice(
          relation,
          { from: isCut && from > 0 ? from : null, to: isLast ? null : from + size },
          pages,
        ),
      );
    }
  }
  return slices;
}

const PAGE_BYTES = 8192;

function partSlice(
  relation: Relation,
  range: { readonly from: number | null; readonly to: number | null },
  pages: number,
): Slice {
  const { schema, name } = relation;
  const part: TablePart = { schema, name, ...range };
  const share = relation.pages === 0 ? 0 : pages / relation.pages;
  return {
    id: `table:${showTable({ schema, name })}:${range.from ?? 0}`,
    inputId: 'table',
    inputUri: showTable({ schema, name }),
    rowStart: 0,
    rowCount: Math.max(0, Math.round(relation.rows * share)),
    estBytes: pages * PAGE_BYTES,
    detail: { ...part },
    side: 'target',
  };
}
