// INT96, INTERVAL and ENUM, flat and within lists: what the decoder library would change on its way into Postgres.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { IntervalDayTime, IntervalYearMonth } from 'apache-arrow';
import { copy, inspect, type ParloadError } from '../../src/index.ts';
import { int96Bytes } from '../support/columns.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { type Leaf, PHYSICAL, type PlainColumn, plainParquet } from '../support/plain-parquet.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';

const postgres = withPostgres();
const folder = temporaryFolder();

const int96: Leaf = { physical: PHYSICAL.int96, plain: (ns) => int96Bytes([ns as bigint]) };
const interval: Leaf = {
  physical: PHYSICAL.fixed,
  typeLength: 12,
  converted: 21,
  plain: (parts) => new Uint8Array(Uint32Array.from(parts as number[]).buffer),
};
const enumeration: Leaf = {
  physical: PHYSICAL.bytes,
  converted: 4,
  plain: (text) => {
    const bytes = Buffer.from(text as string);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  },
};

const ns = (text: string, more = 0n): bigint => BigInt(Date.parse(text)) * 1_000_000n + more;
/** The year 9999 is where 64-bit nanoseconds have long ended. */
const FAR = ns('9999-12-31T23:59:59.999Z', 999_000n);
const INSTANTS = [
  ns('2024-02-29T12:00:00Z', 1000n),
  FAR,
  null,
  ns('0001-01-01T00:00:00Z'),
  ns('1582-10-04T00:00:00Z'),
];
const INSTANT_TEXTS = [
  '2024-02-29 12:00:00.000001',
  '9999-12-31 23:59:59.999999',
  null,
  '0001-01-01 00:00:00',
  '1582-10-04 00:00:00',
];

const COLUMNS: readonly PlainColumn[] = [
  { name: 'ts', leaf: int96, values: INSTANTS },
  { name: 'tss', leaf: int96, isList: true, values: [INSTANTS, [], null, [FAR], [null]] },
  {
    name: 'iv',
    leaf: interval,
    values: [[14, 3, 1500], [0, 0, 0], null, [1, 0, 4294967295], [0, 2147483647, 0]],
  },
  {
    name: 'ivs',
    leaf: interval,
    isList: true,
    values: [[[1, 2, 3], null], [], null, [[0, 0, 1]], [[12, 0, 0]]],
  },
  { name: 'mood', leaf: enumeration, values: ['ok', 'sad', null, 'ok', 'ok'] },
  { name: 'moods', leaf: enumeration, isList: true, values: [['ok', 'sad'], [], null, [null], ['ok']] },
];

const write = (name: string, columns: readonly PlainColumn[]): string => {
  const path = join(folder, `${name}.parquet`);
  writeFileSync(path, plainParquet(columns));
  return path;
};

const shown = async (db: TestDatabase, sql: string): Promise<unknown[]> =>
  (await db.query(`select ${sql} as v from loaded order by pos`)).map((row) => row.v);

test('types as they are planned', async () => {
  const { columns } = await inspect(write('inspected', COLUMNS));
  assert.deepEqual(
    columns.map(({ name, type }) => `${name} ${type}`),
    [
      'ts timestamp[int96]',
      'tss list<element: timestamp[int96]>',
      'iv interval[monthDayMs]',
      'ivs list<element: interval[monthDayMs]>',
      'mood string',
      'moods list<element: string>',
    ],
  );
});

test('into a new table', async () => {
  const db = await postgres.freshDatabase();
  const sink = { url: db.url, table: 'loaded' };
  await copy({ source: [write('all', COLUMNS)], sink, workers: 1 });
  await db.query('alter table loaded add column pos bigserial');
  const types = await db.query(
    `select string_agg(format_type(atttypid, atttypmod), ', ' order by attnum) as t from pg_attribute
      where attrelid = 'loaded'::regclass and attnum > 0 and attname <> 'pos'`,
  );
  assert.equal(
    types[0]?.t,
    'timestamp without time zone, timestamp without time zone[], interval, interval[], text, text[]',
  );
  assert.deepEqual(await shown(db, 'ts::text'), INSTANT_TEXTS);
  const quoted = INSTANT_TEXTS.map((text) => (text === null ? 'NULL' : `"${text}"`));
  assert.deepEqual(await shown(db, 'tss::text'), [
    `{${quoted.join(',')}}`,
    '{}',
    null,
    `{${quoted[1]}}`,
    '{NULL}',
  ]);
  await db.query("set intervalstyle = 'postgres'");
  assert.deepEqual(await shown(db, 'iv::text'), [
    '1 year 2 mons 3 days 00:00:01.5',
    '00:00:00',
    null,
    '1 mon 1193:02:47.295',
    '2147483647 days',
  ]);
  assert.deepEqual(await shown(db, 'ivs::text'), [
    '{"1 mon 2 days 00:00:00.003",NULL}',
    '{}',
    null,
    '{00:00:00.001}',
    '{"1 year"}',
  ]);
  assert.deepEqual(await shown(db, 'mood'), ['ok', 'sad', null, 'ok', 'ok']);
  assert.deepEqual(await shown(db, 'moods'), [['ok', 'sad'], [], null, [null], ['ok']]);
});

test('into enum types, filtered by a timestamp beyond 64-bit nanoseconds', async () => {
  const db = await postgres.freshDatabase();
  await db.query(`create type mood as enum ('sad', 'ok')`);
  await db.query('create table loaded (pos bigserial, mood mood, moods mood[])');
  await copy({
    source: [write('filtered', COLUMNS)],
    sink: { url: db.url, table: 'loaded' },
    columns: ['mood', 'moods'],
    where: "ts < '2500-01-01' and ts > '1000-01-01'",
    workers: 1,
  });
  assert.deepEqual(await shown(db, 'mood::text'), ['ok', 'ok']);
  assert.deepEqual(await shown(db, 'moods::text'), ['{ok,sad}', '{ok}']);
});

test('nanoseconds of an INT96, and months beyond an interval, are refused by row', async () => {
  const db = await postgres.freshDatabase();
  const cases: readonly (readonly [string, PlainColumn, RegExp])[] = [
    ['ns', { name: 'v', leaf: int96, values: [null, ns('2024-01-01T00:00:00Z', 1n)] }, /has nanoseconds/],
    [
      'far',
      { name: 'v', leaf: int96, values: [null, 300_000n * 366n * 86_400_000_000_000n] },
      /outside of what timestamp/,
    ],
    ['months', { name: 'v', leaf: interval, values: [null, [2 ** 31, 0, 0]] }, /outside of what interval/],
  ];
  for (const [table, column, reason] of cases) {
    await assert.rejects(
      copy({ source: [write(table, [column])], sink: { url: db.url, table }, workers: 1 }),
      (error: ParloadError) => {
        assert.equal(error.code, 'VALUE_REFUSED', error.message);
        assert.deepEqual([error.where.column, error.where.row], ['v', 1]);
        assert.match(error.message, reason);
        return true;
      },
    );
  }
});

test("intervals that Arrow's own writer stored, with its schema beside", async () => {
  const path = join(folder, 'arrow.parquet');
  writeParquetFile(path, {
    rows: 3,
    columns: [
      {
        name: 'ym',
        type: new IntervalYearMonth(),
        value: (row) => (row === 1 ? null : Int32Array.of(1, row)),
      },
      { name: 'dt', type: new IntervalDayTime(), value: (row) => Int32Array.of(row, 1500) },
    ],
  });
  const db = await postgres.freshDatabase();
  await copy({ source: [path], sink: { url: db.url, table: 'loaded' }, workers: 1 });
  await db.query('alter table loaded add column pos bigserial');
  assert.deepEqual(await shown(db, "ym = interval '1 year' + (pos - 1) * interval '1 month'"), [
    true,
    null,
    true,
  ]);
  assert.deepEqual(
    await shown(db, "interval_send(dt) = interval_send((pos - 1) * interval '1 day' + interval '1.5 s')"),
    [true, true, true],
  );
});
