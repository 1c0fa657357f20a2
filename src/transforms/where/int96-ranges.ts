// Ranges of nanoseconds since 1970 for INT96 timestamps: a day and the nanoseconds in it, both exact as doubles.
import type { Range } from './ranges.ts';

const NS_PER_DAY = 86_400_000_000_000;
/** Julian day of 1970-01-01. */
const EPOCH_DAY = 2_440_588;

const dayOf = (ns: bigint): number => {
  const days = ns / BigInt(NS_PER_DAY);
  return Number(days * BigInt(NS_PER_DAY) > ns ? days - 1n : days);
};
const restOf = (ns: bigint): number => Number(ns - BigInt(dayOf(ns)) * BigInt(NS_PER_DAY));

export class Int96Ranges {
  readonly #count: number;
  /** Day and nanoseconds of the lower bound, then of the upper one. */
  readonly #bounds: Float64Array;

  /** Closed ranges, as those of whole numbers are. */
  constructor(ranges: readonly Range[]) {
    this.#count = ranges.length;
    this.#bounds = new Float64Array(4 * ranges.length);
    ranges.forEach(({ lo, hi }, i) => {
      const low = lo as bigint | null;
      const high = hi as bigint | null;
      this.#bounds[4 * i] = low === null ? Number.NEGATIVE_INFINITY : dayOf(low);
      this.#bounds[4 * i + 1] = low === null ? 0 : restOf(low);
      this.#bounds[4 * i + 2] = high === null ? Number.POSITIVE_INFINITY : dayOf(high);
      this.#bounds[4 * i + 3] = high === null ? 0 : restOf(high);
    });
  }

  /** The value whose lowest word is at `at`. */
  has(values: Int32Array, at: number): boolean {
    let rest = values[at + 1]! * 4_294_967_296 + (values[at]! >>> 0);
    // some writers let the nanoseconds run over the day
    const over = Math.floor(rest / NS_PER_DAY);
    rest -= over * NS_PER_DAY;
    const day = values[at + 2]! - EPOCH_DAY + over;
    const bounds = this.#bounds;
    for (let i = 0; i < 4 * this.#count; i += 4) {
      const above = day > bounds[i]! || (day === bounds[i]! && rest >= bounds[i + 1]!);
      if (above && (day < bounds[i + 2]! || (day === bounds[i + 2]! && rest <= bounds[i + 3]!))) return true;
    }
    return false;
  }
}
