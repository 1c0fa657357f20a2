// Our bytes against the server's own: for every value, COPY (SELECT value) TO STDOUT (FORMAT binary) must be what we write.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPgCopyEncoder, defaultPgType, type PgType } from '../../src/encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../src/errors/index.ts';
import type { ArrowBatch, ArrowColumn, ArrowType } from '../../src/model/index.ts';
import {
  batchOf,
  bigIntBytes,
  boolColumn,
  bytesColumn,
  dictionaryColumn,
  field,
  fixedColumn,
  listColumn,
} from '../support/columns.ts';
import { copyOut } from '../support/copy-out.ts';
import { withPostgres } from '../support/postgres.ts';

const postgres = withPostgres();

const INT = (bits: 8 | 16 | 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const TS = (unit: 's' | 'ms' | 'us' | 'ns', timezone: string | null = null): ArrowType => ({
  id: 'timestamp',
  unit,
  timezone,
});

interface Case {
  readonly name: string;
  readonly column: ArrowColumn;
  /** SQL expressions, one a row. */
  readonly sql: readonly string[];
  /** Default: what a new table would get. */
  readonly into?: PgType;
}

const pgType = (name: string, display: string, typmod = -1): PgType => ({
  oid: 0,
  name,
  kind: 'base',
  typmod,
  element: null,
  attributes: null,
  display,
});

const ints = (
  name: string,
  type: ArrowType,
  bits: number,
  values: readonly (bigint | null)[],
  sqlType: string,
  into?: PgType,
): Case => ({
  name,
  column: fixedColumn(
    type,
    bigIntBytes(values, bits),
    values.map((v) => v !== null),
  ),
  sql: values.map((v) => (v === null ? `null::${sqlType}` : `'${v}'::${sqlType}`)),
  ...(into === undefined ? {} : { into }),
});

const I64 = 9223372036854775807n;

const decimals = (
  bits: 32 | 64 | 128 | 256,
  precision: number,
  scale: number,
  values: readonly bigint[],
): Case => ({
  name: `decimal${bits}(${precision},${scale})`,
  column: fixedColumn(
    { id: 'decimal', bits, precision, scale },
    bigIntBytes(values, bits),
    values.map(() => true),
  ),
  sql: values.map((v) => {
    const digits = (v < 0n ? -v : v).toString().padStart(scale + 1, '0');
    const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return `'${v < 0n ? '-' : ''}${text}'::numeric(${Math.max(precision, scale)},${scale})`;
  }),
});

/** Edge digits of a precision: powers of ten and their neighbours, and runs with zero groups inside. */
function digitEdges(precision: number): bigint[] {
  const out = [0n, 1n, -1n];
  for (let k = 0; k < precision; k++) {
    const p = 10n ** BigInt(k);
    out.push(p, -p, p * 10n - 1n, p + 1n);
  }
  out.push(10n ** BigInt(precision) - 1n, -(10n ** BigInt(precision)) + 1n);
  let x = 88172645463325252n;
  for (let k = 0; k < 60; k++) {
    x ^= BigInt.asUintN(64, x << 13n);
    x ^= x >> 7n;
    x ^= BigInt.asUintN(64, x << 17n);
    const wide = (x * x * x * x) % 10n ** BigInt(1 + (k % precision));
    out.push(k % 2 === 0 ? wide : -wide);
  }
  return out.filter((v) => (v < 0n ? -v : v) < 10n ** BigInt(precision));
}

const timestamps = (unit: 's' | 'ms' | 'us' | 'ns', values: readonly bigint[]): Case => {
  const perSecond = { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n }[unit];
  return {
    name: `timestamp[${unit}]`,
    column: fixedColumn(
      TS(unit),
      bigIntBytes(values, 64),
      values.map(() => true),
    ),
    sql: values.map((v) => {
      const micros = (v * 1_000_000n) / perSecond;
      // in whole days and microseconds: to_timestamp goes through doubles
      const days = micros / 86_400_000_000n;
      return `timestamp '1970-01-01' + ${days} * interval '1 day' + ${micros - days * 86_400_000_000n} * interval '1 microsecond'`;
    }),
  };
};

const SECONDS = [
  0n,
  1n,
  -1n,
  946_684_800n,
  946_684_799n,
  1_700_000_000n,
  -62_135_596_800n,
  253_402_300_799n,
  9_224_318_015_999n,
  -210_866_803_200n,
];

const floats64 = Float64Array.of(
  0,
  -0,
  1.5,
  -1e308,
  5e-324,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  0.1,
);
const floats32 = Float32Array.of(
  0,
  -0,
  1.5,
  -3.4028234663852886e38,
  1.401298464324817e-45,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  0.1,
);
const floatSql = (values: Iterable<number>, type: string): string[] =>
  [...values].map((v) => `'${Object.is(v, -0) ? '-0' : v}'::${type}`);

const TEXTS = [
  '',
  'a',
  'naïve',
  '日本語',
  '👩‍👩‍👧',
  'it\'s \\ "quoted"\n\r\t',
  'x'.repeat(39),
  'x'.repeat(40),
  'long '.repeat(1000),
  null,
];
const textSql = (values: readonly (string | null)[], type: string): string[] =>
  values.map((v) =>
    v === null ? `null::${type}` : `convert_from('\\x${Buffer.from(v).toString('hex')}','utf8')::${type}`,
  );

const uuid = Uint8Array.from({ length: 32 }, (_, i) => i * 7);

const CASES: readonly Case[] = [
  {
    name: 'bool',
    column: boolColumn([true, false, null, true, false, true, true, false, true]),
    sql: ['true', 'false', 'null::bool', 'true', 'false', 'true', 'true', 'false', 'true'],
  },
  ints('int8', INT(8), 8, [0n, 127n, -128n, null], 'int2'),
  ints('uint8', INT(8, false), 8, [0n, 255n, null], 'int2'),
  ints('int16', INT(16), 16, [0n, 32767n, -32768n], 'int2'),
  ints('uint16', INT(16, false), 16, [0n, 65535n], 'int4'),
  ints('int32', INT(32), 32, [0n, 2147483647n, -2147483648n, null], 'int4'),
  ints('uint32', INT(32, false), 32, [0n, 4294967295n], 'int8'),
  ints('int64', INT(64), 64, [0n, 1n, I64, 9007199254740993n, null], 'int8'),
  ints('int64 negative', INT(64), 64, [-1n, -I64 - 1n, I64, -9007199254740993n, null], 'int8'),
  ints('uint64', INT(64, false), 64, [0n, 1n, I64, I64 + 1n, 18446744073709551615n, null], 'numeric(20,0)'),
  ints(
    'int64 into int4',
    INT(64),
    64,
    [0n, -1n, 2147483647n, -2147483648n],
    'int4',
    pgType('int4', 'integer'),
  ),
  ints('int64 into int2', INT(64), 64, [0n, -1n, 32767n, -32768n], 'int2', pgType('int2', 'smallint')),
  ints(
    'int32 into int8',
    INT(32),
    32,
    [0n, -1n, 2147483647n, -2147483648n],
    'int8',
    pgType('int8', 'bigint'),
  ),
  ints('uint32 into int4', INT(32, false), 32, [0n, 2147483647n], 'int4', pgType('int4', 'integer')),
  ints(
    'int32 into numeric',
    INT(32),
    32,
    [0n, -1n, 10000n, 2147483647n, -2147483648n],
    'numeric',
    pgType('numeric', 'numeric'),
  ),
  ints(
    'int64 into numeric',
    INT(64),
    64,
    [0n, -1n, 10000n, I64, -I64 - 1n, 9007199254740993n],
    'numeric',
    pgType('numeric', 'numeric'),
  ),
  ints(
    'int32 into float8',
    INT(32),
    32,
    [0n, -1n, 2147483647n],
    'float8',
    pgType('float8', 'double precision'),
  ),
  ints(
    'int64 into float8',
    INT(64),
    64,
    [0n, -1n, 9007199254740992n],
    'float8',
    pgType('float8', 'double precision'),
  ),
  {
    name: 'float64',
    column: fixedColumn(
      { id: 'float', bits: 64 },
      floats64,
      [...floats64].map(() => true),
    ),
    sql: floatSql(floats64, 'float8'),
  },
  {
    name: 'float64 without NaN',
    column: fixedColumn({ id: 'float', bits: 64 }, floats64.slice(0, 5), [true, true, false, true, true]),
    sql: floatSql(floats64.slice(0, 5), 'float8').with(2, 'null::float8'),
  },
  {
    name: 'float32',
    column: fixedColumn(
      { id: 'float', bits: 32 },
      floats32,
      [...floats32].map(() => true),
    ),
    sql: floatSql(floats32, 'float4'),
  },
  {
    name: 'float32 into float8',
    column: fixedColumn(
      { id: 'float', bits: 32 },
      floats32,
      [...floats32].map(() => true),
    ),
    sql: floatSql(floats32, 'float8'),
    into: pgType('float8', 'double precision'),
  },
  {
    name: 'float64 into float4',
    column: fixedColumn({ id: 'float', bits: 64 }, Float64Array.of(1.5, -0, Number.NaN, 0.25), [
      true,
      true,
      true,
      true,
    ]),
    sql: ['1.5::float4', "'-0'::float4", "'nan'::float4", '0.25::float4'],
    into: pgType('float4', 'real'),
  },
  {
    name: 'float16',
    column: fixedColumn(
      { id: 'float', bits: 16 },
      Uint16Array.of(0, 0x8000, 0x3c00, 0x7bff, 0x0001, 0x7c00, 0xfc00, 0x7e00, 0x3555),
      Array(9).fill(true),
    ),
    sql: [
      '0::float4',
      "'-0'::float4",
      '1::float4',
      '65504::float4',
      '5.9604645e-08::float4',
      "'inf'::float4",
      "'-inf'::float4",
      "'nan'::float4",
      '0.333251953125::float4',
    ],
  },
  decimals(32, 9, 2, digitEdges(9)),
  decimals(64, 18, 4, digitEdges(18)),
  decimals(64, 18, 18, digitEdges(18)),
  decimals(128, 5, 5, digitEdges(5)),
  ...[0, 1, 2, 3, 4, 10, 15, 16, 17, 37, 38].map((scale) => decimals(128, 38, scale, digitEdges(38))),
  ...[0, 2, 38, 76].map((scale) => decimals(256, 76, scale, digitEdges(76))),
  {
    name: 'date32',
    column: fixedColumn(
      { id: 'date', unit: 'day' },
      Int32Array.of(0, 10957, -1, 2932896, -719162, -2440588, 2145042541, 0),
      [true, true, true, true, true, true, true, false],
    ),
    sql: [
      ...[0, 10957, -1, 2932896, -719162, -2440588, 2145042541].map((d) => `date '1970-01-01' + ${d}`),
      'null::date',
    ],
  },
  {
    name: 'date64',
    column: fixedColumn({ id: 'date', unit: 'ms' }, BigInt64Array.of(0n, 86_400_000n, -86_400_000n), [
      true,
      true,
      true,
    ]),
    sql: ["date '1970-01-01'", "date '1970-01-02'", "date '1969-12-31'"],
  },
  {
    name: 'date32 into timestamp',
    column: fixedColumn({ id: 'date', unit: 'day' }, Int32Array.of(0, 10957, -1, 2932896, -2440588), [
      true,
      true,
      true,
      true,
      true,
    ]),
    sql: [0, 10957, -1, 2932896, -2440588].map((d) => `(date '1970-01-01' + ${d})::timestamp`),
    into: pgType('timestamp', 'timestamp'),
  },
  {
    name: 'time32[s]',
    column: fixedColumn({ id: 'time', unit: 's' }, Int32Array.of(0, 1, 86399, 86400), [
      true,
      true,
      true,
      true,
    ]),
    sql: ["time '00:00'", "time '00:00:01'", "time '23:59:59'", "time '24:00'"],
  },
  {
    name: 'time32[ms]',
    column: fixedColumn({ id: 'time', unit: 'ms' }, Int32Array.of(1, 86399999), [true, true]),
    sql: ["time '00:00:00.001'", "time '23:59:59.999'"],
  },
  {
    name: 'time64[us]',
    column: fixedColumn({ id: 'time', unit: 'us' }, BigInt64Array.of(1n, 86_399_999_999n), [true, true]),
    sql: ["time '00:00:00.000001'", "time '23:59:59.999999'"],
  },
  {
    name: 'time64[ns]',
    column: fixedColumn({ id: 'time', unit: 'ns' }, BigInt64Array.of(1000n, 86_399_999_999_000n), [
      true,
      true,
    ]),
    sql: ["time '00:00:00.000001'", "time '23:59:59.999999'"],
  },
  timestamps('s', SECONDS),
  timestamps(
    'ms',
    SECONDS.flatMap((s) => [s * 1000n, s * 1000n - 1n]).filter((v) => v > -210_866_803_200_000n),
  ),
  timestamps(
    'us',
    SECONDS.flatMap((s) => [s * 1_000_000n, s * 1_000_000n + 1n]).filter((v) => v <= I64),
  ),
  timestamps('ns', [
    0n,
    1000n,
    -1000n,
    1_700_000_000_123_456_000n,
    -9_223_372_036_854_775_000n,
    9_223_372_036_854_775_000n,
  ]),
  {
    name: 'timestamp[us, UTC]',
    column: fixedColumn(TS('us', 'UTC'), BigInt64Array.of(0n, -1n), [true, true]),
    sql: ["timestamptz '1970-01-01 00:00+00'", "timestamptz '1969-12-31 23:59:59.999999+00'"],
  },
  {
    name: 'duration[ms]',
    column: fixedColumn({ id: 'duration', unit: 'ms' }, BigInt64Array.of(1n, -1n, 90_061_000n), [
      true,
      true,
      true,
    ]),
    sql: ["interval '1 millisecond'", "interval '-1 millisecond'", "90061000000 * interval '1 microsecond'"],
  },
  { name: 'utf8', column: bytesColumn({ id: 'utf8', large: false }, TEXTS), sql: textSql(TEXTS, 'text') },
  {
    name: 'large utf8',
    column: bytesColumn({ id: 'utf8', large: true }, TEXTS),
    sql: textSql(TEXTS, 'text'),
  },
  {
    name: 'utf8 into jsonb',
    column: bytesColumn({ id: 'utf8', large: false }, ['{"a": [1, null]}', '"x"', null]),
    sql: [`'{"a": [1, null]}'::jsonb`, `'"x"'::jsonb`, 'null::jsonb'],
    into: pgType('jsonb', 'jsonb'),
  },
  {
    name: 'utf8 into varchar(3)',
    column: bytesColumn({ id: 'utf8', large: false }, ['abc', '日本語', '']),
    sql: textSql(['abc', '日本語', ''], 'varchar(3)'),
    into: pgType('varchar', 'varchar(3)', 7),
  },
  {
    name: 'binary',
    column: bytesColumn({ id: 'binary', large: false }, [new Uint8Array(0), Uint8Array.of(0, 255, 10), null]),
    sql: ["''::bytea", "'\\x00ff0a'::bytea", 'null::bytea'],
  },
  {
    name: 'fixed binary',
    column: fixedColumn({ id: 'fixedBinary', byteWidth: 3 }, Uint8Array.of(1, 2, 3, 0, 0, 255), [true, true]),
    sql: ["'\\x010203'::bytea", "'\\x0000ff'::bytea"],
  },
  {
    name: 'uuid',
    column: fixedColumn({ id: 'fixedBinary', byteWidth: 16 }, uuid, [true, true]),
    sql: [0, 16].map((at) => `'${Buffer.from(uuid.subarray(at, at + 16)).toString('hex')}'::uuid`),
    into: pgType('uuid', 'uuid'),
  },
  {
    name: 'dictionary',
    column: dictionaryColumn(
      [1, 0, null, 1, 2],
      bytesColumn({ id: 'utf8', large: false }, ['a', 'bc', null]),
    ),
    sql: textSql(['bc', 'a', null, 'bc', null], 'text'),
  },
  {
    name: 'list<int32>',
    column: listColumn(
      field('item', INT(32)),
      [2, 0, null, 3],
      fixedColumn(INT(32), Int32Array.of(1, 2, 3, 4, 5), [true, true, true, true, true]),
    ),
    sql: ['array[1,2]', "'{}'::int4[]", 'null::int4[]', 'array[3,4,5]'],
  },
  {
    name: 'list<string>',
    column: listColumn(
      field('item', { id: 'utf8', large: false }),
      [3, 1],
      bytesColumn({ id: 'utf8', large: false }, ['x', null, '', 'yy']),
      true,
    ),
    sql: ["array['x',null,'']", "array['yy']"],
  },
  {
    name: 'list<dictionary>',
    column: listColumn(
      field('item', { id: 'dictionary', index: INT(32), value: INT(64) }),
      [2, 1],
      dictionaryColumn([1, 0, 1], fixedColumn(INT(64), BigInt64Array.of(7n, 8n), [true, true])),
    ),
    sql: ['array[8,7]::int8[]', 'array[8]::int8[]'],
  },
  {
    name: 'null',
    column: {
      type: { id: 'null' },
      length: 2,
      offset: 0,
      nullCount: 2,
      validity: null,
      offsets: null,
      data: null,
      children: [],
      dictionary: null,
    },
    sql: ['null::text', 'null::text'],
  },
];

function encodeAll(batch: ArrowBatch, types: readonly PgType[]): Buffer {
  const encoder = createPgCopyEncoder(
    batch.schema,
    batch.schema.fields.map((f, j) => ({ name: f.name, type: types[j]! })),
  );
  const out = new Uint8Array(1 << 20);
  const rows = batch.selection?.length ?? batch.length;
  const { rows: taken, end } = encoder.encode(batch, 0, out, 0);
  assert.equal(taken, rows);
  return Buffer.from(out.subarray(0, end));
}

/** The rows of a binary COPY: what the server sends without its header and trailer. */
async function serverRows(selects: readonly string[]): Promise<Buffer> {
  const db = await postgres.freshDatabase();
  const client = await db.connect();
  const messages = await copyOut(client, selects.join(' union all '));
  const all = Buffer.concat(messages);
  return all.subarray(19, all.length - 2);
}

for (const { name, column, sql, into } of CASES) {
  test(`${name}: bytes equal the server's`, async () => {
    const batch = batchOf({ v: column });
    const expected = await serverRows(sql.map((expression) => `select ${expression}`));
    const actual = encodeAll(batch, [into ?? defaultPgType(batch.schema.fields[0]!)]);
    assert.equal(actual.toString('hex'), expected.toString('hex'));
  });
}

test('all at once, and again through a selection vector', async () => {
  const rows = 2;
  const chosen = CASES.filter((c) => c.into === undefined && c.column.length >= rows);
  const batch = batchOf(Object.fromEntries(chosen.map((c, j) => [`c${j}`, c.column])), Int32Array.of(1, 0));
  const select = (r: number): string => `select ${chosen.map((c, j) => `${c.sql[r]} as c${j}`).join(',')}`;
  // more columns than one generated function takes: written in groups
  assert.ok(chosen.length > 32);
  const expected = await serverRows([select(1), select(0)]);
  const types = batch.schema.fields.map((f) => defaultPgType(f));
  assert.equal(encodeAll(batch, types).toString('hex'), expected.toString('hex'));
});

const REFUSED: readonly (Case & { readonly row: number; readonly reason: RegExp })[] = [
  {
    ...ints('int64 beyond int4', INT(64), 64, [1n, 2147483648n], 'int8', pgType('int4', 'integer')),
    row: 1,
    reason: /out of range for int4/,
  },
  {
    ...ints('int64 below int4', INT(64), 64, [1n, -2147483649n], 'int8', pgType('int4', 'integer')),
    row: 1,
    reason: /out of range for int4/,
  },
  {
    ...ints('uint64 beyond int8', INT(64, false), 64, [I64 + 1n], 'numeric', pgType('int8', 'bigint')),
    row: 0,
    reason: /out of range for int8/,
  },
  {
    ...ints(
      '2^53+1 into float8',
      INT(64),
      64,
      [9007199254740992n, -9007199254740992n, 2n ** 62n, -(2n ** 63n), 9007199254740993n],
      'int8',
      pgType('float8', 'double precision'),
    ),
    row: 4,
    reason: /not exact/,
  },
  {
    name: 'NUL in text',
    column: bytesColumn({ id: 'utf8', large: false }, ['ok', 'a\0b']),
    sql: [],
    row: 1,
    reason: /NUL/,
  },
  {
    name: 'too long for varchar',
    column: bytesColumn({ id: 'utf8', large: false }, ['abc', 'ab  ']),
    sql: [],
    into: pgType('varchar', 'varchar(3)', 7),
    row: 1,
    reason: /longer than 3/,
  },
  {
    name: 'nanoseconds',
    column: fixedColumn(TS('ns'), BigInt64Array.of(1000n, -1n), [true, true]),
    sql: [],
    row: 1,
    reason: /nanoseconds/,
  },
  {
    name: 'timestamp too late',
    column: fixedColumn(
      TS('us'),
      BigInt64Array.of(9_224_318_016_000_000_000n - 1n, 9_223_372_036_854_775_807n),
      [true, true],
    ),
    sql: [],
    row: 0,
    reason: /outside/,
  },
  {
    name: 'timestamp[s] too early',
    column: fixedColumn(TS('s'), BigInt64Array.of(-I64), [true]),
    sql: [],
    row: 0,
    reason: /outside/,
  },
  {
    name: 'date too late',
    column: fixedColumn({ id: 'date', unit: 'day' }, Int32Array.of(2147483647), [true]),
    sql: [],
    row: 0,
    reason: /outside/,
  },
  {
    name: 'date64 with a time',
    column: fixedColumn({ id: 'date', unit: 'ms' }, BigInt64Array.of(1n), [true]),
    sql: [],
    row: 0,
    reason: /time of day/,
  },
  {
    name: 'time beyond a day',
    column: fixedColumn({ id: 'time', unit: 's' }, Int32Array.of(86401), [true]),
    sql: [],
    row: 0,
    reason: /not a time of day/,
  },
  {
    name: 'inside a list',
    column: listColumn(
      field('item', TS('ns')),
      [1, 1],
      fixedColumn(TS('ns'), BigInt64Array.of(0n, 1n), [true, true]),
    ),
    sql: [],
    row: 1,
    reason: /nanoseconds/,
  },
];

for (const { name, column, into, row, reason } of REFUSED) {
  test(`${name}: refused with column and row`, () => {
    const batch = batchOf(
      {
        good: fixedColumn(INT(8), new Int8Array(column.length), Array(column.length).fill(true)),
        bad: column,
      },
      null,
      100,
    );
    const types = [defaultPgType(batch.schema.fields[0]!), into ?? defaultPgType(batch.schema.fields[1]!)];
    assert.throws(
      () => encodeAll(batch, types),
      (error) =>
        ParloadError.is(error) &&
        error.code === 'VALUE_REFUSED' &&
        error.where.column === 'bad' &&
        error.where.row === 100 + row &&
        reason.test(error.message),
    );
  });
}
