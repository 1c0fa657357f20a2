// What the server sends back is taken for what was sent, type by type; and each type's smallest change is found.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import {
  type DataType,
  Decimal,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Struct,
  Utf8,
} from 'apache-arrow';
import { copy, type VerifyReport, verify } from '../../src/index.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';
import { sharedOrSkip } from '../support/shared.ts';

const postgres = withPostgres();
const dir = temporaryFolder();
let db: TestDatabase;

before(async () => {
  db = await postgres.freshDatabase();
  await db.query("create type mood as enum ('sad', 'so so', 'happy'); create type pair as (x int, y text)");
});

const load = async (path: string, table: string): Promise<VerifyReport> => {
  const job = { source: path, sink: { url: db.url, table }, workers: 1, timestampNs: 'truncate' as const };
  await copy(job);
  return verify(job);
};

interface Case {
  readonly name: string;
  readonly type: DataType;
  /** Of the table; default: what copy makes. */
  readonly sqlType?: string;
  readonly values: readonly unknown[];
  /** SQL for the first row: other bytes on the server, the same value. */
  readonly same?: string;
  /** SQL for the first row: another value. */
  readonly other: string;
}

const JSON_TEXT =
  '{"b": [1.50, 1e2, -0.00, null, true], "a": "x\\u00e9\\n\\ud83d\\ude00\\/", "b2": {"k": 1, "k": {"z": [], "y": {}}}}';

/** Words of a decimal128, least significant first. */
const dec = (value: bigint): Uint32Array =>
  Uint32Array.from({ length: 4 }, (_, k) => Number(BigInt.asUintN(32, value >> BigInt(32 * k))));

const CASES: readonly Case[] = [
  { name: 'int4', type: new Int32(), values: [1, null, -1], other: '2' },
  { name: 'int8', type: new Int64(), values: [1n, null, -(2n ** 63n)], other: '1 + 4294967296' },
  { name: 'float8', type: new Float64(), values: [0, Number.NaN, -0, Infinity], other: "'-0'::float8" },
  {
    name: 'float4',
    type: new Float32(),
    values: [Number.NaN, 1.5, -0],
    same: "'-nan'::float4",
    other: "'0'",
  },
  {
    name: 'float4 in a float8 column',
    type: new Float32(),
    sqlType: 'double precision',
    values: [1.1, -0, null],
    other: '1.1::float8',
  },
  {
    name: 'numeric of any scale',
    type: new Decimal(2, 12, 128),
    sqlType: 'numeric',
    values: [150n, 0n, -99999999n].map(dec),
    same: '1.5000',
    other: '1.51',
  },
  {
    name: 'numeric of more digits',
    type: new Decimal(2, 12, 128),
    sqlType: 'numeric(30,9)',
    values: [10000n, 1n].map(dec),
    other: '100.000000001',
  },
  {
    name: 'numeric from integers',
    type: new Int64(),
    sqlType: 'numeric',
    values: [10000n, 0n, -1n],
    same: '10000.00',
    other: '1000',
  },
  {
    name: 'jsonb',
    type: new Utf8(),
    sqlType: 'jsonb',
    values: [JSON_TEXT, '""', ' [ ] ', '-0', '1E-3'],
    other: `'{"b": [1.50, 100, 0, null, true], "a": "xé\\n😀/", "b2": {"k": {"z": [], "y": {"z": 0}}}}'`,
  },
  {
    name: 'jsonb spelled otherwise',
    type: new Utf8(),
    sqlType: 'jsonb',
    values: [JSON_TEXT],
    same: `'{"a": "xé\\n😀/", "b": [1.5, 100, 0, null, true], "b2": {"k": {"y": {}, "z": []}}}'`,
    other: `'{"a": "xé\\n😀/", "b": [1.5, 100, 0, true, null], "b2": {"k": {"y": {}, "z": []}}}'`,
  },
  { name: 'json', type: new Utf8(), sqlType: 'json', values: ['{"a":  1}'], other: `'{"a": 1}'` },
  { name: 'char(n)', type: new Utf8(), sqlType: 'char(6)', values: ['ab', '', 'abcdef'], other: "'aB'" },
  { name: 'varchar', type: new Utf8(), sqlType: 'varchar(9)', values: ['ab', '', null], other: "'ab '" },
  { name: 'enum', type: new Utf8(), sqlType: 'mood', values: ['sad', 'so so', null], other: "'happy'" },
  {
    name: 'uuid',
    type: new Utf8(),
    sqlType: 'uuid',
    values: ['6F9619FF-8B86-D011-B42D-00CF4FC964FF'],
    other: 'gen_random_uuid()',
  },
  {
    name: 'inet',
    type: new Utf8(),
    sqlType: 'inet',
    values: ['10.0.0.1', '::1', '10.1.2.3/8'],
    other: "'10.0.0.1/31'",
  },
  {
    name: 'cidr',
    type: new Utf8(),
    sqlType: 'cidr',
    values: ['10.0.0.0/8', '2001:db8::/32'],
    other: "'10.0.0.0/9'",
  },
  { name: 'bytea', type: new Utf8(), sqlType: 'bytea', values: ['abc', '', null], other: "'abd'" },
  {
    name: 'arrays',
    type: new List(new Field('item', new Int32(), true)),
    values: [[1, 2], [], null, [null, 3]],
    other: 'array[2, 1]',
  },
  {
    name: 'arrays with a NULL that went',
    type: new List(new Field('item', new Int32(), true)),
    values: [[1, 2], [4]],
    same: '(array[1, null, 2])[1:1] || 2',
    other: 'array[1, null]',
  },
  {
    name: 'arrays of numeric',
    type: new List(new Field('item', new Decimal(2, 12, 128), true)),
    sqlType: 'numeric[]',
    values: [[dec(150n), null], []],
    same: 'array[1.5, null]',
    other: 'array[null, 1.5]',
  },
  {
    name: 'composites',
    type: new Struct<{ x: Int32; y: Utf8 }>([
      new Field('x', new Int32(), true),
      new Field('y', new Utf8(), true),
    ]),
    sqlType: 'pair',
    values: [{ x: 1, y: 'a' }, { x: null, y: '' }, null],
    other: 'row(1, null)::pair',
  },
  {
    name: 'structs in jsonb',
    type: new Struct<{ x: Float64; y: Utf8 }>([
      new Field('x', new Float64(), true),
      new Field('y', new Utf8(), true),
    ]),
    values: [{ x: 1e21, y: 'a"\\' }, { x: null, y: '' }, null],
    same: `'{"y": "a\\"\\\\", "x": 1e21}'`,
    other: `'{"y": "a\\"", "x": 1e21}'`,
  },
];

describe('other bytes of the same value are equal, and the smallest change is found', () => {
  for (const [at, { name, type, sqlType, values, same, other }] of CASES.entries()) {
    test(name, async () => {
      const path = join(dir, `case${at}.parquet`);
      writeParquetFile(path, {
        rows: values.length,
        columns: [
          { name: 'id', type: new Int32(), value: (row) => row, nullable: false },
          { name: 'v', type, value: (row) => values[row] },
        ],
      });
      const table = `case${at}`;
      if (sqlType !== undefined) await db.query(`create table ${table} (id int, v ${sqlType})`);
      const loaded = await load(path, table);
      assert.equal(loaded.state, 'equal', JSON.stringify(loaded));
      assert.deepEqual(
        loaded.notes.filter((note) => note.includes('only the NULLs')),
        [],
      );
      const job = { source: path, sink: { url: db.url, table }, workers: 1 };
      if (same !== undefined) {
        await db.query(`update ${table} set v = ${same} where id = 0`);
        assert.equal((await verify(job)).state, 'equal', same);
      }
      await db.query(`update ${table} set v = ${other} where id = 0`);
      const changed = await verify(job);
      assert.deepEqual(
        changed.columns.filter((c) => !c.equal).map((c) => c.name),
        ['v'],
      );
    });
  }
});

describe('files of every type', () => {
  for (const name of ['alltypes_flat_pgsafe.parquet', 'alltypes_nested.parquet']) {
    test(name, async (t) => {
      const path = sharedOrSkip(t, 'data', 'edge', name);
      if (path === null) return;
      const { state, columns, notes } = await load(path, name.replace('.parquet', ''));
      assert.equal(state, 'equal', JSON.stringify(columns.filter((c) => !c.equal)));
      assert.deepEqual(
        notes.filter((note) => note.includes('only the NULLs')),
        [],
      );
    });
  }
});
