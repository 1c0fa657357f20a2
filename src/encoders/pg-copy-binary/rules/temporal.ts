// Dates, times, timestamps, durations, intervals.
import type { PgType } from '../pg-type.ts';
import {
  date32ToTimestampWriter,
  date32Writer,
  date64Writer,
  durationWriter,
  timestampWriter,
  timeWriter,
} from '../writers/temporal.ts';
import { checked, exact, type Find, joinNotes, type Refusal, refused } from './rule.ts';

const NANOSECONDS = 'values with nanoseconds are refused';

/** time(p) and timestamp(p) below 6 would round. */
const roundsTo = (target: PgType): Refusal | null =>
  target.typmod === -1 || target.typmod >= 6
    ? null
    : refused(`it keeps ${target.typmod} digits of a second and rounds the rest`);

export const findDate: Find<'date'> = (type, target) => {
  if (target.name === 'date') {
    return type.unit === 'day'
      ? exact(date32Writer)
      : checked(date64Writer, 'values that are not whole days are refused');
  }
  if (target.name !== 'timestamp' && target.name !== 'timestamptz') return null;
  const note = target.name === 'timestamptz' ? 'midnight UTC' : 'midnight';
  return type.unit === 'day' ? exact(date32ToTimestampWriter, note) : exact(timestampWriter('ms'), note);
};

export const findTime: Find<'time'> = (type, target) => {
  if (target.name !== 'time') return null;
  const rounds = roundsTo(target);
  if (rounds !== null) return rounds;
  const writer = timeWriter(type.unit);
  return type.unit === 'ns' ? checked(writer, NANOSECONDS) : exact(writer);
};

export const findTimestamp: Find<'timestamp'> = (type, target) => {
  if (target.name !== 'timestamp' && target.name !== 'timestamptz') return null;
  const rounds = roundsTo(target);
  if (rounds !== null) return rounds;
  const zoned = type.timezone !== null;
  let note: string | null = null;
  if (zoned && target.name === 'timestamp') note = 'the instant is stored as its UTC wall clock';
  if (!zoned && target.name === 'timestamptz') note = 'no time zone in the file: read as UTC';
  const writer = timestampWriter(type.unit);
  return type.unit === 'ns' ? checked(writer, joinNotes(note, NANOSECONDS)!) : exact(writer, note);
};

export const findDuration: Find<'duration'> = (type, target) => {
  if (target.name !== 'interval') return null;
  if (target.typmod !== -1) return refused('an interval with fields or precision rounds');
  const writer = durationWriter(type.unit);
  return type.unit === 'ns' ? checked(writer, NANOSECONDS) : exact(writer);
};
