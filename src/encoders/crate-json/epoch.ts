// Points in time as milliseconds since 1970, which is what CrateDB stores: all of 64 bits, none rounded silently.
import type { TimeUnit } from '../../model/index.ts';
import { divide, quotient } from '../int64.ts';
import { writeInt64 } from '../json/digits.ts';
import { refuse } from '../refused-value.ts';
import { COUNT_AT, type WriteContext } from '../write-context.ts';
import { writeInteger } from './numbers.ts';

const FINER = 'is finer than a millisecond, which a timestamp of CrateDB cannot be';
const OUT = 'is outside of what a timestamp holds';
const TWO_32 = 4_294_967_296;

const words = new Int32Array(2);

/** Two words, the low one unsigned. */
function writeWords(out: Uint8Array, o: number, high: number, low: number): number {
  words[0] = low | 0;
  words[1] = high | 0;
  return writeInt64(out, o, words, 0, true);
}

/**
 * Does what --timestamp-ns says with a fraction of a millisecond; returns 1 when the millisecond is the next one.
 * A point in time that is cut off goes back, before 1970 too. `rest` of `whole` units; `odd`: is the millisecond odd?
 */
export function leftover(
  { policies, counts }: WriteContext,
  rest: number,
  whole: number,
  odd: boolean,
  row: number,
): 0 | 1 {
  if (rest === 0) return 0;
  if (policies.timestampNs === 'error') refuse(FINER, row, 'timestampNs');
  counts[COUNT_AT.timestampNs]!++;
  if (policies.timestampNs === 'truncate') return 0;
  return 2 * rest > whole || (2 * rest === whole && odd) ? 1 : 0;
}

/** A 64-bit number of units in two words, the low one unsigned. */
export function writeEpoch(
  out: Uint8Array,
  o: number,
  high: number,
  low: number,
  unit: TimeUnit,
  context: WriteContext,
  row: number,
): number {
  if (unit === 'us' && high > -0x1fffff && high < 0x1fffff) {
    const micros = high * TWO_32 + low;
    const ms = Math.floor(micros / 1000);
    if (ms * 1000 === micros) return writeInteger(out, o, ms);
  }
  if (unit === 'ms') return writeWords(out, o, high, low);
  if (unit === 's') return writeSeconds(out, o, high, low, row);
  let rest = divide(high, low, 1000);
  let whole = 1000;
  if (unit === 'ns') {
    rest += 1000 * divide(quotient.high, quotient.low, 1000);
    whole = 1_000_000;
  }
  const up = leftover(context, rest, whole, (quotient.low & 1) === 1, row);
  const bottom = quotient.low + up;
  return bottom < TWO_32
    ? writeWords(out, o, quotient.high, bottom)
    : writeWords(out, o, quotient.high + 1, bottom - TWO_32);
}

/** 2^63 / 1000: beyond it the milliseconds need more than 64 bits. */
const MOST_SECONDS = 9_223_372_036_854_774;

/** A number of seconds: its milliseconds are its digits and three zeros. */
function writeSeconds(out: Uint8Array, o: number, high: number, low: number, row: number): number {
  const seconds = high * TWO_32 + low;
  if (!(Math.abs(seconds) <= MOST_SECONDS)) refuse(OUT, row);
  if (seconds === 0) return writeInteger(out, o, 0);
  const end = writeWords(out, o, high, low);
  out[end] = 0x30;
  out[end + 1] = 0x30;
  out[end + 2] = 0x30;
  return end + 3;
}
