// Numbers as JSON, for millions of them a second: whole numbers and doubles of two decimals without a string.
import { fourDecimals } from '../json/floats.ts';
import { writeAscii } from '../json/values.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** Of a double with its sign: `-1.7976931348623157e+308`; of a 64-bit integer. */
export const DOUBLE_MAX_BYTES = 27;
export const INTEGER_MAX_BYTES = 20;

const TENS = Uint8Array.from({ length: 100 }, (_, k) => ZERO + Math.floor(k / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, k) => ZERO + (k % 10));

/** 0 <= v < 2^32. */
export function writeUint32(out: Uint8Array, o: number, v: number): number {
  if (v < 10) {
    out[o] = ZERO + v;
    return o + 1;
  }
  if (v < 100) {
    out[o] = TENS[v]!;
    out[o + 1] = ONES[v]!;
    return o + 2;
  }
  let count = 3;
  if (v >= 1e3)
    count = v < 1e4 ? 4 : v < 1e5 ? 5 : v < 1e6 ? 6 : v < 1e7 ? 7 : v < 1e8 ? 8 : v < 1e9 ? 9 : 10;
  const end = o + count;
  let k = end;
  while (v >= 100) {
    const q = (v / 100) | 0;
    const rest = v - q * 100;
    out[--k] = ONES[rest]!;
    out[--k] = TENS[rest]!;
    v = q;
  }
  if (v >= 10) {
    out[--k] = ONES[v]!;
    out[--k] = TENS[v]!;
  } else {
    out[--k] = ZERO + v;
  }
  return end;
}

/** Eight digits, zeros in front. */
function writeEight(out: Uint8Array, o: number, v: number): number {
  for (let k = o + 6; k >= o; k -= 2) {
    const q = (v / 100) | 0;
    const rest = v - q * 100;
    out[k] = TENS[rest]!;
    out[k + 1] = ONES[rest]!;
    v = q;
  }
  return o + 8;
}

/** A whole number, |v| <= 2^53. */
export function writeInteger(out: Uint8Array, o: number, v: number): number {
  if (v < 0) {
    out[o++] = MINUS;
    v = -v;
  }
  if (v < 4_294_967_296) return writeUint32(out, o, v);
  const high = Math.floor(v / 1e8);
  return writeEight(out, writeUint32(out, o, high), v - high * 1e8);
}

/** Midnight of a day since 1970, in milliseconds; of all 32 bits. */
export function writeDays(out: Uint8Array, o: number, days: number): number {
  if (days === 0) {
    out[o] = ZERO;
    return o + 1;
  }
  // 86,400,000 days * ms need more than 53 bits; the zeros at the end do not
  o = writeInteger(out, o, days * 864);
  for (const end = o + 5; o < end; o++) out[o] = ZERO;
  return o;
}

/**
 * A finite double: the shortest number that reads back as the same double, with a point or an exponent, so that no reader
 * takes it for an integer: 5.0, -0.0, 1e+21.
 */
export function writeDouble(out: Uint8Array, o: number, x: number): number {
  if (x < 0 || (x === 0 && 1 / x < 0)) {
    out[o++] = MINUS;
    x = -x;
  }
  if (x < 2e7) {
    // a number of so few digits that gives the double back is the shortest that does
    const hundredths = (x * 100 + 0.5) | 0;
    if (hundredths / 100 === x) {
      const whole = (hundredths / 100) | 0;
      const rest = hundredths - whole * 100;
      o = writeUint32(out, o, whole);
      out[o] = POINT;
      out[o + 1] = TENS[rest]!;
      if (ONES[rest] === ZERO) return o + 2;
      out[o + 2] = ONES[rest]!;
      return o + 3;
    }
  }
  return writeRareDouble(out, o, x);
}

function writeRareDouble(out: Uint8Array, o: number, x: number): number {
  const scaled = fourDecimals(x, 64);
  if (scaled < 1e12) {
    const whole = Math.floor(scaled / 1e4);
    const rest = scaled - whole * 1e4;
    o = writeInteger(out, o, whole);
    out[o++] = POINT;
    const high = (rest / 100) | 0;
    const low = rest - high * 100;
    out[o] = TENS[high]!;
    out[o + 1] = ONES[high]!;
    out[o + 2] = TENS[low]!;
    out[o + 3] = ONES[low]!;
    let end = o + 4;
    while (end > o + 1 && out[end - 1] === ZERO) end--;
    return end;
  }
  const text = String(x);
  o = writeAscii(out, o, text);
  if (text.includes('.') || text.includes('e')) return o;
  out[o] = POINT;
  out[o + 1] = ZERO;
  return o + 2;
}
