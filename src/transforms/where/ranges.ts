// Sets of values as ranges. Every condition on values is "is in these ranges" or "is not".
import type { CompareOp } from './parser.ts';

/** Whole numbers (in units of the column: days, microseconds, scaled decimals), floats, or bytes. */
export type Value = bigint | number | Uint8Array;

export interface Range<V extends Value = Value> {
  /** Null: no bound. For floats NaN lies above everything, so a range without upper bound holds it. */
  readonly lo: V | null;
  readonly hi: V | null;
  readonly loOpen: boolean;
  readonly hiOpen: boolean;
}

/** A literal in a column's domain. For whole numbers it may lie between two values: then `exact` is false. */
export interface Placed<V extends Value = Value> {
  readonly value: V;
  /** False: the literal lies above `value` and below the next one. */
  readonly exact: boolean;
}

/** As Postgres orders them: NaN equals itself and is greater than every number; text and bytes by their bytes. */
export function compareValues(a: Value, b: Value): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const closed = (lo: Value | null, hi: Value | null): Range => ({ lo, hi, loOpen: false, hiOpen: false });

const isEmpty = (r: Range): boolean => {
  if (r.lo === null || r.hi === null) return false;
  const order = compareValues(r.lo, r.hi);
  return order > 0 || (order === 0 && (r.loOpen || r.hiOpen));
};

/** Values at least `p` (or above it). */
function from({ value, exact }: Placed, open: boolean): Range {
  if (typeof value !== 'bigint') return { lo: value, hi: null, loOpen: open, hiOpen: false };
  return closed(open || !exact ? value + 1n : value, null);
}

/** Values at most `p` (or below it). */
function upTo({ value, exact }: Placed, open: boolean): Range {
  if (typeof value !== 'bigint') return { lo: null, hi: value, loOpen: false, hiOpen: open };
  return closed(null, open && exact ? value - 1n : value);
}

const pointAt = ({ value, exact }: Placed): Range[] => (exact ? [closed(value, value)] : []);

export interface RangeSet {
  /** Sorted, disjoint. */
  readonly ranges: readonly Range[];
  /** True: what is not in them. */
  readonly negated: boolean;
}

export function compareSet(op: CompareOp, literal: Placed): RangeSet {
  switch (op) {
    case '=':
      return { ranges: pointAt(literal), negated: false };
    case '<>':
      return { ranges: pointAt(literal), negated: true };
    case '<':
      return { ranges: [upTo(literal, true)], negated: false };
    case '<=':
      return { ranges: [upTo(literal, false)], negated: false };
    case '>':
      return { ranges: [from(literal, true)], negated: false };
    default:
      return { ranges: [from(literal, false)], negated: false };
  }
}

export function betweenSet(low: Placed, high: Placed, negated: boolean): RangeSet {
  const range: Range = { ...upTo(high, false), lo: from(low, false).lo };
  return { ranges: isEmpty(range) ? [] : [range], negated };
}

export function inSet(literals: readonly Placed[], negated: boolean): RangeSet {
  const points = literals.flatMap(pointAt).sort((a, b) => compareValues(a.lo!, b.lo!));
  const ranges: Range[] = [];
  for (const point of points) {
    const last = ranges.at(-1);
    const gap = last === undefined ? 1 : compareValues(point.lo!, last.hi!);
    if (gap === 0) continue;
    const touches =
      typeof point.lo === 'bigint' && last !== undefined && point.lo === (last.hi as bigint) + 1n;
    if (touches) ranges[ranges.length - 1] = closed(last.lo, point.hi);
    else ranges.push(point);
  }
  return { ranges, negated };
}

const isNaNValue = (value: Value | null): boolean => typeof value === 'number' && Number.isNaN(value);

export const holdsNaN = (r: Range): boolean =>
  (r.hi === null || (isNaNValue(r.hi) && !r.hiOpen)) && !(isNaNValue(r.lo) && r.loOpen);

/** True when the range lies wholly below `value`. */
export const isBelow = (r: Range, value: Value): boolean => {
  if (r.hi === null) return false;
  const order = compareValues(r.hi, value);
  return order < 0 || (order === 0 && r.hiOpen);
};

/** True when the range lies wholly above `value`. */
export const isAbove = (r: Range, value: Value): boolean => {
  if (r.lo === null) return false;
  const order = compareValues(r.lo, value);
  return order > 0 || (order === 0 && r.loOpen);
};
