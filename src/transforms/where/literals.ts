// Literals of a filter -> values in the units of a column. Exact: numbers never pass through a float on their way to
// an integer or a decimal.
import { valueTypeName } from '../../arrow/index.ts';
import type { ArrowField, ArrowType, TimeUnit } from '../../model/index.ts';
import { filterError } from './filter-error.ts';
import type { Literal } from './parser.ts';
import type { Placed } from './ranges.ts';
import { dateTimeNs, timeNs } from './temporal.ts';

/** Digits and powers of ten that a number may have: beyond every decimal, and small enough to compute with. */
const MAX_DIGITS = 400;
const MAX_EXPONENT = 400;

const NS_PER: Record<TimeUnit, bigint> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n };
const NS_PER_DAY = 86_400_000_000_000n;

/** A literal placed on a column, or why it cannot be. */
type Result = Placed | string;

const floorDiv = (a: bigint, b: bigint): Placed<bigint> => {
  const rest = ((a % b) + b) % b;
  return { value: (a - rest) / b, exact: rest === 0n };
};

interface ExactNumber {
  readonly digits: bigint;
  /** The value is digits x 10^exponent. */
  readonly exponent: number;
}

function exactNumber(text: string): ExactNumber | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text.trim());
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const digits = whole + fraction;
  if (digits === '' || digits.length > MAX_DIGITS) return null;
  const exponent = Number(power) - fraction.length;
  if (!(Math.abs(exponent) <= MAX_EXPONENT)) return null;
  const value = BigInt(digits);
  return { digits: sign === '-' ? -value : value, exponent };
}

/** The number in units of 10^-scale. */
function scaled({ digits, exponent }: ExactNumber, scale: number): Placed<bigint> {
  const shift = exponent + scale;
  if (shift >= 0) return { value: digits * 10n ** BigInt(shift), exact: true };
  return floorDiv(digits, 10n ** BigInt(-shift));
}

const NUMBER_WANTED = 'it needs a number';

function toScaled(literal: Literal, scale: number): Result {
  if (literal.kind !== 'number' && literal.kind !== 'string') return NUMBER_WANTED;
  const number = exactNumber(literal.text);
  return number === null ? NUMBER_WANTED : scaled(number, scale);
}

/** The nearest half-precision float, ties to even. */
function roundToHalf(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(x))));
  const step = 2 ** (exponent - 10);
  const quotient = x / step;
  let rounded = Math.round(quotient);
  if (Math.abs(quotient % 1) === 0.5 && rounded % 2 !== 0) rounded -= 1;
  const value = rounded * step;
  return Math.abs(value) > 65_504 ? Math.sign(value) * Number.POSITIVE_INFINITY : value;
}

const SPECIAL_FLOATS: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '+infinity': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** Rounded to the column's own precision, so that `x = 0.1` finds what was stored from 0.1. */
function toFloat(literal: Literal, bits: 16 | 32 | 64): Result {
  if (literal.kind !== 'number' && literal.kind !== 'string') return NUMBER_WANTED;
  const text = literal.text.trim();
  const special = literal.kind === 'string' ? SPECIAL_FLOATS[text.toLowerCase()] : undefined;
  if (special !== undefined) return { value: special, exact: true };
  if (exactNumber(text) === null) return NUMBER_WANTED;
  const double = Number(text);
  const value = bits === 64 ? double : bits === 32 ? Math.fround(double) : roundToHalf(double);
  return Number.isFinite(value) ? { value, exact: true } : 'the number is out of its range';
}

function toBool(literal: Literal): Result {
  const word = literal.kind === 'string' ? literal.text.trim().toLowerCase() : '';
  const value =
    literal.kind === 'bool' ? literal.value : word === 'true' ? true : word === 'false' ? false : null;
  return value === null ? 'it needs true or false' : { value: value ? 1n : 0n, exact: true };
}

function toBytes(literal: Literal, field: ArrowField, type: ArrowType): Result {
  if (literal.kind === 'bytes' && type.id !== 'utf8') {
    return { value: Buffer.from(literal.text, 'hex'), exact: true };
  }
  if (literal.kind !== 'string') return 'it needs text in single quotes';
  if (field.logical !== 'uuid') return { value: new TextEncoder().encode(literal.text), exact: true };
  const hex = literal.text.replace(/^\{(.*)\}$/, '$1').replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) return 'it needs a UUID in single quotes';
  return { value: Buffer.from(hex, 'hex'), exact: true };
}

function toInstant(literal: Literal, unitNs: bigint, zoned: boolean | null): Result {
  const wanted = `it needs a ${zoned === null ? 'date' : 'timestamp'} in single quotes, as '2024-02-29${zoned === null ? '' : ' 13:45:00'}'`;
  if (literal.kind !== 'string' && literal.kind !== 'temporal') return wanted;
  if (literal.kind === 'temporal' && literal.type === 'time') return wanted;
  const instant = dateTimeNs(literal.text);
  if (instant === null) return wanted;
  if (instant.zoned && zoned !== true) return 'it has no time zone, so the value must have none';
  return floorDiv(instant.ns, unitNs);
}

function toTime(literal: Literal, unit: TimeUnit): Result {
  const wanted = "it needs a time of day in single quotes, as '13:45:00'";
  if (literal.kind !== 'string' && !(literal.kind === 'temporal' && literal.type === 'time')) return wanted;
  const ns = timeNs(literal.text);
  return ns === null ? wanted : floorDiv(ns, NS_PER[unit]);
}

function place(literal: Literal, field: ArrowField, type: ArrowType): Result {
  switch (type.id) {
    case 'bool':
      return toBool(literal);
    case 'int':
      return toScaled(literal, 0);
    case 'decimal':
      return toScaled(literal, type.scale);
    case 'float':
      return toFloat(literal, type.bits);
    case 'date':
      return toInstant(literal, type.unit === 'day' ? NS_PER_DAY : NS_PER.ms, null);
    case 'timestamp':
      return toInstant(literal, NS_PER[type.unit], type.timezone !== null);
    case 'int96':
      return toInstant(literal, 1n, type.timezone !== null);
    case 'time':
      return toTime(literal, type.unit);
    case 'utf8':
    case 'binary':
    case 'fixedBinary':
      return toBytes(literal, field, type);
    case 'dictionary':
      return place(literal, field, type.value);
    default:
      return 'columns of this type can only be compared with null';
  }
}

/** FILTER_INVALID when the literal cannot be compared with the column. */
export function placeLiteral(filter: string, literal: Literal, field: ArrowField): Placed {
  const result = place(literal, field, field.type);
  if (typeof result !== 'string') return result;
  const name = `column "${field.name}" is ${valueTypeName(field)}`;
  throw filterError(filter, literal.at, `${name}: ${result}`, field.name);
}
