// Bounds of statistics as people read them. For printing only: nothing parses this.
import type { ArrowType, ColumnStats, LogicalType, TimeUnit } from '../../model/index.ts';

type Bound = NonNullable<ColumnStats['min']>;

/** Longer text says nothing more in a table. */
const MOST_CHARACTERS = 64;

const PER_SECOND: Record<TimeUnit, bigint> = { s: 1n, ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n };
const DIGITS: Record<TimeUnit, number> = { s: 0, ms: 3, us: 6, ns: 9 };
const DAY_SECONDS = 86_400n;

const pad = (value: bigint | number, width: number): string => String(value).padStart(width, '0');

const floorDiv = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

/** Days since 1970 in the proleptic Gregorian calendar, for any year. */
function dateText(days: bigint): string {
  const shifted = days + 719_468n;
  const era = floorDiv(shifted, 146_097n);
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const monthIndex = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * monthIndex + 2n) / 5n + 1n;
  const month = monthIndex < 10n ? monthIndex + 3n : monthIndex - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  const sign = year < 0n ? '-' : '';
  return `${sign}${pad(year < 0n ? -year : year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function clockText(ticks: bigint, unit: TimeUnit): string {
  const seconds = ticks / PER_SECOND[unit];
  const fraction = ticks % PER_SECOND[unit];
  const clock = `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}`;
  return fraction === 0n ? clock : `${clock}.${pad(fraction, DIGITS[unit])}`;
}

function timestampText(ticks: bigint, unit: TimeUnit, zoned: boolean): string {
  const perDay = DAY_SECONDS * PER_SECOND[unit];
  const days = floorDiv(ticks, perDay);
  return `${dateText(days)} ${clockText(ticks - days * perDay, unit)}${zoned ? 'Z' : ''}`;
}

export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = pad(unscaled < 0n ? -unscaled : unscaled, scale + 1);
  const at = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function bytesText(type: ArrowType, logical: LogicalType | null, bytes: Uint8Array): string {
  if (logical === 'uuid' && bytes.length === 16) {
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
  const text = type.id === 'utf8' ? new TextDecoder().decode(bytes) : `0x${hex(bytes)}`;
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

export function boundText(type: ArrowType, logical: LogicalType | null, bound: Bound): string {
  if (bound instanceof Uint8Array) return bytesText(type, logical, bound);
  if (typeof bound === 'boolean') return String(bound);
  if (Object.is(bound, -0)) return '-0';
  switch (type.id) {
    case 'decimal':
      return decimalText(BigInt(bound), type.scale);
    case 'date':
      return dateText(type.unit === 'day' ? BigInt(bound) : floorDiv(BigInt(bound), 86_400_000n));
    case 'time':
      return clockText(BigInt(bound), type.unit);
    case 'timestamp':
      return timestampText(BigInt(bound), type.unit, type.timezone !== null);
    default:
      return String(bound);
  }
}
