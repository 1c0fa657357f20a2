// Values that change their kind on the way: floats and decimals into numeric and integers, where nothing is lost.
import { fourDecimals, shortest } from '../json/index.ts';
import { divideLimbs, limb, loadMagnitude, usedLimbs } from '../limbs.ts';
import { refuse } from '../refused-value.ts';
import { digitGroups, writeGroups, writeSmall } from './numeric.ts';

const SIGN_NAN = 0xc000;
const SIGN_INFINITE = 0xd000;
const SIGN_MINUS_INFINITE = 0xf000;

function writeSpecial(dv: DataView, o: number, sign: number): number {
  dv.setInt32(o, 8);
  dv.setInt32(o + 4, 0);
  dv.setUint16(o + 8, sign);
  // what the server sends itself; it ignores it on the way in
  dv.setInt16(o + 10, sign === SIGN_NAN ? 0 : 32);
  return o + 12;
}

const TOO_MANY_DECIMALS = 'has more decimals than the target keeps';
/** Returned in place of an end: the value does not fit. */
const MISFIT = -1;

/**
 * A float as the shortest decimal number that gives it back. `whole` and `scale`: digits that the target has before and
 * behind the point; both infinite for a numeric without precision. Returns the end, or -1 when the value is too large.
 * Infinities must fit.
 */
export function writeFloatNumeric(
  dv: DataView,
  o: number,
  value: number,
  bits: 32 | 64,
  whole: number,
  scale: number,
  row: number,
): number {
  if (!Number.isFinite(value)) {
    if (Number.isNaN(value)) return writeSpecial(dv, o, SIGN_NAN);
    return writeSpecial(dv, o, value > 0 ? SIGN_INFINITE : SIGN_MINUS_INFINITE);
  }
  if (Math.abs(value) >= 10 ** whole) return MISFIT;
  let scaled = fourDecimals(value, bits);
  if (Number.isNaN(scaled)) return writeShortest(dv, o, shortest(value, bits), scale, row);
  let decimals = 4;
  while (decimals > 0 && scaled % 10 === 0) {
    scaled /= 10;
    decimals--;
  }
  if (decimals > scale) refuse(TOO_MANY_DECIMALS, row);
  return writeSmall(dv, o, Math.abs(scaled), scaled < 0, decimals);
}

/** `1.7976931348623157e+308` and its like. */
function writeShortest(dv: DataView, o: number, text: string, scale: number, row: number): number {
  const negative = text.charCodeAt(0) === 0x2d;
  const e = text.indexOf('e');
  const mantissa = text.slice(negative ? 1 : 0, e < 0 ? undefined : e);
  const point = mantissa.indexOf('.');
  const all = point < 0 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
  // the value is 0.DIGITS times ten to the power of this
  const power = (point < 0 ? mantissa.length : point) + (e < 0 ? 0 : Number(text.slice(e + 1)));
  const decimals = Math.max(0, all.length - power);
  if (decimals > scale) refuse(TOO_MANY_DECIMALS, row);
  // padded in front and behind so that groups of four begin at the point
  const front = ((-power % 4) + 4) % 4;
  const count = Math.ceil((front + all.length) / 4);
  for (let g = 0; g < count; g++) {
    let group = 0;
    for (let k = 4 * g; k < 4 * g + 4; k++) {
      const at = k - front;
      group = group * 10 + (at >= 0 && at < all.length ? all.charCodeAt(at) - 48 : 0);
    }
    digitGroups[count - 1 - g] = group;
  }
  const groupsBefore = (power + front) / 4;
  return writeGroups(dv, o, count, count - groupsBefore, negative, decimals);
}

/** Is the magnitude of the integer at `words[at]` at least that of `bound`, of as many words? */
export function exceeds(
  words: Int32Array,
  at: number,
  count: number,
  bound: Int32Array,
  signed: boolean,
): boolean {
  const negative = signed && words[at + count - 1]! < 0;
  loadMagnitude(words, at, count, negative);
  for (let k = 2 * count - 1; k >= 0; k--) {
    const half = k & 1 ? bound[k >> 1]! >>> 16 : bound[k >> 1]! & 0xffff;
    const own = limb(k);
    if (own !== half) return own > half;
  }
  return true;
}

/** A decimal as an integer of `width` bytes, length word included; refused unless whole. -1 when it does not fit. */
export function writeDecimalInteger(
  dv: DataView,
  o: number,
  words: Int32Array,
  at: number,
  count: number,
  scale: number,
  width: 2 | 4 | 8,
  row: number,
): number {
  const negative = words[at + count - 1]! < 0;
  let n = loadMagnitude(words, at, count, negative);
  for (let left = scale; left > 0; left -= 4) {
    if (divideLimbs(n, left >= 4 ? 10_000 : 10 ** left) !== 0) refuse('is not a whole number', row);
    n = usedLimbs(n);
  }
  const low = n > 0 ? limb(0) + limb(1) * 65_536 : 0;
  const high = n > 2 ? limb(2) + limb(3) * 65_536 : 0;
  // the least integer has no positive equal
  const most = 2 ** (width * 8 - 1) - (negative ? 0 : 1);
  const isOut =
    n > 4 || (width < 8 ? high > 0 || low > most : high > (negative && low === 0 ? 0x80000000 : 0x7fffffff));
  if (isOut) return MISFIT;
  dv.setInt32(o, width);
  if (width === 2) dv.setInt16(o + 4, negative ? -low : low);
  else if (width === 4) dv.setInt32(o + 4, negative ? -low : low);
  else {
    const carry = low === 0 ? 1 : 0;
    dv.setInt32(o + 4, negative ? ~high + carry : high);
    dv.setInt32(o + 8, negative ? ~low + 1 : low);
  }
  return o + 4 + width;
}
