import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import type { ArrowColumn, ArrowField, ArrowType, ColumnStats } from '../../../src/model/index.ts';
import { transform } from '../../../src/transforms/where/index.ts';
import { batchOf, bigIntBytes, bytesColumn, field, fixedColumn } from '../../support/columns.ts';
import { comparePlain, conditions, type Plain, TYPE_CASES, type TypeCase } from './where-cases.ts';

const make = (where: string, fields: readonly ArrowField[]) => transform.create({ where }, { fields });

/** Rows of one column `c` that pass. */
function rows(
  where: string,
  column: ArrowColumn,
  selection: Int32Array | null = null,
  f = field('c', column.type),
) {
  const result = make(where, [f]).apply(batchOf({ c: column }, selection));
  return result.selection === null
    ? Array.from({ length: result.length }, (_, i) => i)
    : Array.from(result.selection);
}

/** The same rows as a part of a longer column, as Arrow's slices are. */
function shifted(column: ArrowColumn, by: number): ArrowColumn {
  return { ...column, offset: by, length: column.length - by };
}

const valuesOf = (of: TypeCase): fc.Arbitrary<(Plain | null)[]> =>
  fc.array(fc.option(of.values, { freq: 4 }), { maxLength: 40 });

const selected = (values: readonly unknown[], passes: (value: never) => boolean): number[] =>
  values.flatMap((value, i) => (passes(value as never) ? [i] : []));

describe('where on rows', () => {
  for (const of of TYPE_CASES) {
    it(`gives what SQL gives: ${of.name}`, () => {
      fc.assert(
        fc.property(valuesOf(of), conditions(of), (values, { text, passes }) => {
          assert.deepEqual(rows(text, of.column(values)), selected(values, passes), text);
        }),
        { numRuns: 300 },
      );
    });

    it(`respects offsets and earlier selections: ${of.name}`, () => {
      const numbers = fc.array(fc.nat(50), { maxLength: 20 });
      fc.assert(
        fc.property(valuesOf(of), fc.nat(5), numbers, conditions(of), (values, by, picked, condition) => {
          if (values.length < by) return;
          const rest = values.slice(by);
          const chosen = [...new Set(picked)].filter((i) => i < rest.length).sort((a, b) => a - b);
          const found = rows(condition.text, shifted(of.column(values), by), Int32Array.from(chosen));
          assert.deepEqual(
            found,
            chosen.filter((i) => condition.passes(rest[i]!)),
            condition.text,
          );
        }),
      );
    });
  }

  it('joins conditions by and', () => {
    const of = TYPE_CASES[4]!;
    fc.assert(
      fc.property(valuesOf(of), conditions(of), conditions(of), (values, a, b) => {
        const found = rows(`${a.text} and (${b.text})`, of.column(values));
        assert.deepEqual(
          found,
          selected(values, (v) => a.passes(v) && b.passes(v)),
        );
      }),
    );
  });

  it('passes a batch on untouched when all rows pass', () => {
    const column = TYPE_CASES[4]!.column([1n, 2n]);
    const batch = batchOf({ c: column });
    assert.equal(make('c > 0', batch.schema.fields).apply(batch), batch);
  });
});

describe('where against statistics', () => {
  for (const of of TYPE_CASES) {
    it(`never prunes a row that passes: ${of.name}`, () => {
      let pruned = 0;
      const widen = fc.record({ min: fc.option(of.values), max: fc.option(of.values), nulls: fc.boolean() });
      fc.assert(
        fc.property(valuesOf(of), widen, conditions(of), (values, wide, { text, passes }) => {
          const stats = statsOf(of, values, wide);
          const { pruner } = make(text, [field('c', of.type)]);
          assert.ok(pruner !== null);
          if (!pruner((column) => (column === 'c' ? stats : null))) return;
          pruned++;
          assert.deepEqual(selected(values, passes), [], text);
        }),
        { numRuns: 600 },
      );
      assert.ok(pruned > 20, `only ${pruned} of 600 were pruned, so the test says little`);
    });
  }

  it('does not prune what is unknown', () => {
    const { pruner } = make('c = 1', [field('c', TYPE_CASES[4]!.type)]);
    assert.equal(
      pruner?.(() => null),
      false,
    );
    assert.equal(
      pruner?.(() => ({ min: null, max: null, nullCount: null, rowCount: 5 })),
      false,
    );
  });

  it('prunes everyday filters', () => {
    const prunes = (where: string, of: TypeCase, min: Plain, max: Plain): boolean => {
      const stats = { min: of.bound(min), max: of.bound(max), nullCount: 0, rowCount: 9 };
      return make(where, [field('c', of.type)]).pruner!(() => stats);
    };
    const named = (name: string): TypeCase => TYPE_CASES.find((c) => c.name === name)!;
    assert.ok(prunes('c > 100', named('int32'), 1n, 100n));
    assert.ok(!prunes('c >= 100', named('int32'), 1n, 100n));
    assert.ok(prunes('c < 1.5', named('float64'), 2, 9));
    assert.ok(prunes('c = 10', named('float64'), 2, 9));
    // NaN is greater than everything, and statistics do not tell whether there is one
    assert.ok(!prunes('c > 10', named('float64'), 2, 9));
    assert.ok(prunes("c = 'x'", named('string'), 'a', 'b'));
    assert.ok(prunes("c >= '2024-02-01'", named('date32'), 19_000n, 19_700n));
    assert.ok(prunes('c is null', named('int32'), 1n, 1n));
    assert.ok(prunes('c <> 1', named('int32'), 1n, 1n));
  });
});

/** True statistics, or wider ones, or fewer. */
function statsOf(
  of: TypeCase,
  values: readonly (Plain | null)[],
  wide: { min: Plain | null; max: Plain | null; nulls: boolean },
): ColumnStats {
  // as writers do it: NaN is left out
  const known = values.filter((v) => v !== null && !Number.isNaN(v)) as Plain[];
  const sorted = known.toSorted(comparePlain);
  const [least, most] = [sorted[0], sorted.at(-1)];
  const lower = (a: Plain, b: Plain): Plain => (comparePlain(a, b) <= 0 ? a : b);
  const upper = (a: Plain, b: Plain): Plain => (comparePlain(a, b) >= 0 ? a : b);
  const usable = (v: Plain | null): v is Plain => v !== null && !Number.isNaN(v);
  const min = least === undefined ? null : usable(wide.min) ? lower(least, wide.min) : least;
  const max = most === undefined ? null : usable(wide.max) ? upper(most, wide.max) : most;
  return {
    min: min === null ? null : of.bound(min),
    max: max === null ? null : of.bound(max),
    nullCount: wide.nulls ? values.filter((v) => v === null).length : null,
    rowCount: values.length,
  };
}

describe('literals', () => {
  const int32 = fixedColumn(
    { id: 'int', bits: 32, signed: true },
    Int32Array.of(-2, -1, 0, 1, 2),
    Array(5).fill(true),
  );

  it('between two integers are compared exactly', () => {
    assert.deepEqual(rows('c > 0.5', int32), [3, 4]);
    assert.deepEqual(rows('c <= -0.5', int32), [0, 1]);
    assert.deepEqual(rows('c = 0.5', int32), []);
    assert.deepEqual(rows('c <> 0.5', int32).length, 5);
    assert.deepEqual(rows('c between -1.5 and 1e0', int32), [1, 2, 3]);
    assert.deepEqual(rows('c < 99999999999999999999', int32).length, 5);
    assert.deepEqual(rows('c > 99999999999999999999', int32).length, 0);
    assert.deepEqual(rows("c = '1'", int32), [3]);
  });

  it('keep all digits', () => {
    const type: ArrowType = { id: 'int', bits: 64, signed: true };
    const big = fixedColumn(
      type,
      BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n),
      Array(3).fill(true),
    );
    assert.deepEqual(rows('c = 9007199254740993', big), [1]);
    assert.deepEqual(rows('c >= 9223372036854775807', big), [2]);
  });

  it('are rounded to a float column of their width', () => {
    const single = fixedColumn({ id: 'float', bits: 32 }, Float32Array.of(0.1, 0.2), [true, true]);
    assert.deepEqual(rows('c = 0.1', single), [0]);
    const half = fixedColumn(
      { id: 'float', bits: 16 },
      Uint16Array.of(0x2e66, 0x3c00, 0x7e00),
      Array(3).fill(true),
    );
    assert.deepEqual(rows('c = 0.1', half), [0]);
    assert.deepEqual(rows('c >= 1', half), [1, 2]);
    assert.deepEqual(rows("c = 'NaN'", half), [2]);
  });

  const timestamp = (
    unit: 's' | 'ms' | 'us' | 'ns',
    timezone: string | null,
    ...ticks: bigint[]
  ): ArrowColumn =>
    fixedColumn(
      { id: 'timestamp', unit, timezone },
      BigInt64Array.from(ticks),
      Array(ticks.length).fill(true),
    );

  it('of time know zones, fractions and far years', () => {
    const utc = timestamp('us', 'UTC', 1_704_096_000_000_000n, 1_704_103_200_000_000n);
    assert.deepEqual(rows("c = timestamp '2024-01-01 10:00:00+02'", utc), [0]);
    assert.deepEqual(rows("c = '2024-01-01T10:00Z'", utc), [1]);
    assert.deepEqual(rows("c = '2024-01-01 10:00:00.000000'", utc), [1]);
    const seconds = timestamp('s', null, -1n, 0n, 1n);
    assert.deepEqual(rows("c > '1970-01-01 00:00:00.5'", seconds), [2]);
    assert.deepEqual(rows("c < '1969-12-31 23:59:59.5'", seconds), [0]);
    const far = timestamp('s', null, -62_135_596_800n, 253_402_300_800n);
    assert.deepEqual(rows("c < '0001-01-02'", far), [0]);
    assert.deepEqual(rows("c >= '+10000-01-01'", far), [1]);
  });

  it('of dates and times of day', () => {
    const date = fixedColumn({ id: 'date', unit: 'day' }, Int32Array.of(19_782, 19_783), [true, true]);
    assert.deepEqual(rows("c = '2024-02-29'", date), [0]);
    assert.deepEqual(rows("c > date '2024-02-29'", date), [1]);
    assert.deepEqual(rows("c < '2024-02-29 12:00:00'", date), [0]);
    const dateMs = fixedColumn({ id: 'date', unit: 'ms' }, BigInt64Array.of(0n, 86_400_000n), [true, true]);
    assert.deepEqual(rows("c = '1970-01-02'", dateMs), [1]);
    const time = fixedColumn({ id: 'time', unit: 'ms' }, Int32Array.of(0, 49_500_500), [true, true]);
    assert.deepEqual(rows("c = '13:45:00.5'", time), [1]);
    const timeNs = fixedColumn({ id: 'time', unit: 'ns' }, BigInt64Array.of(0n, 1n), [true, true]);
    assert.deepEqual(rows("c > time '00:00'", timeNs), [1]);
  });

  it('of bytes and UUIDs', () => {
    const binary = bytesColumn({ id: 'binary', large: false }, [Uint8Array.of(0, 255), 'ab', null]);
    assert.deepEqual(rows("c = x'00FF'", binary), [0]);
    assert.deepEqual(rows("c >= 'ab'", binary), [1]);
    const type: ArrowType = { id: 'fixedBinary', byteWidth: 16 };
    const uuids = fixedColumn(type, bigIntBytes([1n, 2n], 128), [true, true]);
    const uuid = field('c', type, 'uuid');
    assert.deepEqual(rows("c = '02000000-0000-0000-0000-000000000000'", uuids, null, uuid), [1]);
  });

  const refusals: readonly (readonly [string, ArrowType, RegExp])[] = [
    ["c = 'abc'", { id: 'int', bits: 32, signed: true }, /"c" is int32.*number/],
    ['c = true', { id: 'int', bits: 32, signed: true }, /number/],
    ['c = 1e999', { id: 'float', bits: 64 }, /number/],
    ['c = 1e39', { id: 'float', bits: 32 }, /range/],
    ['c = 5', { id: 'utf8', large: false }, /single quotes/],
    ["c = date '2024-01-01'", { id: 'utf8', large: false }, /single quotes/],
    ['c = 1', { id: 'bool' }, /true or false/],
    ["c = '2024-02-30'", { id: 'date', unit: 'day' }, /date/],
    ["c = '2024-1-1'", { id: 'date', unit: 'day' }, /date/],
    ["c = '2024-01-01 10:00Z'", { id: 'date', unit: 'day' }, /time zone/],
    ["c = '2024-01-01 10:00Z'", { id: 'timestamp', unit: 's', timezone: null }, /time zone/],
    ["c = '25:00'", { id: 'time', unit: 'ms' }, /time of day/],
    ['c = 20240101', { id: 'timestamp', unit: 's', timezone: null }, /timestamp/],
    ["c = '5'", { id: 'duration', unit: 's' }, /only be compared with null/],
    ['c in (1)', { id: 'struct', fields: [] }, /only be compared with null/],
  ];
  for (const [where, type, message] of refusals) {
    it(`that do not fit are refused: ${where} on ${type.id}`, () => {
      assert.throws(() => make(where, [field('c', type)]), failsWith('FILTER_INVALID', message));
    });
  }

  it('name columns as they are written in the file', () => {
    const fields = [field('Day', { id: 'bool' })];
    assert.throws(() => make('day = true', fields), failsWith('COLUMN_UNKNOWN', /there is "Day"/));
    assert.deepEqual(make('"Day" = true', fields).requires, ['Day']);
  });

  it('nested columns can be asked for null', () => {
    const child = fixedColumn({ id: 'int', bits: 32, signed: true }, Int32Array.of(1), [true]);
    const struct: ArrowColumn = {
      ...child,
      type: { id: 'struct', fields: [field('x', child.type)] },
      length: 3,
      nullCount: 1,
      validity: Uint8Array.of(0b101),
      children: [child],
    };
    assert.deepEqual(rows('c is null', struct), [1]);
    assert.deepEqual(rows('c is not null', struct), [0, 2]);
    const nothing: ArrowColumn = {
      ...struct,
      type: { id: 'null' },
      validity: null,
      nullCount: 3,
      children: [],
    };
    assert.deepEqual(rows('c is null', nothing), [0, 1, 2]);
  });
});

function failsWith(code: ErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.equal(error.where.option, 'where');
    return true;
  };
}
