// Compares a table with what pyarrow read in the same files (scripts/golden/checksums.py says how the sums are made).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestDatabase } from '../support/postgres.ts';
import { ROOT } from '../support/root.ts';

type Kind =
  | 'int'
  | 'bool'
  | 'float8'
  | 'float4'
  | 'decimal'
  | 'timestamp'
  | 'time'
  | 'date'
  | 'text'
  | 'bytes'
  | 'list'
  | 'uuid';

interface GoldenColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly nulls: number;
  /** null where the columns are too many to list; the rows' hash has them. */
  readonly sum: string | null;
}

export interface Golden {
  readonly rows: number;
  /** Columns that must be refused, with the code. */
  readonly excluded: Readonly<Record<string, string>>;
  readonly columns: readonly GoldenColumn[];
  readonly rowHash: string;
}

interface GoldenFile {
  readonly rows: number;
  readonly excluded: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, { kind: Kind; nulls: number; sum: string }>> | readonly string[];
  readonly rowHash: string;
}

const columnsOf = ({ columns }: GoldenFile): GoldenColumn[] =>
  Array.isArray(columns)
    ? (columns as string[]).map((line) => {
        const [name = '', kind, nulls] = line.split(' ');
        return { name, kind: kind as Kind, nulls: Number(nulls), sum: null };
      })
    : Object.entries(columns as Record<string, { kind: Kind; nulls: number; sum: string }>).map(
        ([name, column]) => ({ name, ...column }),
      );

const text = readFileSync(join(ROOT, 'test', 'golden', 'shared-checksums.json'), 'utf8');
/** By path below the shared data. */
export const GOLDEN: ReadonlyMap<string, Golden> = new Map(
  Object.entries((JSON.parse(text) as { files: Record<string, GoldenFile> }).files).map(([name, file]) => [
    name,
    { rows: file.rows, excluded: file.excluded, columns: columnsOf(file), rowHash: file.rowHash },
  ]),
);

const md5of = (sql: string): string => `('x' || substr(md5(${sql}), 1, 15))::bit(60)::bigint`;

/** The value as an integer, or as a text where it has none; of `v`. */
const VALUE: Readonly<Record<Kind, (v: string) => string>> = {
  int: (v) => v,
  bool: (v) => `${v}::int`,
  float8: (v) => `('x' || encode(float8send(${v}), 'hex'))::bit(64)::bigint`,
  float4: (v) => `('x' || encode(float4send(${v}), 'hex'))::bit(32)::int`,
  decimal: (v) => v,
  timestamp: (v) => `(extract(epoch from ${v}) * 1000000)::bigint`,
  time: (v) => `(extract(epoch from ${v}) * 1000000)::bigint`,
  date: (v) => `(${v} - date '1970-01-01')`,
  text: (v) => v,
  bytes: (v) => `encode(${v}, 'hex')`,
  list: (v) => `array_to_json(${v})`,
  uuid: (v) => v,
};

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A sum of 64-bit integers overflows 64 bits; of `bigint` Postgres' sum is numeric already. */
const sumSql = (table: string, kind: Kind, v: string): string => {
  // Each text once: few are different, and MD5 is what costs.
  if (kind === 'text') {
    const groups = `select ${v} as v, count(*) as n from ${table} where ${v} is not null group by 1`;
    return `(select coalesce(sum(${md5of('v')} * n::numeric), 0)::text from (${groups}) as g)`;
  }
  // Of the bytes, not of their hexadecimal digits.
  if (kind === 'bytes') return `coalesce(sum(${md5of(v)}), 0)::text`;
  if (kind === 'list' || kind === 'uuid')
    return `coalesce(sum(${md5of(`${VALUE[kind](v)}::text`)}), 0)::text`;
  const integer = kind === 'decimal' ? v : `(${VALUE[kind](v)})::bigint`;
  return `coalesce(sum(${integer}), 0)::text`;
};

/** At most this many columns a query: a row of results has at most 1,664. */
const GROUP = 500;

export async function compareColumns(db: TestDatabase, table: string, golden: Golden): Promise<void> {
  const [count] = await db.query(`select count(*)::int as n from ${table}`);
  assert.equal(count?.n, golden.rows, 'rows');
  for (let at = 0; at < golden.columns.length; at += GROUP) {
    const columns = golden.columns.slice(at, at + GROUP);
    const parts = columns.flatMap(({ name, kind, sum }, i) => [
      `count(*) - count(${quote(name)}) as n${i}`,
      ...(sum === null ? [] : [`${sumSql(table, kind, quote(name))} as s${i}`]),
    ]);
    const [row = {}] = await db.query(`select ${parts.join(', ')} from ${table}`);
    const found = columns.map(({ name, sum }, i) => ({
      name,
      nulls: Number(row[`n${i}`]),
      sum: sum === null ? null : String(row[`s${i}`]),
    }));
    assert.deepEqual(
      found,
      columns.map(({ name, nulls, sum }) => ({ name, nulls, sum })),
    );
  }
}

/** Every value of a row together: what sums a column cannot see, values that changed their rows. */
export async function compareRows(db: TestDatabase, table: string, golden: Golden): Promise<void> {
  const texts = golden.columns.map(({ name, kind }) => `(${VALUE[kind](quote(name))})::text`);
  const row = `array_to_string(array[${texts.join(', ')}]::text[], '|', '\\N')`;
  const [found] = await db.query(`select coalesce(sum(${md5of(row)}), 0)::text as hash from ${table}`);
  assert.equal(found?.hash, golden.rowHash, 'the values of each row together');
}
