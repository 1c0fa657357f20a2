// Integers, floats and decimals: pairs of types and what must come of each value.
import fc from 'fast-check';
import type { ArrowType } from '../../../src/model/index.ts';
import type { Plain } from '../../support/arrow-build.ts';
import { fieldOf, type Pair } from './pair.ts';

const SQL_RANGE: Readonly<Record<string, readonly [bigint, bigint]>> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};
const inRange = (value: bigint, target: string): boolean => {
  const [min, max] = SQL_RANGE[target]!;
  return value >= min && value <= max;
};

/** `digits * 10^-scale` with all its decimals. */
export function decimalText(digits: bigint, scale: number): string {
  if (scale <= 0) return String(digits * 10n ** BigInt(-scale));
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  return `${digits < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** Near the ends, near zero, near powers of ten and two, and anywhere. */
export function integers(min: bigint, max: bigint): fc.Arbitrary<bigint> {
  const edges = [min, min + 1n, -1n, 0n, 1n, max - 1n, max];
  for (let k = 1n; k < 77n; k += 1n) edges.push(10n ** k, 10n ** k - 1n, -(10n ** k), 2n ** k, -(2n ** k));
  return fc.oneof(
    fc.constantFrom(...edges.filter((v) => v >= min && v <= max)),
    fc.bigInt({ min: min < -999n ? -999n : min, max: max > 999n ? 999n : max }),
    fc.bigInt({ min, max }),
  );
}

function intPairs(bits: 8 | 16 | 32 | 64, signed: boolean): Pair[] {
  const type: ArrowType = { id: 'int', bits, signed };
  const min = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const max = min + 2n ** BigInt(bits) - 1n;
  const pair = (target: string, expect: (v: bigint) => string | null): Pair => ({
    name: `${signed ? '' : 'u'}int${bits}`,
    field: fieldOf(type),
    target,
    values: integers(min, max),
    sql: 'v',
    expect: (v) => expect(v as bigint),
  });
  const whole = (digits: number) => (v: bigint) => (v < 0n ? -v : v) < 10n ** BigInt(digits);
  const exactIn = (round: (x: number) => number) => (v: bigint) => BigInt(round(Number(v))) === v;
  return [
    ...Object.keys(SQL_RANGE).map((target) => pair(target, (v) => (inRange(v, target) ? String(v) : null))),
    {
      ...pair('real', (v) => (exactIn(Math.fround)(v) ? decimalOf(Number(v)) : null)),
      sql: 'v::float8::text::numeric',
    },
    {
      ...pair('double precision', (v) => (exactIn(Number)(v) ? decimalOf(Number(v)) : null)),
      sql: 'v::text::numeric',
    },
    pair('numeric', String),
    pair('numeric(4,0)', (v) => (whole(4)(v) ? String(v) : null)),
    pair('numeric(21,3)', (v) => (whole(18)(v) ? `${v}.000` : null)),
    pair('text', String),
    pair('jsonb', String),
    pair('varchar(3)', (v) => (String(v).length <= 3 ? String(v) : null)),
  ];
}

/** A double's shortest decimal form without an exponent. */
export function decimalOf(value: number): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    Object.is(value, -0) ? '0' : String(value),
  )!;
  const scale = fraction.length - Number(power);
  return decimalText(BigInt(`${sign}${whole}${fraction}`), scale);
}

const fourBits = fc.constantFrom(0, 0.5, -0.5, 1, 1.5, 100, -2, 0.1, 12345.6789, 65504, -65504, 2 ** -24);
const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0];

function floatValues(bits: 16 | 32 | 64): fc.Arbitrary<Plain> {
  const cents = fc.integer({ min: -1e7, max: 1e7 }).map((n) => n / 100);
  const whole = fc.integer({ min: -70_000, max: 70_000 });
  const far = fc.constantFrom(
    2 ** 31,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 53,
    2 ** 63,
    -(2 ** 63),
    1e15,
    1e21,
    5e-324,
    1.7976931348623157e308,
  );
  if (bits === 64) return fc.oneof(fc.constantFrom(...SPECIAL), cents, whole, far, fourBits, fc.double());
  if (bits === 32) {
    const single = fc.oneof(cents, whole, far, fourBits).map(Math.fround);
    return fc.oneof(fc.constantFrom(...SPECIAL), single, fc.float());
  }
  // every half is a sign, a five-bit exponent and ten bits
  const half = fc.tuple(
    fc.constantFrom(1, -1),
    fc.integer({ min: -14, max: 15 }),
    fc.integer({ min: 0, max: 1023 }),
  );
  return fc.oneof(
    fc.constantFrom(...SPECIAL, 2 ** -24, 65504),
    half.map(([sign, exponent, fraction]) => sign * 2 ** exponent * (1 + fraction / 1024)),
  );
}

function bitsHex(value: number, bytes: 4 | 8): string {
  const out = Buffer.alloc(bytes);
  if (bytes === 4) out.writeFloatBE(value);
  else out.writeDoubleBE(value);
  return out.toString('hex');
}

const WORDS: Readonly<Record<string, string>> = {
  NaN: 'NaN',
  Infinity: 'Infinity',
  '-Infinity': '-Infinity',
};

function floatPairs(bits: 16 | 32 | 64): Pair[] {
  const pair = (target: string, sql: string, expect: (v: number) => string | null): Pair => ({
    name: `float${bits}`,
    field: fieldOf({ id: 'float', bits }),
    target,
    values: floatValues(bits),
    sql,
    expect: (v) => expect(v as number),
  });
  const hex = (bytes: 4 | 8) => (v: number) => (Number.isNaN(v) ? 'NaN' : bitsHex(v, bytes));
  const bitsSql = (bytes: 4 | 8, as = 'v'): string =>
    `case when v = 'NaN' then 'NaN' else encode(float${bytes}send(${as}), 'hex') end`;
  const back = bits === 64 ? (8 as const) : (4 as const);
  /** Read back through the decimal text: the same bits, but for the sign of zero. */
  const backSql = `case when v::text in ('NaN', 'Infinity', '-Infinity') then v::text else encode(float${back}send(v::text::float${back}), 'hex') end`;
  const backHex = (v: number): string => WORDS[String(v)] ?? bitsHex(v === 0 ? 0 : v, back);
  const isWhole = (v: number, target: string): boolean => Number.isInteger(v) && inRange(BigInt(v), target);
  const ints = Object.keys(SQL_RANGE).map((target) =>
    pair(target, 'v', (v) => (isWhole(v, target) ? String(BigInt(v)) : null)),
  );
  return [
    pair('double precision', bitsSql(8), hex(8)),
    pair('real', bitsSql(4), (v) => (Number.isNaN(v) || Math.fround(v) === v ? hex(4)(v) : null)),
    ...ints,
    pair('numeric', backSql, backHex),
    pair(
      'text',
      `case when v in ('NaN', 'Infinity', '-Infinity') then v else encode(float${back}send(v::float${back}), 'hex') end`,
      (v) => WORDS[String(v)] ?? bitsHex(v, back),
    ),
    ...(bits === 64
      ? [
          pair('numeric', 'v::text', (v: number) => WORDS[String(v)] ?? decimalOf(v)),
          pair('jsonb', `(v #>> '{}')`, (v: number) => WORDS[String(v)] ?? decimalOf(v)),
          pair('numeric(9,2)', 'v::text', (v: number) => {
            if (Number.isNaN(v)) return 'NaN';
            if (!Number.isFinite(v) || Math.abs(v) >= 1e7) return null;
            const text = decimalOf(v);
            const decimals = text.split('.')[1] ?? '';
            return decimals.length > 2 ? null : v === 0 ? '0.00' : Number(text).toFixed(2);
          }),
        ]
      : []),
  ];
}

function decimalPairs(bits: 32 | 64 | 128 | 256, precision: number, scale: number): Pair[] {
  const most = 10n ** BigInt(precision) - 1n;
  const pair = (target: string, expect: (v: bigint) => string | null): Pair => ({
    name: `decimal${bits}(${precision},${scale})`,
    field: fieldOf({ id: 'decimal', bits, precision, scale }),
    target,
    values: integers(-most, most),
    sql: 'v',
    expect: (v) => expect(v as bigint),
  });
  const text = (v: bigint): string => decimalText(v, scale);
  const isWhole = (v: bigint): boolean => scale <= 0 || v % 10n ** BigInt(scale) === 0n;
  const ints = Object.keys(SQL_RANGE).map((target) =>
    pair(target, (v) => {
      const whole = v / 10n ** BigInt(Math.max(0, scale));
      return isWhole(v) && inRange(whole, target) ? String(whole) : null;
    }),
  );
  const narrow = Math.max(0, scale) + 2;
  return [
    pair('numeric', text),
    pair('text', text),
    pair('jsonb', text),
    pair(`numeric(${narrow},${Math.max(0, scale)})`, (v) => {
      const size = (v < 0n ? -v : v) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
      return size < 10n ** BigInt(narrow) ? text(v) : null;
    }),
    ...(scale < 0 ? [] : ints),
  ];
}

export const NUMBERS: readonly Pair[] = [
  {
    name: 'bool',
    field: fieldOf({ id: 'bool' }),
    target: 'boolean',
    values: fc.boolean(),
    sql: 'v',
    expect: String,
  },
  ...([8, 16, 32, 64] as const).flatMap((bits) => [...intPairs(bits, true), ...intPairs(bits, false)]),
  ...([16, 32, 64] as const).flatMap(floatPairs),
  ...decimalPairs(32, 9, 2),
  ...decimalPairs(64, 18, 18),
  ...decimalPairs(128, 38, 10),
  ...decimalPairs(128, 5, -3),
  ...decimalPairs(256, 76, 0),
  ...decimalPairs(256, 76, 76),
];
