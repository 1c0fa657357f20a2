// Floats as the shortest decimal number that reads back as the same float.

import { writeFraction, writeInteger } from './digits.ts';
import { writeAscii } from './values.ts';

/** `-1.7976931348623157e+308` and a bit. */
export const FLOAT_MAX_BYTES = 26;
const MINUS = 0x2d;

/** A decimal number of at most this many digits is the only one of so few that gives its float. */
const SURE = { 32: 1e6, 64: 1e15 } as const;

/** Of a float that is finite: as ECMAScript writes doubles; the same for single precision, which it does not know. */
export function shortest(value: number, bits: 32 | 64): string {
  if (bits === 64) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/**
 * `value * 10^4` when the value is a decimal number of at most four decimals and few digits, which most are; else NaN.
 * Then these digits are the shortest.
 */
export function fourDecimals(value: number, bits: 32 | 64): number {
  const scaled = Math.round(value * 1e4);
  if (Math.abs(scaled) >= SURE[bits]) return Number.NaN;
  const back = scaled / 1e4;
  return (bits === 64 ? back : Math.fround(back)) === value ? scaled : Number.NaN;
}

/** NaN and the infinities are words, as Postgres' to_jsonb has them; the caller quotes them. */
export function writeFloat(out: Uint8Array, o: number, value: number, bits: 32 | 64): number {
  const scaled = fourDecimals(value, bits);
  if (!Number.isNaN(scaled)) {
    if (value < 0 || Object.is(value, -0)) out[o++] = MINUS;
    const magnitude = Math.abs(scaled);
    const whole = Math.floor(magnitude / 1e4);
    return writeFraction(out, writeInteger(out, o, whole), magnitude - whole * 1e4, 4);
  }
  return writeAscii(out, o, Number.isFinite(value) ? shortest(value, bits) : String(value));
}
