// Columns of every comparable type with a plain model beside: what a value is in JavaScript, and how two compare.
import fc from 'fast-check';
import type { ArrowColumn, ArrowType, ColumnStats } from '../../../src/model/index.ts';
import {
  bigIntBytes,
  boolColumn,
  bytesColumn,
  dictionaryColumn,
  fixedColumn,
  int96Bytes,
} from '../../support/columns.ts';

export type Plain = bigint | number | string | boolean;

export interface TypeCase {
  readonly name: string;
  readonly type: ArrowType;
  /** Values that collide often, and the extremes. */
  readonly values: fc.Arbitrary<Plain>;
  literal(value: Plain): string;
  column(values: readonly (Plain | null)[]): ArrowColumn;
  /** As a source would give it. */
  bound(value: Plain): NonNullable<ColumnStats['min']>;
}

const valid = (values: readonly (Plain | null)[]): boolean[] => values.map((v) => v !== null);

const near = (least: bigint, most: bigint): fc.Arbitrary<Plain> =>
  fc.oneof(
    fc.bigInt({ min: least < -3n ? -3n : least, max: 3n }),
    fc.constantFrom(least, least + 1n, most - 1n, most),
    fc.bigInt({ min: least, max: most }),
  );

const decimalText = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0n ? `-${text}` : text;
};

function intCase(bits: 8 | 16 | 32 | 64, signed: boolean): TypeCase {
  const least = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const type: ArrowType = { id: 'int', bits, signed };
  return {
    name: `${signed ? '' : 'u'}int${bits}`,
    type,
    values: near(least, least + 2n ** BigInt(bits) - 1n),
    literal: String,
    column: (values) => fixedColumn(type, bigIntBytes(values as (bigint | null)[], bits), valid(values)),
    bound: (value) => (bits === 64 ? (value as bigint) : Number(value)),
  };
}

function decimalCase(bits: 32 | 64 | 128 | 256, precision: number, scale: number): TypeCase {
  const most = 10n ** BigInt(precision) - 1n;
  const type: ArrowType = { id: 'decimal', bits, precision, scale };
  return {
    name: `decimal${bits}(${precision}, ${scale})`,
    type,
    values: near(-most, most),
    literal: (value) => decimalText(value as bigint, scale),
    column: (values) => fixedColumn(type, bigIntBytes(values as (bigint | null)[], bits), valid(values)),
    bound: (value) => value as bigint,
  };
}

function floatCase(bits: 32 | 64): TypeCase {
  const type: ArrowType = { id: 'float', bits };
  const special = fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    0,
    0.1,
    1.5,
  );
  const any = fc.double();
  const round = (x: number): number => (bits === 32 ? Math.fround(x) : x);
  return {
    name: `float${bits}`,
    type,
    values: fc.oneof(special, fc.integer({ min: -2, max: 2 }), any).map((x) => round(x)),
    literal: (value) => (Number.isFinite(value) ? `${value}` : `'${value}'`),
    column: (values) => {
      const numbers = values.map((v) => Number(v ?? 0));
      return fixedColumn(
        type,
        bits === 32 ? Float32Array.from(numbers) : Float64Array.from(numbers),
        valid(values),
      );
    },
    bound: (value) => value as number,
  };
}

const texts = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'b', "it's", 'é', '😀', 'A'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const quote = (value: Plain): string => `'${String(value).replaceAll("'", "''")}'`;
const utf8 = (value: Plain): Uint8Array => new TextEncoder().encode(String(value));

function textCase(large: boolean): TypeCase {
  const type: Extract<ArrowType, { id: 'utf8' }> = { id: 'utf8', large };
  return {
    name: large ? 'large_string' : 'string',
    type,
    values: texts,
    literal: quote,
    column: (values) => bytesColumn(type, values as (string | null)[]),
    bound: utf8,
  };
}

function dictionaryCase(): TypeCase {
  const text = textCase(false);
  return {
    ...text,
    name: 'dictionary',
    type: { id: 'dictionary', index: { id: 'int', bits: 32, signed: true }, value: text.type },
    column: (values) => {
      // an entry that is null makes its rows null, as an index that is null does
      const entries: (Plain | null)[] = [null, ...new Set(values.filter((v) => v !== null))];
      const indices = values.map((v, i) => (v === null && i % 2 === 0 ? null : entries.indexOf(v)));
      return dictionaryColumn(indices, text.column(entries));
    },
  };
}

/** Days in a range where Date is right, so that the model does not use the code under test. */
const days = fc.integer({ min: -100_000, max: 100_000 });

function dateCase(): TypeCase {
  const type: ArrowType = { id: 'date', unit: 'day' };
  return {
    name: 'date32',
    type,
    values: fc.oneof(fc.integer({ min: -2, max: 2 }), days).map(BigInt),
    literal: (value) => `'${isoTime(value as bigint, 86_400_000n).slice(0, -14)}'`,
    column: (values) => fixedColumn(type, bigIntBytes(values as (bigint | null)[], 32), valid(values)),
    bound: Number,
  };
}

/** ISO text of whole milliseconds. */
const isoTime = (value: bigint, msPerUnit: bigint): string =>
  new Date(Number(value * msPerUnit)).toISOString();

function timestampCase(timezone: string | null): TypeCase {
  const type: ArrowType = { id: 'timestamp', unit: 'us', timezone };
  return {
    name: `timestamp[us${timezone === null ? '' : `, ${timezone}`}]`,
    type,
    values: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -1e15, max: 1e15 })).map(BigInt),
    literal: (value) => {
      const us = value as bigint;
      const micros = ((us % 1000n) + 1000n) % 1000n;
      const text = isoTime((us - micros) / 1000n, 1n).replace('Z', String(micros).padStart(3, '0'));
      return `'${text}${timezone === null ? '' : 'Z'}'`;
    },
    column: (values) => fixedColumn(type, bigIntBytes(values as (bigint | null)[], 64), valid(values)),
    bound: (value) => value as bigint,
  };
}

/** Nanoseconds, also in days that 64 bits of them do not reach. */
function int96Case(): TypeCase {
  const type: ArrowType = { id: 'int96', timezone: null };
  return {
    name: 'int96',
    type,
    values: fc
      .tuple(
        fc.oneof(days, fc.integer({ min: -2, max: 2 }), fc.constant(2_932_896)),
        fc.constantFrom(0, 1, 999, 86_399_999_999_999),
      )
      .map(([day, ns]) => BigInt(day) * 86_400_000_000_000n + BigInt(ns)),
    literal: (value) => {
      const ns = value as bigint;
      const inSecond = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
      const text = isoTime((ns - inSecond) / 1_000_000n, 1n).replace(
        '000Z',
        String(inSecond).padStart(9, '0'),
      );
      return `'${text}'`;
    },
    column: (values) => fixedColumn(type, int96Bytes(values as (bigint | null)[]), valid(values)),
    bound: (value) => value as bigint,
  };
}

const boolCase: TypeCase = {
  name: 'bool',
  type: { id: 'bool' },
  values: fc.boolean(),
  literal: String,
  column: (values) => boolColumn(values as (boolean | null)[]),
  bound: (value) => value as boolean,
};

export const TYPE_CASES: readonly TypeCase[] = [
  ...([8, 16, 32, 64] as const).flatMap((bits) => [intCase(bits, true), intCase(bits, false)]),
  decimalCase(32, 9, 2),
  decimalCase(64, 18, 4),
  decimalCase(128, 38, 10),
  decimalCase(256, 76, 0),
  floatCase(32),
  floatCase(64),
  textCase(false),
  textCase(true),
  dictionaryCase(),
  boolCase,
  dateCase(),
  timestampCase(null),
  timestampCase('UTC'),
  int96Case(),
];

/** Postgres' order: NaN above all numbers, text by its bytes. */
export function comparePlain(a: Plain, b: Plain): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(utf8(a), utf8(b));
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A condition as text, and what it should say of a value; null stands for SQL's unknown. */
export interface Condition {
  readonly text: string;
  passes(value: Plain | null): boolean;
}

const OPS: Record<string, (order: number) => boolean> = {
  '=': (o) => o === 0,
  '<>': (o) => o !== 0,
  '!=': (o) => o !== 0,
  '<': (o) => o < 0,
  '<=': (o) => o <= 0,
  '>': (o) => o > 0,
  '>=': (o) => o >= 0,
};

const onValue =
  (test: (value: Plain) => boolean) =>
  (value: Plain | null): boolean =>
    value !== null && test(value);

/** Any condition on the column `c`. */
export function conditions(of: TypeCase): fc.Arbitrary<Condition> {
  const compare = fc.tuple(fc.constantFrom(...Object.keys(OPS)), of.values).map(([op, v]) => ({
    text: `c ${op} ${of.literal(v)}`,
    passes: onValue((value) => OPS[op]!(comparePlain(value, v))),
  }));
  const list = fc
    .tuple(fc.boolean(), fc.array(of.values, { minLength: 1, maxLength: 5 }))
    .map(([negated, vs]) => ({
      text: `c ${negated ? 'not ' : ''}in (${vs.map((v) => of.literal(v)).join(', ')})`,
      passes: onValue((value) => vs.some((v) => comparePlain(value, v) === 0) !== negated),
    }));
  const between = fc.tuple(fc.boolean(), of.values, of.values).map(([negated, low, high]) => ({
    text: `c ${negated ? 'not ' : ''}between ${of.literal(low)} and ${of.literal(high)}`,
    passes: onValue((value) => (comparePlain(value, low) >= 0 && comparePlain(value, high) <= 0) !== negated),
  }));
  const nulls = fc.boolean().map((negated) => ({
    text: `c is ${negated ? 'not ' : ''}null`,
    passes: (value: Plain | null) => (value === null) !== negated,
  }));
  return fc.oneof({ weight: 3, arbitrary: compare }, list, between, nulls);
}
