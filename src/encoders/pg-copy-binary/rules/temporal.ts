// Dates, times, timestamps, durations, intervals.
import type { ArrowType } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';
import { bits64Writer } from '../writers/fixed.ts';
import { intervalWriter } from '../writers/interval.ts';
import {
  date32ToTimestampWriter,
  date32Writer,
  date64Writer,
  durationWriter,
  int96Writer,
  timestampToDateWriter,
  timestampWriter,
  timeWriter,
} from '../writers/temporal.ts';
import {
  checked,
  exact,
  type Find,
  joinNotes,
  type Refusal,
  type Rule,
  refused,
  type Verdict,
} from './rule.ts';

const NANOSECONDS = 'values with nanoseconds {timestampNs}';
const IN_RANGE = 'range checked';

const withNotes = (writer: Rule['writer'], ...notes: readonly (string | null)[]): Rule =>
  checked(writer, joinNotes(...notes)!);

/** time(p) and timestamp(p) below 6 would round. */
const roundsTo = (target: PgType): Refusal | null =>
  target.typmod === -1 || target.typmod >= 6
    ? null
    : refused(`it keeps ${target.typmod} digits of a second and rounds the rest`);

const isTimestamp = (target: PgType): boolean => target.name === 'timestamp' || target.name === 'timestamptz';

export const findDate: Find<'date'> = (type, target) => {
  if (target.name === 'date') {
    return type.unit === 'day'
      ? withNotes(date32Writer, IN_RANGE)
      : withNotes(date64Writer, 'values that are not whole days are refused', IN_RANGE);
  }
  if (!isTimestamp(target)) return null;
  const note = target.name === 'timestamptz' ? 'midnight UTC' : 'midnight';
  return withNotes(type.unit === 'day' ? date32ToTimestampWriter : timestampWriter('ms'), note, IN_RANGE);
};

export const findTime: Find<'time'> = (type, target) => {
  if (target.name === 'timetz') return refused('the file has no time zone for it');
  if (target.name !== 'time') return null;
  return (
    roundsTo(target) ?? withNotes(timeWriter(type.unit), type.unit === 'ns' ? NANOSECONDS : null, IN_RANGE)
  );
};

/** What becomes of the time zone, or of its lack. */
function zoneNote(timezone: string | null, target: PgType): string | null {
  if (timezone !== null && target.name === 'timestamp') return 'the instant is stored as its UTC wall clock';
  if (timezone === null && target.name === 'timestamptz') return 'no time zone in the file: read as UTC';
  return null;
}

export const findTimestamp: Find<'timestamp'> = (type, target) => {
  const { unit, timezone } = type;
  if (isTimestamp(target)) {
    // all that 64 bits of nanoseconds can say is within the range
    const limit = unit === 'ns' ? NANOSECONDS : IN_RANGE;
    return roundsTo(target) ?? withNotes(timestampWriter(unit), zoneNote(timezone, target), limit);
  }
  if (target.name === 'date') {
    const zone = timezone === null ? '' : ' (UTC)';
    return withNotes(
      timestampToDateWriter(unit),
      `values with a time of day${zone} are refused`,
      unit === 'ns' ? null : IN_RANGE,
    );
  }
  if (target.name === 'int8') return exact(bits64Writer('i64'), `the number of ${unit} since 1970`);
  return null;
};

export const findInt96: Find<'int96'> = ({ timezone }, target) => {
  if (!isTimestamp(target)) return null;
  return roundsTo(target) ?? withNotes(int96Writer, zoneNote(timezone, target), NANOSECONDS, IN_RANGE);
};

const FULL_RANGE = 0x7fff;

/** interval(p) below 6 rounds; with fields it cuts. */
function roundsInterval(target: PgType): Refusal | null {
  if (target.typmod === -1) return null;
  const fields = (target.typmod >> 16) & 0x7fff;
  const precision = target.typmod & 0xffff;
  if (fields !== FULL_RANGE) return refused('it keeps some fields only and cuts the others');
  return precision >= 6 ? null : refused(`it keeps ${precision} digits of a second and rounds the rest`);
}

export const findDuration: Find<'duration'> = ({ unit }, target) => {
  if (target.name === 'int8') return exact(bits64Writer('i64'), `the number of ${unit}`);
  if (target.name !== 'interval') return null;
  const rounds = roundsInterval(target);
  if (rounds !== null) return rounds;
  const writer = durationWriter(unit);
  if (unit === 'us') return exact(writer);
  return checked(writer, unit === 'ns' ? NANOSECONDS : IN_RANGE);
};

const INTERVAL_NOTES: Record<Extract<ArrowType, { id: 'interval' }>['unit'], string | null> = {
  month: null,
  dayTime: null,
  monthDayNano: NANOSECONDS,
  monthDayMs: IN_RANGE,
};

export const findInterval: Find<'interval'> = ({ unit }, target): Verdict | null => {
  if (target.name !== 'interval') return null;
  const rounds = roundsInterval(target);
  if (rounds !== null) return rounds;
  const note = INTERVAL_NOTES[unit];
  return note === null ? exact(intervalWriter(unit)) : checked(intervalWriter(unit), note);
};
