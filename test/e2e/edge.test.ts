// Every cell of the shared edge files: read back from Postgres equal to what pyarrow holds, or refused by column and row.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copy, type ParloadError } from '../../src/index.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';
import { sharedOrSkip, sharedPath } from '../support/shared.ts';
import { BYTES, type Expected, type Form, formOf, ISO_TEXT, NUMBER, readExpected } from './edge-values.ts';
import { copyArgs, copyJson } from './fixture.ts';

const postgres = withPostgres();

/** What no type of a new table holds, and why: docs/types.md says the same. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  date32_x: /outside of what date holds/,
  time64_ns: /has nanoseconds/,
  ts_ms_x: /outside of what timestamp holds/,
  ts_us_x: /outside of what timestamp holds/,
  ts_ns: /has nanoseconds/,
  ts_ns_utc: /has nanoseconds/,
  ts_ns_ny: /has nanoseconds/,
  ts_ns_p0530: /has nanoseconds/,
  ts_ns_x: /has nanoseconds/,
  dur_ns: /has nanoseconds/,
  str_nul_x: /holds a NUL character/,
};

/** Tables made beforehand, whose types hold these too. */
const OTHER_TARGETS: readonly (readonly [column: string, type: string, form: Form])[] = [
  ['date32_x', 'text', ISO_TEXT],
  ['time64_ns', 'text', ISO_TEXT],
  ...['ts_ms_x', 'ts_us_x', 'ts_ns', 'ts_ns_utc', 'ts_ns_ny', 'ts_ns_p0530', 'ts_ns_x'].flatMap(
    (column) =>
      [
        [column, 'text', ISO_TEXT],
        [column, 'bigint', NUMBER],
      ] as const,
  ),
  ['dur_ns', 'bigint', NUMBER],
  ['str_nul_x', 'bytea', BYTES],
];

const quote = (name: string): string => `"${name}"`;

async function compareCells(
  db: TestDatabase,
  table: string,
  expected: Expected,
  forms: ReadonlyMap<string, Form>,
): Promise<void> {
  const names = [...forms.keys()];
  const list = names.map((name, i) => `${forms.get(name)!.sql(quote(name))} as c${i}`).join(', ');
  const rows = await db.query(`select ${list} from ${table} order by parload_pos`);
  assert.equal(rows.length, expected.rows);
  for (const [i, name] of names.entries()) {
    const { arrow_type: type, values } = expected.columns[name]!;
    const found = rows.map((row) => row[`c${i}`] ?? null);
    const wanted = values.map((cell) => (cell === null ? null : forms.get(name)!.of(cell, type)));
    // jsonb sorts members, so both sides go through it
    const isJson = formOf(type).sql('x').startsWith('to_jsonb') && forms.get(name) === formOf(type);
    assert.deepEqual(found, isJson ? await throughJsonb(db, wanted) : wanted, `${name}: ${type}`);
  }
}

async function throughJsonb(db: TestDatabase, texts: readonly (string | null)[]): Promise<unknown[]> {
  const rows = await db.query(
    'select t::jsonb::text as t from unnest($1::text[]) with ordinality as u (t, n) order by n',
    [texts],
  );
  return rows.map((row) => row.t);
}

/** A table as parload makes it, with a column that numbers the rows as they come. */
async function createTable(path: string, db: TestDatabase, columns: readonly string[]): Promise<void> {
  const made = await copyJson(
    copyArgs(path, db, 'edge', ['--create-table', 'only', '--columns', columns.join(',')]),
  );
  assert.equal(made.code, 0, made.stderr);
  await db.query('alter table edge add column parload_pos bigserial');
}

const ONE_SLICE = ['--workers', '1', '--slice', 'auto'];

test('alltypes.parquet into a new table', async (t) => {
  const path = sharedOrSkip(t, 'data', 'edge', 'alltypes.parquet');
  if (path === null) return;
  const expected = readExpected(sharedPath('data', 'edge', 'alltypes.expected.json')!);
  const db = await postgres.freshDatabase();
  const names = Object.keys(expected.columns).filter((name) => REFUSED[name] === undefined);
  await createTable(path, db, names);
  const { code, stderr } = await copyJson(
    copyArgs(path, db, 'edge', [...ONE_SLICE, '--columns', names.join(',')]),
  );
  assert.equal(code, 0, stderr);
  await compareCells(
    db,
    'edge',
    expected,
    new Map(names.map((n) => [n, formOf(expected.columns[n]!.arrow_type)])),
  );
});

test('alltypes.parquet: what no new column holds is refused by column and row', async (t) => {
  const path = sharedOrSkip(t, 'data', 'edge', 'alltypes.parquet');
  if (path === null) return;
  const db = await postgres.freshDatabase();
  for (const [column, reason] of Object.entries(REFUSED)) {
    const sink = { url: db.url, table: column };
    await assert.rejects(
      copy({ source: [path], sink, columns: [column], workers: 1 }),
      (error: ParloadError) => {
        assert.equal(error.code, 'VALUE_REFUSED', error.message);
        assert.equal(error.where.column, column);
        assert.equal(typeof error.where.row, 'number');
        assert.match(error.message, reason);
        return true;
      },
    );
    assert.deepEqual(await db.query(`select 1 from ${quote(column)}`), []);
  }
});

test('alltypes.parquet: the same columns into tables that hold them', async (t) => {
  const path = sharedOrSkip(t, 'data', 'edge', 'alltypes.parquet');
  if (path === null) return;
  const expected = readExpected(sharedPath('data', 'edge', 'alltypes.expected.json')!);
  const db = await postgres.freshDatabase();
  for (const type of ['text', 'bigint', 'bytea']) {
    const targets = OTHER_TARGETS.filter(([, wanted]) => wanted === type);
    const columns = targets.map(([column]) => `${quote(column)} ${type}`).join(', ');
    await db.query(`create table ${type}_target (${columns}, parload_pos bigserial)`);
    const names = targets.map(([column]) => column);
    const { code, stderr } = await copyJson(
      copyArgs(path, db, `${type}_target`, [...ONE_SLICE, '--columns', names.join(',')]),
    );
    assert.equal(code, 0, stderr);
    await compareCells(
      db,
      `${type}_target`,
      expected,
      new Map(targets.map(([column, , form]) => [column, form])),
    );
  }
});

const DUCKDB_CHECKS = [
  ['duckdb_core', 'st', `st = jsonb_build_object('a', i32, 'b', '["x", null]'::jsonb)`, 5000],
  ['duckdb_core_v2', 'st', `st = jsonb_build_object('a', i32, 'b', '["x", null]'::jsonb)`, 5000],
  [
    'duckdb_types',
    'iv',
    `interval_send(iv) = interval_send(u8 * interval '1 month' + u8 * interval '1 day' + u8 * interval '1 ms')`,
    200,
  ],
] as const;

for (const [name, column, holds, rows] of DUCKDB_CHECKS) {
  test(`${name}.parquet: ${column} as DuckDB made it`, async (t) => {
    const path = sharedOrSkip(t, 'data', 'shapes', 'writers', `${name}.parquet`);
    if (path === null) return;
    const db = await postgres.freshDatabase();
    const [columns, table] = [name === 'duckdb_types' ? ['iv', 'u8'] : ['st', 'i32'], 'loaded'];
    await copy({ source: [path], sink: { url: db.url, table }, columns, workers: 1 });
    const [row] = await db.query(`select count(*)::int as n from loaded where ${holds}`);
    assert.equal(row?.n, rows);
  });
}
