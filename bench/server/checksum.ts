// One order-free sum of hashes a column, made by the server. Cheap rather than cryptographic: it finds lost, doubled and
// changed values, not a forger.
import { createHash } from 'node:crypto';
import type { BenchServer } from './bench-server.ts';

/** By type name; `$` is the column. Everything else is hashed as text. */
const HASHES: Readonly<Record<string, string>> = {
  bool: '$::int',
  int2: 'hashint2extended($, 0)',
  int4: 'hashint4extended($, 0)',
  int8: 'hashint8extended($, 0)',
  float4: 'hashfloat4extended($, 0)',
  float8: 'hashfloat8extended($, 0)',
  numeric: 'hash_numeric_extended($, 0)',
  text: 'hashtextextended($, 0)',
  date: 'timestamp_hash_extended($::timestamp, 0)',
  timestamp: 'timestamp_hash_extended($, 0)',
  timestamptz: "timestamp_hash_extended($ at time zone 'UTC', 0)",
  uuid: 'uuid_hash_extended($, 0)',
  bytea: "hashtextextended(encode($, 'hex'), 0)",
};

/** What a null adds to its column's sum. */
const NULL_HASH = '8191';

export interface TableSums {
  readonly rows: number;
  /** Digest of the sums in the columns' order; null when only rows were counted. */
  readonly digest: string | null;
}

export async function countRows(server: BenchServer, table: string): Promise<number> {
  const [row] = await server.query<{ rows: string }>(`select count(*) as rows from ${table}`);
  return Number(row?.rows ?? 0);
}

export async function tableSums(server: BenchServer, table: string): Promise<TableSums> {
  const columns = await server.query<{ name: string; type: string }>(
    `select quote_ident(attname) as name, typname as type from pg_attribute join pg_type t on t.oid = atttypid
     where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  const sums = columns.map(({ name, type }) => {
    const hash = (HASHES[type] ?? 'hashtextextended($::text, 0)').replaceAll('$', name);
    // One aggregate a column: Postgres allows 1,664 in a query, and a table may have 1,600 columns.
    return `coalesce(sum(coalesce(${hash}, ${NULL_HASH})), 0)::text`;
  });
  const sql = `select count(*) as rows, array[${sums.join(', ')}] as sums from ${table}`;
  const [row] = await server.query<{ rows: string; sums: readonly string[] }>(sql);
  const digest = createHash('sha256').update(row!.sums.join('\n')).digest('hex').slice(0, 16);
  return { rows: Number(row!.rows), digest };
}
