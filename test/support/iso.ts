// ISO 8601 as Postgres writes it: more than four digits of year without a sign, " BC" behind years before 1.

const pad = (value: bigint, width: number): string => String(value).padStart(width, '0');
const floorMod = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;

/** Days since 1970, for any year; by way of Date within 400 years, which repeat. */
function civil(days: bigint): { readonly date: string; readonly era: string } {
  const cycle = 146_097n;
  const inCycle = floorMod(days, cycle);
  const date = new Date(Number(inCycle) * 86_400_000);
  const year = BigInt(date.getUTCFullYear()) + 400n * ((days - inCycle) / cycle);
  const rest = date.toISOString().slice(-20, -14);
  return { date: `${pad(year > 0n ? year : 1n - year, 4)}${rest}`, era: year > 0n ? '' : ' BC' };
}

export function isoDate(days: bigint): string {
  const { date, era } = civil(days);
  return `${date}${era}`;
}

/** Ticks since midnight, `per` of them a second. */
export function isoClock(ticks: bigint, per: bigint): string {
  const seconds = ticks / per;
  const fraction = ticks % per;
  const digits = fraction === 0n ? '' : `.${pad(fraction, String(per).length - 1).replace(/0+$/, '')}`;
  return `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}${digits}`;
}

export function isoTimestamp(ticks: bigint, per: bigint, zoned: boolean): string {
  const inDay = floorMod(ticks, 86_400n * per);
  const { date, era } = civil((ticks - inDay) / (86_400n * per));
  return `${date}T${isoClock(inDay, per)}${zoned ? '+00:00' : ''}${era}`;
}
