// Ranges laid out for the inner loop: typed arrays, binary search, nothing allocated for a value.
import { holdsNaN, type Range } from './ranges.ts';

const buffer = new DataView(new ArrayBuffer(8));

/** The double next to `x` towards +infinity or -infinity; turns an open bound into a closed one. */
function nextDouble(x: number, up: boolean): number {
  if (Number.isNaN(x) || x === (up ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)) return x;
  if (x === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  buffer.setFloat64(0, x);
  const bits = buffer.getBigInt64(0);
  buffer.setBigInt64(0, bits + (x > 0 === up ? 1n : -1n));
  return buffer.getFloat64(0);
}

const lowNumber = ({ lo, loOpen }: Range): number => {
  if (lo === null) return Number.NEGATIVE_INFINITY;
  return loOpen ? nextDouble(Number(lo), true) : Number(lo);
};

const highNumber = ({ hi, hiOpen }: Range): number => {
  if (hi === null) return Number.POSITIVE_INFINITY;
  // below NaN is everything that is a number
  if (Number.isNaN(hi)) return Number.POSITIVE_INFINITY;
  return hiOpen ? nextDouble(Number(hi), false) : Number(hi);
};

/** A range such as `> infinity` or `= NaN` holds no number, only perhaps NaN. */
const holdsNumbers = (r: Range): boolean =>
  !Number.isNaN(r.lo) &&
  !(r.loOpen && r.lo === Number.POSITIVE_INFINITY) &&
  !(r.hiOpen && r.hi === Number.NEGATIVE_INFINITY);

/** Values that are exact as doubles: floats, and integers of up to 32 bits. */
export class NumberRanges {
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;
  readonly #nan: boolean;
  readonly #count: number;
  readonly #low: number;
  readonly #high: number;

  /** Closed bounds when there is just one range; null otherwise. */
  get single(): { readonly low: number; readonly high: number; readonly nan: boolean } | null {
    return this.#count === 1 ? { low: this.#low, high: this.#high, nan: this.#nan } : null;
  }

  constructor(ranges: readonly Range[]) {
    const numbers = ranges.filter(holdsNumbers);
    this.#lows = Float64Array.from(numbers, lowNumber);
    this.#highs = Float64Array.from(numbers, highNumber);
    this.#nan = ranges.some(holdsNaN);
    this.#count = numbers.length;
    // one range is the common case and needs no search
    this.#low = this.#lows[0] ?? Number.POSITIVE_INFINITY;
    this.#high = this.#highs[0] ?? Number.NEGATIVE_INFINITY;
  }

  has(value: number): boolean {
    if (Number.isNaN(value)) return this.#nan;
    if (this.#count <= 1) return value >= this.#low && value <= this.#high;
    let from = 0;
    let to = this.#count - 1;
    while (from <= to) {
      const middle = (from + to) >> 1;
      if (value < this.#lows[middle]!) to = middle - 1;
      else if (value > this.#highs[middle]!) from = middle + 1;
      else return true;
    }
    return false;
  }
}

/** Integers of 64, 128 or 256 bits as 32-bit words, low word first, as Arrow stores them. */
export class WordRanges {
  readonly #words: number;
  readonly #count: number;
  readonly #lows: Int32Array;
  readonly #highs: Int32Array;
  /** Flips the top word of unsigned integers, so that signed comparison orders them. */
  readonly #flip: number;

  constructor(ranges: readonly Range[], bits: 64 | 128 | 256, signed: boolean) {
    this.#words = bits / 32;
    this.#flip = signed ? 0 : 0x80000000 | 0;
    const least = signed ? -(2n ** BigInt(bits - 1)) : 0n;
    const most = least + 2n ** BigInt(bits) - 1n;
    // a bound outside of what the type holds is no bound, or leaves nothing
    const clamped = ranges
      .map(({ lo, hi }) => ({
        lo: lo === null || (lo as bigint) < least ? least : (lo as bigint),
        hi: hi === null || (hi as bigint) > most ? most : (hi as bigint),
      }))
      .filter(({ lo, hi }) => lo <= hi);
    this.#count = clamped.length;
    this.#lows = this.#layout(clamped.map((range) => range.lo));
    this.#highs = this.#layout(clamped.map((range) => range.hi));
  }

  #layout(values: readonly bigint[]): Int32Array {
    const out = new Int32Array(values.length * this.#words);
    values.forEach((value, i) => {
      for (let w = 0; w < this.#words; w++) {
        out[i * this.#words + w] = Number(BigInt.asIntN(32, value >> BigInt(32 * w)));
      }
      out[(i + 1) * this.#words - 1]! ^= this.#flip;
    });
    return out;
  }

  /** Bounds as words, the top one flipped for unsigned types, when there is just one range; null otherwise. */
  get single(): { readonly low: Int32Array; readonly high: Int32Array; readonly flip: number } | null {
    return this.#count === 1 ? { low: this.#lows, high: this.#highs, flip: this.#flip } : null;
  }

  /** The value whose lowest word is at `at`. */
  has(values: Int32Array, at: number): boolean {
    let from = 0;
    let to = this.#count - 1;
    while (from <= to) {
      const middle = (from + to) >> 1;
      if (this.#order(values, at, this.#lows, middle) < 0) to = middle - 1;
      else if (this.#order(values, at, this.#highs, middle) > 0) from = middle + 1;
      else return true;
    }
    return false;
  }

  #order(values: Int32Array, at: number, bounds: Int32Array, index: number): number {
    const base = index * this.#words;
    const top = this.#words - 1;
    const a = values[at + top]! ^ this.#flip;
    const b = bounds[base + top]!;
    if (a !== b) return a < b ? -1 : 1;
    for (let w = top - 1; w >= 0; w--) {
      const x = values[at + w]! >>> 0;
      const y = bounds[base + w]! >>> 0;
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  }
}

const MOST_POINTS = 8;

/** Text and bytes, compared byte by byte. */
export class ByteRanges {
  readonly #ranges: readonly Range<Uint8Array>[];
  /** Few single values are faster looked at one by one: most differ in length or in the last byte. */
  readonly #points: readonly Uint8Array[] | null;

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges as readonly Range<Uint8Array>[];
    const isPoint = (r: Range<Uint8Array>): boolean => r.lo !== null && r.lo === r.hi;
    const few = ranges.length <= MOST_POINTS && this.#ranges.every(isPoint);
    this.#points = few ? this.#ranges.map((r) => r.lo!) : null;
  }

  /** Bytes `start <= i < end` of `data`. */
  has(data: Uint8Array, start: number, end: number): boolean {
    if (this.#points !== null) return isOneOf(data, start, end, this.#points);
    let from = 0;
    let to = this.#ranges.length - 1;
    while (from <= to) {
      const middle = (from + to) >> 1;
      const { lo, hi, loOpen, hiOpen } = this.#ranges[middle]!;
      const low = lo === null ? 1 : orderOf(data, start, end, lo);
      const high = hi === null ? -1 : orderOf(data, start, end, hi);
      if (low < 0 || (low === 0 && loOpen)) to = middle - 1;
      else if (high > 0 || (high === 0 && hiOpen)) from = middle + 1;
      else return true;
    }
    return false;
  }
}

function isOneOf(data: Uint8Array, start: number, end: number, points: readonly Uint8Array[]): boolean {
  for (let p = 0; p < points.length; p++) {
    const point = points[p]!;
    let i = point.length - 1;
    if (i !== end - start - 1) continue;
    while (i >= 0 && data[start + i] === point[i]) i--;
    if (i < 0) return true;
  }
  return false;
}

function orderOf(data: Uint8Array, start: number, end: number, bound: Uint8Array): number {
  const shared = Math.min(end - start, bound.length);
  for (let i = 0; i < shared; i++) {
    const a = data[start + i]!;
    const b = bound[i]!;
    if (a !== b) return a < b ? -1 : 1;
  }
  return end - start - bound.length;
}
