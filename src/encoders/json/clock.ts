// Dates, times and spans as ISO 8601 text, in the dialect that Postgres writes and reads: years beyond 9999 have more digits
// and no sign, years before 1 end in " BC". All of 64 bits, no rounding: nanoseconds stay.

import type { TimeUnit } from '../../model/index.ts';
import { divide, quotient, quotientNumber } from '../int64.ts';
import { writeFraction, writeInt64, writeInteger, writePair, writeWhole } from './digits.ts';

const COLON = 0x3a;
const HYPHEN = 0x2d;
const MINUS = 0x2d;

/** Powers of 1000 in a second. */
const STEPS: Record<TimeUnit, 0 | 1 | 2 | 3> = { s: 0, ms: 1, us: 2, ns: 3 };

/** A date of 12 digits of year, " BC" included. */
export const DATE_MAX_BYTES = 12 + 6 + 3;
/** A date, T, a clock with nanoseconds, a zone. */
export const TIMESTAMP_MAX_BYTES = DATE_MAX_BYTES + 1 + 18 + 6;
/** `P-2147483648M-2147483648DT-9223372036854775808.123456789S` and a bit. */
export const SPAN_MAX_BYTES = 64;

/** Days since 1970 in the proleptic Gregorian calendar, without the era. */
function writeCivil(out: Uint8Array, o: number, days: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  lastYear = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  // there is no year 0: it is the year 1 BC
  o = writeWhole(out, o, lastYear > 0 ? lastYear : 1 - lastYear, 4);
  out[o++] = HYPHEN;
  o = writePair(out, o, month);
  out[o++] = HYPHEN;
  return writePair(out, o, day);
}

/** Of the date written last. */
let lastYear = 0;

function writeEra(out: Uint8Array, o: number): number {
  if (lastYear > 0) return o;
  out[o] = 0x20;
  out[o + 1] = 0x42;
  out[o + 2] = 0x43;
  return o + 3;
}

export const writeDate = (out: Uint8Array, o: number, days: number): number =>
  writeEra(out, writeCivil(out, o, days));

/** Seconds of a day from 0 to 86,400, and the digits behind the point as a whole number. */
export function writeClock(
  out: Uint8Array,
  o: number,
  seconds: number,
  fraction: number,
  unit: TimeUnit,
): number {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) - hours * 60;
  o = writePair(out, o, hours);
  out[o++] = COLON;
  o = writePair(out, o, minutes);
  out[o++] = COLON;
  o = writePair(out, o, seconds - hours * 3600 - minutes * 60);
  return writeFraction(out, o, fraction, 3 * STEPS[unit]);
}

/** Leaves whole seconds in `quotient` and returns the rest, from 0, in the unit. */
function splitSeconds(high: number, low: number, unit: TimeUnit): number {
  let rest = 0;
  let factor = 1;
  quotient.high = high;
  quotient.low = low;
  for (let k = STEPS[unit]; k > 0; k--) {
    rest += factor * divide(quotient.high, quotient.low, 1000);
    factor *= 1000;
  }
  return rest;
}

/** A 64-bit number of units since 1970, in two words. */
export function writeTimestamp(
  out: Uint8Array,
  o: number,
  high: number,
  low: number,
  unit: TimeUnit,
  zoned: boolean,
): number {
  const fraction = splitSeconds(high, low, unit);
  const seconds = divide(quotient.high, quotient.low, 86_400);
  return writeInstant(out, o, quotientNumber(), seconds, fraction, unit, zoned);
}

/** A day, a second of it and a fraction. */
export function writeInstant(
  out: Uint8Array,
  o: number,
  days: number,
  seconds: number,
  fraction: number,
  unit: TimeUnit,
  zoned: boolean,
): number {
  o = writeCivil(out, o, days);
  out[o++] = 0x54;
  o = writeClock(out, o, seconds, fraction, unit);
  if (zoned) {
    // +00:00: instants are in UTC
    out[o++] = 0x2b;
    o = writePair(out, o, 0);
    out[o++] = COLON;
    o = writePair(out, o, 0);
  }
  return writeEra(out, o);
}

const PER_SECOND: Record<TimeUnit, number> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };

const scratch = new Int32Array(2);

/** Seconds with their fraction and an S; negative ones as -1.5, not as -2 and 0.5. */
function writeSeconds(out: Uint8Array, o: number, high: number, low: number, unit: TimeUnit): number {
  let fraction = splitSeconds(high, low, unit);
  let carry = 0;
  if (high < 0 && fraction > 0) {
    fraction = PER_SECOND[unit] - fraction;
    carry = 1;
  }
  const bottom = quotient.low + carry;
  scratch[0] = bottom | 0;
  scratch[1] = quotient.high + (bottom > 0xffffffff ? 1 : 0);
  // what is left of -0.5 is a zero without a sign
  if (carry === 1 && scratch[0] === 0 && scratch[1] === 0) out[o++] = MINUS;
  o = writeInt64(out, o, scratch, 0, true);
  o = writeFraction(out, o, fraction, 3 * STEPS[unit]);
  out[o++] = 0x53;
  return o;
}

/** `P1M2DT3.5S`; parts that are zero are left out, and nothing at all is `PT0S`. Each part has a sign of its own. */
export function writeSpan(
  out: Uint8Array,
  o: number,
  months: number,
  days: number,
  high: number,
  low: number,
  unit: TimeUnit,
): number {
  out[o++] = 0x50;
  if (months !== 0) {
    o = writeInteger(out, o, months);
    out[o++] = 0x4d;
  }
  if (days !== 0) {
    o = writeInteger(out, o, days);
    out[o++] = 0x44;
  }
  const isZero = high === 0 && low === 0;
  if (isZero && (months !== 0 || days !== 0)) return o;
  out[o++] = 0x54;
  return writeSeconds(out, o, high, low, unit);
}
