// Booleans, integers, floats, decimals.
import type { ArrowType } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';
import {
  decimalToIntWriter,
  floatToIntWriter,
  floatToNumericWriter,
  limitedSmallWriter,
  limitedWriter,
  type NumericRoom,
} from '../writers/converted.ts';
import { decimalWriter } from '../writers/decimal.ts';
import {
  boolWriter,
  float16Writer,
  float32To64Writer,
  float32Writer,
  float64To32Writer,
  float64Writer,
  intToFloatWriter,
  intToNumericWriter,
  intWriter,
  rawInt32Writer,
} from '../writers/fixed.ts';
import { checked, exact, type Find, refused, type Verdict } from './rule.ts';

const INT_WIDTHS: Record<string, 2 | 4 | 8> = { int2: 2, int4: 4, int8: 8 };

/** Digits that numeric(p, s) has; null when it has no such limits. */
function roomOf(target: PgType): NumericRoom | null {
  if (target.typmod < 4) return null;
  const packed = target.typmod - 4;
  const precision = (packed >> 16) & 0xffff;
  // 11-bit two's complement since Postgres 15
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return { whole: precision - scale, scale };
}

/** A negative scale rounds whatever arrives. */
const roundsToHundreds = (room: NumericRoom | null): Verdict | null =>
  room !== null && room.scale < 0 ? refused('its scale is negative, so it rounds') : null;

const tooManyDigits = (whole: number): string =>
  `values of more than ${Math.max(0, whole)} digits before the point {overflow}`;

export const findBool: Find<'bool'> = (_type, target) => (target.name === 'bool' ? exact(boolWriter) : null);

const INT_DIGITS = { 8: 3, 16: 5, 32: 10, 64: 20 } as const;
type IntType = Extract<ArrowType, { id: 'int' }>;

function intToNumeric(type: IntType, target: PgType): Verdict {
  const room = roomOf(target);
  const writer = intToNumericWriter(type);
  // 64 bits with a sign have a digit less than without
  const digits = type.bits === 64 && type.signed ? 19 : INT_DIGITS[type.bits];
  const rounds = roundsToHundreds(room);
  if (rounds !== null) return rounds;
  if (room === null || room.whole >= digits) return exact(writer);
  const limited =
    type.bits === 64
      ? limitedWriter(writer, { digits: room.whole, count: 2, signed: type.signed })
      : limitedSmallWriter(writer, Math.max(0, room.whole));
  return checked(limited, tooManyDigits(room.whole));
}

export const findInt: Find<'int'> = (type, target) => {
  const width = INT_WIDTHS[target.name];
  if (width !== undefined) {
    const bits = width * 8;
    const fits = type.signed ? type.bits <= bits : type.bits < bits;
    const writer = intWriter(type, width);
    return fits ? exact(writer) : checked(writer, 'values out of its range {overflow}');
  }
  if (target.name === 'oid' && !type.signed && type.bits === 32) return exact(rawInt32Writer);
  if (target.name === 'float4' || target.name === 'float8') {
    const size = target.name === 'float4' ? 4 : 8;
    const writer = intToFloatWriter(type, size);
    const fits = type.bits <= (size === 4 ? 16 : 32);
    return fits ? exact(writer) : checked(writer, 'integers that it cannot hold exactly are refused');
  }
  return target.name === 'numeric' ? intToNumeric(type, target) : null;
};

export const findFloat: Find<'float'> = (type, target) => {
  if (target.name === 'float4' || target.name === 'float8') {
    const width = target.name === 'float4' ? 4 : 8;
    if (type.bits === 16) return exact(float16Writer(width));
    if (type.bits === 32) return exact(width === 4 ? float32Writer : float32To64Writer);
    return width === 8
      ? exact(float64Writer)
      : checked(float64To32Writer, 'values that it cannot hold exactly are refused');
  }
  const width = INT_WIDTHS[target.name];
  if (width !== undefined)
    return checked(
      floatToIntWriter(type, width),
      'values that are no whole numbers in its range are refused; -0 becomes 0',
    );
  if (target.name !== 'numeric') return null;
  const room = roomOf(target);
  const writer = floatToNumericWriter(type, room);
  const note = 'the shortest decimal number that reads back as the same float; -0 becomes 0';
  if (room === null) return exact(writer, note);
  return (
    roundsToHundreds(room) ??
    checked(writer, `${note}; infinities {nonFiniteNone}; values of more digits than it has are refused`)
  );
};

export const findDecimal: Find<'decimal'> = (type, target) => {
  const width = INT_WIDTHS[target.name];
  if (width !== undefined && type.scale < 0) return refused('a negative scale goes into numeric only');
  if (width !== undefined)
    return checked(
      decimalToIntWriter(type, width),
      'values that are no whole numbers in its range are refused',
    );
  if (target.name === 'float4' || target.name === 'float8')
    return refused('binary fractions cannot hold decimal ones exactly');
  if (target.name !== 'numeric') return null;
  const room = roomOf(target);
  const rounds = roundsToHundreds(room);
  if (rounds !== null) return rounds;
  const decimals = Math.max(0, type.scale);
  if (room !== null && room.scale < decimals)
    return refused('it keeps fewer decimals than the values have, and would round');
  const writer = decimalWriter(type);
  const note = room !== null && room.scale > decimals ? `shown with ${room.scale} decimals` : null;
  if (room === null || room.whole >= type.precision - type.scale) return exact(writer, note);
  const limits = { digits: room.whole + type.scale, count: type.bits / 32, signed: true };
  return checked(
    limitedWriter(writer, limits),
    [note, tooManyDigits(room.whole)].filter((n) => n !== null).join('; '),
  );
};
