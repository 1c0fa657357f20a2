// What generated code may call. Each is called for rare values only, or does the work of a whole value.
import { halfToNumber } from '../half.ts';
import { divide, quotient, quotientNumber } from '../int64.ts';
import { refuse } from '../refused-value.ts';
import { addressFrom } from './addresses.ts';
import { exceeds, writeDecimalInteger, writeFloatNumeric } from './conversions.ts';
import { writeEwkb } from './ewkb.ts';
import { writeNumeric, writeUnsigned64 } from './numeric.ts';
import { uuidFrom } from './uuid.ts';

/** Characters (code points) of valid UTF-8. */
function charCount(d: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let k = from; k < to; k++) if ((d[k]! & 0xc0) !== 0x80) count++;
  return count;
}

const integerWords = new Int32Array(2);

/** An integer of at most 32 bits (signed or not) as numeric with scale 0. */
function writeInteger(dv: DataView, o: number, value: number): number {
  integerWords[0] = value | 0;
  integerWords[1] = value < 0 ? -1 : 0;
  return writeNumeric(dv, o, integerWords, 0, 2, 0);
}

/** Days since 1970 of a 64-bit number of units, 1000^steps of them a second; NaN when it is not midnight. */
function wholeDays(high: number, low: number, steps: number): number {
  let rest = 0;
  quotient.high = high;
  quotient.low = low;
  for (let k = 0; k < steps; k++) rest += divide(quotient.high, quotient.low, 1000);
  rest += divide(quotient.high, quotient.low, 86_400);
  return rest === 0 ? quotientNumber() : Number.NaN;
}

/**
 * The one length of the lists `from <= k < to` of a level: by offsets, or `size` for fixed-size lists. Refuses what an
 * array cannot say.
 */
function sameLength(
  offsets: Uint32Array,
  stride: number,
  size: number,
  validity: Uint8Array | null,
  bit: number,
  from: number,
  to: number,
  row: number,
): number {
  if (validity !== null) {
    for (let k = bit + from; k < bit + to; k++) {
      if (((validity[k >> 3]! >> (k & 7)) & 1) === 0)
        refuse('holds NULL in place of a list, which an array of several dimensions cannot', row);
    }
  }
  const length = stride === 0 ? size : offsets[(from + 1) * stride]! - offsets[from * stride]!;
  if (length === 0) refuse('holds an empty list in a list, which an array cannot', row);
  if (stride === 0) return length;
  for (let k = from + 1; k < to; k++) {
    if (offsets[(k + 1) * stride]! - offsets[k * stride]! !== length)
      refuse('holds lists of different lengths, which an array of several dimensions cannot', row);
  }
  return length;
}

/** Counts before a value whose writing may be undone. */
const kept = new Float64Array(8);

const keep = (counts: Float64Array): void => kept.set(counts);

function undo(counts: Float64Array): void {
  for (let k = 0; k < counts.length; k++) counts[k] = kept[k]!;
}

export const HELPERS = {
  keep,
  undo,
  refuse,
  half: halfToNumber,
  charCount,
  uuidFrom,
  addressFrom,
  writeEwkb,
  wholeDays,
  sameLength,
  exceeds,
  writeInteger,
  writeNumeric,
  writeUnsigned64,
  writeFloatNumeric,
  writeDecimalInteger,
} as const;
