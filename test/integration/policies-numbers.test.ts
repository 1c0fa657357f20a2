// Policies on numbers and times: nanoseconds, NaN and infinities, values out of range; each type that they touch.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPgCopyEncoder } from '../../src/encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../src/errors/index.ts';
import type { ArrowType } from '../../src/model/index.ts';
import { batchOf, bigIntBytes, dictionaryColumn, fixedColumn, int96Bytes } from '../support/columns.ts';
import {
  doubles,
  halves,
  ints,
  lists,
  longs,
  ns,
  policyTable,
  singles,
  struct,
  texts,
} from '../support/policy-table.ts';

const { check, load } = policyTable();

describe('nanoseconds', () => {
  const refused = { row: 1, policy: 'timestampNs' } as const;
  // 2^32 us is where the low word of the microseconds runs over
  const edge = 4_294_967_296_000n;
  const stamps = ns('timestamp', 0n, 1n, -1n, 500n, 1500n, 2500n, 2501n, -1500n, -500n, edge - 1n, null);
  const at = (seconds: string): string => `1970-01-01 ${seconds}`;
  check({
    name: 'timestamp[ns]: before 1970 as well digits are cut off',
    column: stamps,
    into: 'timestamp',
    policies: { timestampNs: 'truncate' },
    texts: [
      at('00:00:00'),
      at('00:00:00'),
      '1969-12-31 23:59:59.999999',
      at('00:00:00'),
      at('00:00:00.000001'),
      at('00:00:00.000002'),
      at('00:00:00.000002'),
      '1969-12-31 23:59:59.999998',
      '1969-12-31 23:59:59.999999',
      at('01:11:34.967295'),
      null,
    ],
    changes: ['timestampNs truncate 9'],
    refused,
  });
  check({
    name: 'timestamp[ns]: a half goes to the even side',
    column: stamps,
    into: 'timestamp',
    policies: { timestampNs: 'round' },
    texts: [
      at('00:00:00'),
      at('00:00:00'),
      at('00:00:00'),
      at('00:00:00'),
      at('00:00:00.000002'),
      at('00:00:00.000002'),
      at('00:00:00.000003'),
      '1969-12-31 23:59:59.999998',
      at('00:00:00'),
      at('01:11:34.967296'),
      null,
    ],
    changes: ['timestampNs round 9'],
    refused,
  });
  // 10000-01-01, beyond 64 bits of nanoseconds
  const old = [0n, 1n, -1n, 1500n, 86_399_999_999_999n, null, 253_402_300_800n * 1_000_000_000n + 500n];
  const int96 = {
    name: 'INT96',
    column: fixedColumn(
      { id: 'int96', timezone: null },
      int96Bytes(old),
      old.map((v) => v !== null),
    ),
    into: 'timestamp',
    refused,
  };
  check({
    ...int96,
    policies: { timestampNs: 'truncate' },
    texts: [
      at('00:00:00'),
      at('00:00:00'),
      '1969-12-31 23:59:59.999999',
      at('00:00:00.000001'),
      at('23:59:59.999999'),
      null,
      '10000-01-01 00:00:00',
    ],
    changes: ['timestampNs truncate 5'],
  });
  check({
    ...int96,
    policies: { timestampNs: 'round' },
    texts: [
      at('00:00:00'),
      at('00:00:00'),
      at('00:00:00'),
      at('00:00:00.000002'),
      '1970-01-02 00:00:00',
      null,
      '10000-01-01 00:00:00',
    ],
    changes: ['timestampNs round 5'],
  });
  check({
    name: 'time[ns]',
    column: ns('time', 0n, 86_399_999_999_999n, 1_500n, 2_500n),
    into: 'time',
    policies: { timestampNs: 'round' },
    texts: ['00:00:00', '24:00:00', '00:00:00.000002', '00:00:00.000002'],
    changes: ['timestampNs round 3'],
    refused,
  });
  check({
    name: 'time[ns]',
    column: ns('time', 0n, 86_399_999_999_999n),
    into: 'time',
    policies: { timestampNs: 'truncate' },
    texts: ['00:00:00', '23:59:59.999999'],
    changes: ['timestampNs truncate 1'],
    refused,
  });
  const spans = ns('duration', 1_000n, 1_500n, -1_500n, -500n, -2_500n, edge - 1n);
  check({
    name: 'duration[ns]: towards zero',
    column: spans,
    into: 'interval',
    policies: { timestampNs: 'truncate' },
    texts: [
      '00:00:00.000001',
      '00:00:00.000001',
      '-00:00:00.000001',
      '00:00:00',
      '-00:00:00.000002',
      '01:11:34.967295',
    ],
    changes: ['timestampNs truncate 5'],
    refused,
  });
  check({
    name: 'duration[ns]',
    column: spans,
    into: 'interval',
    policies: { timestampNs: 'round' },
    texts: [
      '00:00:00.000001',
      '00:00:00.000002',
      '-00:00:00.000002',
      '00:00:00',
      '-00:00:00.000002',
      '01:11:34.967296',
    ],
    changes: ['timestampNs round 5'],
    refused,
  });
  const interval = new Int32Array(8);
  interval.set([1, 2, 1500, 0], 0);
  interval.set([-1, -2, -1500, -1], 4);
  check({
    name: 'interval[monthDayNano]',
    column: fixedColumn({ id: 'interval', unit: 'monthDayNano' }, interval, [true, true]),
    into: 'interval',
    policies: { timestampNs: 'truncate' },
    texts: ['1 mon 2 days 00:00:00.000001', '-1 mons -2 days -00:00:00.000001'],
    changes: ['timestampNs truncate 2'],
    refused: { row: 0, policy: 'timestampNs' },
  });
  check({
    name: 'list of timestamp[ns]',
    column: lists([2, 1], ns('timestamp', 1_999n, null, 1_000n)),
    into: 'timestamp[]',
    policies: { timestampNs: 'truncate' },
    texts: ['{"1970-01-01 00:00:00.000001",NULL}', '{"1970-01-01 00:00:00.000001"}'],
    changes: ['timestampNs truncate 1'],
    refused: { row: 0, policy: 'timestampNs' },
  });
  check({
    name: 'struct: JSON keeps the digits',
    column: struct({ t: ns('timestamp', 1n) }),
    into: 'json',
    policies: { timestampNs: 'truncate' },
    texts: ['{"t":"1970-01-01T00:00:00.000000001"}'],
    changes: [],
    refused: null,
  });
});

describe('NaN and infinities', () => {
  const refused = { row: 1, policy: 'nonFinite' } as const;
  const toNull = { nonFinite: 'null' } as const;
  const wild = doubles(1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, -0);
  const kept = ['1.5', 'NaN', 'Infinity', '-Infinity', null, '-0'];
  const nulled = ['1.5', null, null, null, null, '-0'];
  const changes = ['nonFinite null 3'];
  const cases = [
    { name: 'double', column: wild },
    { name: 'float', column: singles(1.5, Number.NaN, Number.POSITIVE_INFINITY, -Infinity, 0, -0) },
    { name: 'halffloat', column: halves(0x3e00, 0x7e01, 0x7c00, 0xfc00, 0, 0x8000) },
  ];
  for (const { name, column } of cases) {
    const zero = name === 'double' ? null : '0';
    const fill = (all: readonly (string | null)[]): (string | null)[] => all.with(4, zero);
    for (const into of name === 'double' ? ['double precision'] : ['double precision', 'real']) {
      check({ name, column, into, policies: toNull, texts: fill(nulled), changes, refused });
      check({ name, column, into, policies: {}, texts: fill(kept), changes: [], refused: null });
    }
    const numbers = fill(['1.5', null, null, null, null, '0']);
    check({ name, column, into: 'numeric', policies: toNull, texts: numbers, changes, refused });
    check({ name, column, into: 'text', policies: toNull, texts: fill(nulled), changes, refused });
    check({ name, column, into: 'json', policies: toNull, texts: fill(nulled), changes, refused });
  }
  check({
    name: 'double',
    column: wild,
    into: 'numeric',
    policies: {},
    texts: ['1.5', 'NaN', 'Infinity', '-Infinity', null, '0'],
    changes: [],
    refused: null,
  });
  check({
    name: 'double: NaN is kept, an infinity has no place',
    column: doubles(1.5, Number.NaN),
    into: 'numeric(5,2)',
    policies: {},
    texts: ['1.50', 'NaN'],
    changes: [],
    refused: null,
  });
  check({
    name: 'double',
    column: doubles(1, Number.NaN, Number.POSITIVE_INFINITY),
    into: 'integer',
    policies: toNull,
    texts: ['1', null, null],
    changes: ['nonFinite null 2'],
    refused,
  });
  check({
    name: 'list',
    column: lists([2, 1, null], doubles(Number.NaN, 2, 3)),
    into: 'double precision[]',
    policies: toNull,
    texts: ['{NULL,2}', '{3}', null],
    changes: ['nonFinite null 1'],
    refused: { row: 0, policy: 'nonFinite' },
  });
  check({
    name: 'list',
    column: lists([2, 1, null], doubles(Number.NaN, 2, 3)),
    into: 'jsonb',
    policies: toNull,
    texts: ['[null, 2]', '[3]', null],
    changes: ['nonFinite null 1'],
    refused: { row: 0, policy: 'nonFinite' },
  });
  check({
    name: 'dictionary',
    column: dictionaryColumn([0, 1, 0, null], doubles(1, Number.NaN)),
    into: 'double precision',
    policies: toNull,
    texts: ['1', null, '1', null],
    changes: ['nonFinite null 1'],
    refused,
  });

  test('an infinity into numeric(p,s) is refused, and the hint names the flag', async () => {
    await assert.rejects(load(doubles(1, Number.POSITIVE_INFINITY), 'numeric(5,2)', {}), (error) => {
      assert.ok(ParloadError.is(error) && error.code === 'VALUE_REFUSED');
      assert.deepEqual([error.where.column, error.where.row], ['c', 5001]);
      assert.match(error.hint, /--non-finite null/);
      return true;
    });
  });

  test('infinities have no place in numeric before Postgres 14, NaN has', () => {
    const numeric = { oid: 1700, name: 'numeric', kind: 'base', typmod: -1, display: 'numeric' } as const;
    const into = [{ name: 'c', type: { ...numeric, element: null, attributes: null } }];
    const encode = (serverVersion: number, value: number): number => {
      const batch = batchOf({ c: doubles(1, value) });
      const encoder = createPgCopyEncoder(batch.schema, into, { serverVersion });
      return encoder.encode(batch, 0, new Uint8Array(1000), 0).rows;
    };
    assert.equal(encode(140_000, Number.POSITIVE_INFINITY), 2);
    assert.equal(encode(130_014, Number.NaN), 2);
    assert.throws(
      () => encode(130_014, Number.NEGATIVE_INFINITY),
      (error) => ParloadError.is(error) && error.code === 'VALUE_REFUSED' && error.where.row === 1,
    );
  });
});

describe('values beyond the range of the type', () => {
  const refused = { row: 1, policy: 'overflow' } as const;
  const overflow = { overflow: 'null' } as const;
  const small = (bits: 8 | 16 | 32, signed: boolean, ...values: readonly bigint[]) =>
    fixedColumn(
      { id: 'int', bits, signed },
      bigIntBytes(values, bits),
      values.map(() => true),
    );
  const decimal = (...values: readonly bigint[]) =>
    fixedColumn(
      { id: 'decimal', bits: 128, precision: 20, scale: 2 },
      bigIntBytes(values, 128),
      values.map(() => true),
    );
  const days = (...values: readonly number[]) =>
    fixedColumn(
      { id: 'date', unit: 'day' },
      Int32Array.from(values),
      values.map(() => true),
    );
  const seconds: ArrowType = { id: 'timestamp', unit: 's', timezone: null };
  const u64: ArrowType = { id: 'int', bits: 64, signed: false };
  const cases = [
    { name: 'int64', column: ints(1n, 2147483648n, null, -2147483649n), into: 'integer', n: 2 },
    { name: 'int64', column: ints(1n, 32768n, null, -32769n), into: 'smallint', n: 2 },
    { name: 'int32', column: small(32, true, 1n, 40000n), into: 'smallint', n: 1 },
    { name: 'uint16', column: small(16, false, 1n, 40000n), into: 'smallint', n: 1 },
    { name: 'uint64', column: longs(u64, 1n, 2n ** 63n), into: 'bigint', n: 1 },
    { name: 'uint64', column: longs(u64, 1n, 2n ** 63n), into: 'numeric(18,0)', n: 1 },
    { name: 'int8', column: small(8, true, 1n, 100n), into: 'numeric(2,0)', n: 1 },
    { name: 'double', column: doubles(1, 1e300, null), into: 'real', n: 1 },
    { name: 'double', column: doubles(1, 1e300), into: 'bigint', n: 1 },
    { name: 'double', column: doubles(1, 100), into: 'numeric(2,0)', n: 1 },
    { name: 'decimal', column: decimal(100n, 100_000n), into: 'numeric(5,2)', n: 1 },
    { name: 'decimal', column: decimal(100n, 4_000_000n), into: 'smallint', n: 1 },
    { name: 'date32', column: days(-10956, 2147483647), into: 'date', n: 1 },
    { name: 'date32', column: days(-10956, 2147483647), into: 'timestamp', n: 1 },
    { name: 'timestamp[s]', column: longs(seconds, 0n, 2n ** 62n), into: 'timestamp', n: 1 },
    { name: 'timestamp[s] at midnight', column: longs(seconds, 0n, 86_400n * 2n ** 40n), into: 'date', n: 1 },
    { name: 'time[us]', column: longs({ id: 'time', unit: 'us' }, 0n, 86_400_000_001n), into: 'time', n: 1 },
    {
      name: 'duration[s]',
      column: longs({ id: 'duration', unit: 's' }, 0n, 2n ** 62n),
      into: 'interval',
      n: 1,
    },
    { name: 'utf8', column: texts('ab', 'abcd', null), into: 'varchar(3)', n: 1 },
  ] as const;
  for (const { name, column, into, n } of cases) {
    test(`${name} into ${into}: what does not fit becomes NULL`, async () => {
      const { texts: got, changes } = await load(column, into, overflow);
      assert.deepEqual(changes, [`overflow null ${n}`]);
      assert.notEqual(got[0], null);
      assert.equal(got[1], null);
      const nulls = got.filter((text) => text === null).length;
      assert.equal(nulls, n + (column.nullCount ?? 0));
      await assert.rejects(load(column, into, {}), (error) => {
        assert.ok(ParloadError.is(error), String(error));
        assert.equal(error.code, 'VALUE_REFUSED');
        assert.deepEqual([error.where.column, error.where.row], ['c', 5001]);
        assert.match(error.hint, /--overflow null/);
        return true;
      });
    });
  }
  check({
    name: 'list',
    column: lists([3, 0], ints(1n, 2n ** 40n, 2n)),
    into: 'integer[]',
    policies: overflow,
    texts: ['{1,NULL,2}', '{}'],
    changes: ['overflow null 1'],
    refused: { row: 0, policy: 'overflow' },
  });
  check({
    name: 'list of lists',
    column: lists([2], lists([1, 1], ints(1n, 2n ** 40n))),
    into: 'integer[]',
    policies: overflow,
    texts: ['{{1},{NULL}}'],
    changes: ['overflow null 1'],
    refused: { row: 0, policy: 'overflow' },
  });
  check({
    name: 'struct',
    column: struct({ a: texts('x', 'y'), b: ints(1n, 2n ** 40n) }),
    into: 'pair',
    policies: overflow,
    texts: ['(x,1)', '(y,)'],
    changes: ['overflow null 1'],
    refused,
  });

  test('a value that would only be rounded is refused whatever the policy', async () => {
    for (const [column, into] of [
      [doubles(1, 0.1), 'real'],
      [ints(1n, 2n ** 53n + 1n), 'double precision'],
      [doubles(1, 1.5), 'integer'],
    ] as const) {
      await assert.rejects(
        load(column, into, { overflow: 'null', nonFinite: 'null' }),
        (error) =>
          ParloadError.is(error) &&
          error.code === 'VALUE_REFUSED' &&
          !/--(overflow|non-finite)/.test(error.hint),
      );
    }
  });

  test('rows that a filter left out are neither changed, counted nor refused', async () => {
    const column = ints(1n, 2n ** 40n, 2n ** 40n, 2n ** 40n, 5n);
    const { texts: got, changes } = await load(column, 'integer', overflow, 2);
    assert.deepEqual(got, ['1', null, '5']);
    assert.deepEqual(changes, ['overflow null 1']);
    await load(ints(1n, 2n ** 40n, 3n), 'integer', {}, 2);
  });
});
