// Rows of bulk_args by themselves: numbers, keys, wide rows, types of existing tables.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CrateJsonEncoder,
  type CrateType,
  ddlOf,
  defaultCrateType,
  keyPrefix,
  mappingOf,
  parseType,
  rowKey,
} from '../../../src/encoders/crate-json/index.ts';
import { ParloadError } from '../../../src/errors/index.ts';
import { type ArrowBatch, EXACT_POLICIES, type ValuePolicies } from '../../../src/model/index.ts';
import { type TestColumn, testBatch, testField } from '../../conformance/batches.ts';
import { type ExactJson, JsonNumber, parseExact } from '../../support/exact-json.ts';

interface EncodeOptions {
  readonly types?: readonly CrateType[];
  readonly policies?: ValuePolicies;
  readonly prefix?: string;
  readonly mostRows?: number;
}

function textOf(batch: ArrowBatch, options: EncodeOptions = {}): string {
  const { fields } = batch.schema;
  const columns = fields.map((f, j) => ({ name: f.name, type: options.types?.[j] ?? defaultCrateType(f) }));
  const keyed = options.prefix !== undefined;
  const encoder = new CrateJsonEncoder(batch.schema, columns, {
    policies: options.policies ?? EXACT_POLICIES,
    keyed,
  });
  if (options.prefix !== undefined) encoder.keyRowsOf(options.prefix);
  const out = new Uint8Array(4 << 20);
  const { end } = encoder.encode(batch, 0, out, 0, options.mostRows);
  return Buffer.from(out.subarray(0, end)).toString();
}

const rowsOf = (batch: ArrowBatch, options?: EncodeOptions): ExactJson[][] =>
  parseExact(`[${textOf(batch, options).slice(0, -1)}]`) as ExactJson[][];

const column = (values: TestColumn['values'], type: TestColumn['type'], name = 'x'): ArrowBatch =>
  testBatch([{ name, type, values }]);

test('doubles: the shortest text that reads back as the same bits, never an integer', () => {
  const special = [
    0,
    -0,
    1,
    -1,
    5,
    0.1,
    12.5,
    0.07,
    19_999_999.99,
    2e7,
    1e15,
    1e16,
    2 ** 53,
    1e20,
    1e21,
    1e22,
  ];
  const rare = [
    5e-324,
    1.7976931348623157e308,
    123_456_789.123_4,
    0.000_1,
    0.12345,
    1 / 3,
    99_999_999_999.9999,
  ];
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.integer().map((x) => x / 100),
          fc.maxSafeInteger().map((x) => x / 10_000),
        ),
      ),
      (random) => {
        const values = [...special, ...special.map((x) => -x), ...rare, ...random];
        const texts = rowsOf(column(values, 'float64')).map(([x]) => (x as JsonNumber).text);
        values.forEach((value, k) => {
          assert.ok(Object.is(Number(texts[k]), value), `${value} became ${texts[k]}`);
          assert.match(texts[k]!, /[.e]/);
          assert.ok(texts[k]!.length <= String(value).length + 3, `${value} became ${texts[k]}`);
        });
      },
    ),
  );
});

test('64-bit integers keep all their digits', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (random) => {
      const values = [
        0n,
        -1n,
        2n ** 53n,
        2n ** 53n + 1n,
        -(2n ** 63n),
        2n ** 63n - 1n,
        4_294_967_296n,
        ...random,
      ];
      const texts = rowsOf(column(values, 'int64')).map(([x]) => (x as JsonNumber).text);
      assert.deepEqual(texts, values.map(String));
    }),
  );
});

test('timestamps: milliseconds; finer ones by policy, back in time when cut', () => {
  const at = (values: bigint[], timestampNs: ValuePolicies['timestampNs']): string[] =>
    rowsOf(column(values, 'timestamp'), { policies: { ...EXACT_POLICIES, timestampNs } }).map(
      ([x]) => (x as JsonNumber).text,
    );
  assert.deepEqual(at([0n, 1000n, -1000n, 1_700_000_000_123_000n], 'error'), [
    '0',
    '1',
    '-1',
    '1700000000123',
  ]);
  assert.deepEqual(at([1999n, -1n, -1001n, 2n ** 63n - 1n], 'truncate'), [
    '1',
    '-1',
    '-2',
    '9223372036854775',
  ]);
  assert.deepEqual(at([1500n, 2500n, 1501n, -500n], 'round'), ['2', '2', '2', '0']);
  assert.throws(() => at([0n, 1n], 'error'), refusal('x', 1, /finer than a millisecond/));
});

const refusal =
  (name: string, row: number, reason: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, 'VALUE_REFUSED');
    assert.deepEqual([error.where.column, error.where.row], [name, row]);
    assert.match(error.message, reason);
    return true;
  };

test('a target that holds less: each value is looked at', () => {
  const smallint: CrateType = { id: 'smallint' };
  assert.equal(textOf(column([1, -32_768], 'int32'), { types: [smallint] }), '[1],[-32768],');
  assert.throws(
    () => textOf(column([1, 32_768], 'int32'), { types: [smallint] }),
    refusal('x', 1, /outside of what smallint holds/),
  );
  const policies: ValuePolicies = { ...EXACT_POLICIES, overflow: 'null', nonFinite: 'null' };
  assert.equal(textOf(column([1, 32_768, 2], 'int32'), { types: [smallint], policies }), '[1],[null],[2],');
  assert.throws(
    () => textOf(column([0.5, 0.1], 'float64'), { types: [{ id: 'real' }] }),
    refusal('x', 1, /real/),
  );
  assert.equal(
    textOf(column([2 ** 53, 7], 'float64'), { types: [{ id: 'real' }] }),
    '[9007199254740992.0],[7.0],',
  );
  assert.equal(textOf(column([7, 12], 'int32'), { types: [{ id: 'double precision' }] }), '[7.0],[12.0],');
  assert.equal(textOf(column([7, 12], 'int32'), { types: [{ id: 'text' }] }), '["7"],["12"],');
  assert.throws(
    () => mappingOf(testField('x', 'float64'), { id: 'bigint' }),
    (error: ParloadError) => error.code === 'TYPE_UNSUPPORTED' && error.where.column === 'x',
  );
});

test('keys: fixed by prefix and row, in the order of rows', () => {
  const prefix = keyPrefix(Uint8Array.from({ length: 14 }, (_, k) => k * 17));
  const batch = testBatch([{ name: 'x', type: 'int32', values: [1, 2, 3] }], {
    rowStart: 2_964_620,
    selection: [0, 2],
  });
  assert.equal(
    textOf(batch, { prefix }),
    `["${rowKey(prefix, 2_964_620)}",1],["${rowKey(prefix, 2_964_622)}",3],`,
  );
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), fc.nat({ max: 2 ** 31 - 1 }), (a, b) => {
      const [x, y] = [rowKey(prefix, a * 1000), rowKey(prefix, b * 1000)];
      assert.equal(x < y, a < b);
      assert.equal(x === y, a === b);
    }),
  );
});

test('wide rows, NULLs, escapes, at most so many rows', () => {
  const rows = 300;
  const wide = Array.from({ length: 100 }, (_, j): TestColumn => {
    if (j % 3 === 0)
      return { name: `c${j}`, type: 'int32', values: Array.from({ length: rows }, (_, r) => r * j) };
    const text = (r: number): string | null => (r % 5 === 0 ? null : `"${j}\\\n\u0001${r}é\u0000`);
    return { name: `c${j}`, type: 'utf8', values: Array.from({ length: rows }, (_, r) => text(r)) };
  });
  const found = rowsOf(testBatch(wide, { rowStart: 5 }), { prefix: '' });
  assert.equal(found.length, rows);
  found.forEach((row, r) => {
    assert.equal(row.length, 101);
    wide.forEach(({ values }, j) => {
      const cell = row[j + 1]!;
      assert.equal(cell instanceof JsonNumber ? Number(cell.text) : cell, values[r]);
    });
  });
  assert.equal(textOf(column([1, 2, 3], 'int32'), { mostRows: 2 }), '[1],[2],');
});

test('types as information_schema names them, and as DDL', () => {
  const of = (name: string): string => ddlOf(parseType(name));
  assert.equal(of('bigint'), 'BIGINT');
  assert.equal(of('timestamp without time zone'), 'TIMESTAMP WITHOUT TIME ZONE');
  assert.equal(of('text_array'), 'ARRAY(TEXT)');
  assert.equal(of('array(array(numeric(12,2)))'), 'ARRAY(ARRAY(NUMERIC(12, 2)))');
  assert.equal(of('float_vector(3)'), 'FLOAT_VECTOR(3)');
  assert.deepEqual(parseType('bit'), { id: 'other', name: 'bit' });
});
