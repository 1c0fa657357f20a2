// Numbers as digits.
import { divideLimbs, loadMagnitude, usedLimbs } from '../limbs.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** A whole number from 0 to 2^53, at least `width` digits. */
export function writeWhole(out: Uint8Array, o: number, value: number, width = 1): number {
  let count = 1;
  for (let limit = 10; value >= limit && count < 17; limit *= 10) count++;
  if (count < width) count = width;
  for (let k = o + count - 1; k >= o; k--) {
    const next = Math.floor(value / 10);
    out[k] = ZERO + (value - next * 10);
    value = next;
  }
  return o + count;
}

export function writeInteger(out: Uint8Array, o: number, value: number): number {
  if (value >= 0) return writeWhole(out, o, value);
  out[o] = MINUS;
  return writeWhole(out, o + 1, -value);
}

/** Two digits: clocks and dates. */
export function writePair(out: Uint8Array, o: number, value: number): number {
  const tens = Math.floor(value / 10);
  out[o] = ZERO + tens;
  out[o + 1] = ZERO + value - tens * 10;
  return o + 2;
}

/** `value` as `digits` digits behind a point, without the zeros at the end; nothing for 0. */
export function writeFraction(out: Uint8Array, o: number, value: number, digits: number): number {
  if (value === 0) return o;
  out[o] = POINT;
  let end = writeWhole(out, o + 1, value, digits);
  while (out[end - 1] === ZERO) end--;
  return end;
}

/** Groups of four digits, least significant first; 256 bits have 78 digits. */
const groups = new Int32Array(24);
const digits = new Uint8Array(80 + 80);

/** Digits of a magnitude in `digits`, most significant first and without zeros in front; returns how many. */
function toDigits(words: Int32Array, at: number, count: number, negative: boolean): number {
  let n = loadMagnitude(words, at, count, negative);
  let filled = 0;
  while (n > 0) {
    groups[filled++] = divideLimbs(n, 10_000);
    n = usedLimbs(n);
  }
  if (filled === 0) return 0;
  let end = writeWhole(digits, 0, groups[filled - 1]!);
  for (let k = filled - 2; k >= 0; k--) end = writeWhole(digits, end, groups[k]!, 4);
  return end;
}

/** Bytes of a number of `count` 32-bit words and this scale at most. */
export const decimalMaxBytes = (count: number, scale: number): number =>
  3 + Math.max(Math.ceil(count * 9.64), Math.abs(scale)) + (scale < 0 ? -scale : 0);

/**
 * `value * 10^-scale` with all its decimals: 1.50 stays 1.50. The value: `count` little-endian 32-bit words at
 * `words[at]`, two's complement when `signed`.
 */
export function writeDecimal(
  out: Uint8Array,
  o: number,
  words: Int32Array,
  at: number,
  count: number,
  scale: number,
  signed = true,
): number {
  const negative = signed && words[at + count - 1]! < 0;
  const length = toDigits(words, at, count, negative);
  if (negative) out[o++] = MINUS;
  const whole = Math.max(0, length - Math.max(0, scale));
  if (whole === 0) out[o++] = ZERO;
  for (let k = 0; k < whole; k++) out[o++] = digits[k]!;
  if (length > 0) for (let k = 0; k < -scale; k++) out[o++] = ZERO;
  if (scale <= 0) return o;
  out[o++] = POINT;
  for (let k = length; k < scale; k++) out[o++] = ZERO;
  for (let k = whole; k < length; k++) out[o++] = digits[k]!;
  return o;
}

/** A 64-bit integer of two words at `words[at]`. */
export function writeInt64(
  out: Uint8Array,
  o: number,
  words: Int32Array,
  at: number,
  signed: boolean,
): number {
  const low = words[at]! >>> 0;
  const high = signed ? words[at + 1]! : words[at + 1]! >>> 0;
  // 53 bits are exact as a double
  if (high >= -0x1fffff && high <= 0x1fffff) return writeInteger(out, o, high * 4_294_967_296 + low);
  return writeDecimal(out, o, words, at, 2, 0, signed);
}
