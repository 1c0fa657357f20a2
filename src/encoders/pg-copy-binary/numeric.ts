// numeric_recv's wire form: int16 digit count, weight, sign, dscale, then base-10^4 digits, most significant first.

import { divideLimbs, loadMagnitude, usedLimbs } from '../limbs.ts';

const POWERS = Float64Array.from({ length: 17 }, (_, k) => 10 ** k);
/** Least significant first. 78 decimal digits and the padding need 21 groups. */
const digits = new Int32Array(32);

/** The same for other files: what a module exports, its own code reaches more slowly. */
export const digitGroups = digits;

export const SIGN_NEGATIVE = 0x4000;

/** Bytes of a numeric of at most `precision` digits, length word included. */
export const numericMaxBytes = (precision: number): number => 4 + 8 + 2 * (Math.ceil(precision / 4) + 2);

/** Writes the `count` groups in `digits`, of which `fraction` stand behind the point; strips zeros at both ends. */
export function writeGroups(
  dv: DataView,
  o: number,
  count: number,
  fraction: number,
  negative: boolean,
  dscale: number,
): number {
  let high = count;
  while (high > 0 && digits[high - 1] === 0) high--;
  let low = 0;
  while (low < high && digits[low] === 0) low++;
  const used = high - low;
  dv.setInt32(o, 8 + 2 * used);
  dv.setInt16(o + 4, used);
  dv.setInt16(o + 6, used === 0 ? 0 : high - fraction - 1);
  dv.setInt16(o + 8, negative && used > 0 ? SIGN_NEGATIVE : 0);
  dv.setInt16(o + 10, dscale);
  o += 12;
  for (let k = high - 1; k >= low; k--) {
    dv.setInt16(o, digits[k]!);
    o += 2;
  }
  return o;
}

/** `magnitude * 10^-scale` for an integer below 2^53 and scale from 0 to 15. */
export function writeSmall(
  dv: DataView,
  o: number,
  magnitude: number,
  negative: boolean,
  scale: number,
): number {
  let whole = magnitude;
  let count = 0;
  const fraction = (scale + 3) >> 2;
  if (scale > 0) {
    const unit = POWERS[scale]!;
    whole = Math.floor(magnitude / unit);
    let rest = magnitude - whole * unit;
    // the quotient of doubles can be off by one at the edges
    if (rest < 0) {
      whole -= 1;
      rest += unit;
    } else if (rest >= unit) {
      whole += 1;
      rest -= unit;
    }
    const inLast = scale - 4 * (fraction - 1);
    const lastUnit = POWERS[inLast]!;
    const q = Math.floor(rest / lastUnit);
    digits[count++] = (rest - q * lastUnit) * POWERS[4 - inLast]!;
    rest = q;
    while (count < fraction) {
      const next = Math.floor(rest / 10000);
      digits[count++] = rest - next * 10000;
      rest = next;
    }
  }
  while (whole > 0) {
    const next = Math.floor(whole / 10000);
    digits[count++] = whole - next * 10000;
    whole = next;
  }
  return writeGroups(dv, o, count, fraction, negative, scale);
}

/**
 * `value * 10^-scale` at `o`, length word included; returns the end. The value is a signed little-endian integer of
 * `count` 32-bit words at `words[at]`. Scale up to 76; a negative one adds zeros before the point.
 */
export function writeNumeric(
  dv: DataView,
  o: number,
  words: Int32Array,
  at: number,
  count: number,
  scale: number,
): number {
  const top = words[at + count - 1]!;
  const negative = top < 0;
  const sign = top >> 31;
  let small = scale >= 0 && scale <= 15;
  for (let k = 2; small && k < count; k++) small = words[at + k] === sign;
  if (small && count > 1) {
    const hi = words[at + 1]!;
    // the sign must be that of the whole number, and the magnitude below 2^53
    small = hi >> 31 === sign && hi >= -0x1fffff && hi <= 0x1fffff;
    if (small) {
      const value = hi * 4294967296 + (words[at]! >>> 0);
      return writeSmall(dv, o, negative ? -value : value, negative, scale);
    }
  } else if (small) {
    return writeSmall(dv, o, negative ? -top : top, negative, scale);
  }
  return writeLarge(dv, o, words, at, count, scale, negative);
}

function writeLarge(
  dv: DataView,
  o: number,
  words: Int32Array,
  at: number,
  count: number,
  scale: number,
  negative: boolean,
): number {
  let n = loadMagnitude(words, at, count, negative);
  let groups = 0;
  const fraction = (scale + 3) >> 2;
  const inLast = scale & 3;
  if (inLast !== 0) {
    // the last group of the fraction holds one to three digits and is padded to four
    digits[groups++] = divideLimbs(n, POWERS[inLast]!) * POWERS[4 - inLast]!;
    n = usedLimbs(n);
  }
  while (n > 0) {
    digits[groups++] = divideLimbs(n, 10000);
    n = usedLimbs(n);
  }
  while (groups < fraction) digits[groups++] = 0;
  return writeGroups(dv, o, groups, fraction, negative, scale < 0 ? 0 : scale);
}

/** A 64-bit unsigned integer as numeric with scale 0. */
const unsignedWords = new Int32Array(3);
export function writeUnsigned64(dv: DataView, o: number, words: Int32Array, at: number): number {
  unsignedWords[0] = words[at]!;
  unsignedWords[1] = words[at + 1]!;
  return writeNumeric(dv, o, unsignedWords, 0, 3, 0);
}
