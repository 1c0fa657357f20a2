// Dates, times, timestamps, durations and intervals, each as an ISO 8601 string.
import { int32Values, words } from '../../arrow/index.ts';
import type { ArrowType } from '../../model/index.ts';
import { divide, quotient, quotientNumber } from '../int64.ts';
import { refuse } from '../refused-value.ts';
import {
  DATE_MAX_BYTES,
  SPAN_MAX_BYTES,
  TIMESTAMP_MAX_BYTES,
  writeClock,
  writeDate,
  writeInstant,
  writeSpan,
  writeTimestamp,
} from './clock.ts';
import { type JsonType, scalar } from './values.ts';

type Of<T extends ArrowType['id']> = Extract<ArrowType, { id: T }>;

const DAY_SECONDS = 86_400;
const PER_SECOND = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 } as const;

export function dateType({ unit }: Of<'date'>): JsonType {
  if (unit === 'day') {
    return scalar(true, DATE_MAX_BYTES, (c) => {
      const v = int32Values(c).subarray(c.offset);
      return (out, o, i) => writeDate(out, o, v[i]!);
    });
  }
  return scalar(true, TIMESTAMP_MAX_BYTES, (c) => {
    const v = words(c).subarray(2 * c.offset);
    return (out, o, i, row) => {
      const ms = divide(v[2 * i + 1]!, v[2 * i]! >>> 0, 1000);
      const seconds = divide(quotient.high, quotient.low, DAY_SECONDS);
      if (ms !== 0 || seconds !== 0) refuse('has a time of day, and a date has none', row);
      return writeDate(out, o, quotientNumber());
    };
  });
}

export function timeType({ unit }: Of<'time'>): JsonType {
  const perSecond = PER_SECOND[unit];
  const narrow = unit === 's' || unit === 'ms';
  return scalar(true, 18, (c) => {
    const v = narrow ? int32Values(c).subarray(c.offset) : words(c).subarray(2 * c.offset);
    return (out, o, i, row) => {
      const ticks = narrow ? v[i]! : v[2 * i + 1]! * 4_294_967_296 + (v[2 * i]! >>> 0);
      const seconds = Math.floor(ticks / perSecond);
      if (ticks < 0 || ticks > DAY_SECONDS * perSecond) refuse('is not a time of day', row);
      return writeClock(out, o, seconds, ticks - seconds * perSecond, unit);
    };
  });
}

export const timestampType = ({ unit, timezone }: Of<'timestamp'>): JsonType =>
  scalar(true, TIMESTAMP_MAX_BYTES, (c) => {
    const v = words(c).subarray(2 * c.offset);
    const zoned = timezone !== null;
    return (out, o, i) => writeTimestamp(out, o, v[2 * i + 1]!, v[2 * i]! >>> 0, unit, zoned);
  });

/** Julian day of 1970-01-01. */
const EPOCH_DAY = 2_440_588;
const DAY_NS = DAY_SECONDS * 1e9;

export const int96Type = ({ timezone }: Of<'int96'>): JsonType =>
  scalar(true, TIMESTAMP_MAX_BYTES, (c) => {
    const v = words(c).subarray(3 * c.offset);
    const zoned = timezone !== null;
    return (out, o, i, row) => {
      const ns = v[3 * i + 1]! * 4_294_967_296 + (v[3 * i]! >>> 0);
      if (!Number.isSafeInteger(ns)) refuse('is no timestamp', row);
      const over = Math.floor(ns / DAY_NS);
      const inDay = ns - over * DAY_NS;
      const seconds = Math.floor(inDay / 1e9);
      const days = v[3 * i + 2]! - EPOCH_DAY + over;
      return writeInstant(out, o, days, seconds, inDay - seconds * 1e9, 'ns', zoned);
    };
  });

export const durationType = ({ unit }: Of<'duration'>): JsonType =>
  scalar(true, SPAN_MAX_BYTES, (c) => {
    const v = words(c).subarray(2 * c.offset);
    return (out, o, i) => writeSpan(out, o, 0, 0, v[2 * i + 1]!, v[2 * i]! >>> 0, unit);
  });

export const intervalType = ({ unit }: Of<'interval'>): JsonType =>
  scalar(true, SPAN_MAX_BYTES, (c) => {
    const size = { month: 1, dayTime: 2, monthDayNano: 4, monthDayMs: 3 }[unit];
    const v = words(c).subarray(size * c.offset);
    switch (unit) {
      case 'month':
        return (out, o, i) => writeSpan(out, o, v[i]!, 0, 0, 0, 's');
      case 'dayTime':
        return (out, o, i) => {
          const ms = v[2 * i + 1]!;
          return writeSpan(out, o, 0, v[2 * i]!, ms < 0 ? -1 : 0, ms >>> 0, 'ms');
        };
      case 'monthDayNano':
        return (out, o, i) =>
          writeSpan(out, o, v[4 * i]!, v[4 * i + 1]!, v[4 * i + 3]!, v[4 * i + 2]! >>> 0, 'ns');
      default:
        // unsigned, as Parquet has it
        return (out, o, i) =>
          writeSpan(out, o, v[3 * i]! >>> 0, v[3 * i + 1]! >>> 0, 0, v[3 * i + 2]! >>> 0, 'ms');
    }
  });
