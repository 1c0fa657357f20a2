// ISO 8601 text -> nanoseconds. Exact, for any year of six digits.

const SECOND = 1_000_000_000n;
const DATE_TIME =
  /^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?$/;

/** Days since 1970 in the proleptic Gregorian calendar. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Digits behind the point; null when they say more than nanoseconds. */
function fractionNs(digits: string): bigint | null {
  if (!/^0*$/.test(digits.slice(9))) return null;
  return BigInt(digits.slice(0, 9).padEnd(9, '0'));
}

function clockNs(hour: string, minute: string, second: string, fraction: string): bigint | null {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const ns = fractionNs(fraction);
  if (ns === null || m > 59 || s > 59) return null;
  const total = BigInt(h * 3600 + m * 60 + s) * SECOND + ns;
  // 24:00 is the end of the day
  return total > 86_400n * SECOND ? null : total;
}

function zoneNs(zone: string): bigint | null {
  if (zone === '' || /^z$/i.test(zone)) return 0n;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  if (minutes > 24 * 60) return null;
  return BigInt(zone[0] === '-' ? -minutes : minutes) * 60n * SECOND;
}

/** Nanoseconds since 1970; text without a zone means UTC. Null when it is no date or time. */
export function dateTimeNs(text: string): { readonly ns: bigint; readonly zoned: boolean } | null {
  const match = DATE_TIME.exec(text.trim());
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = ''] = match;
  const zone = match[8] ?? '';
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  if (m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m)) return null;
  const clock = clockNs(hour, minute, second, fraction);
  const shift = zoneNs(zone);
  if (clock === null || shift === null) return null;
  const ns = BigInt(daysFromCivil(y, m, d)) * 86_400n * SECOND + clock - shift;
  return { ns, zoned: zone !== '' };
}

/** Nanoseconds since midnight. */
export function timeNs(text: string): bigint | null {
  const match = TIME.exec(text.trim());
  if (match === null) return null;
  const [, hour = '', minute = '', second = '00', fraction = ''] = match;
  return clockNs(hour, minute, second, fraction);
}
