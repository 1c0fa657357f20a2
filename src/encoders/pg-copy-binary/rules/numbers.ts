// Booleans, integers, floats, decimals.
import type { PgType } from '../pg-type.ts';
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
import { checked, exact, type Find, refused } from './rule.ts';

const INT_WIDTHS: Record<string, 2 | 4 | 8> = { int2: 2, int4: 4, int8: 8 };

/** Digits before the point that numeric(p, s) has room for; null when it is unconstrained. */
function numericRoom(target: PgType): { whole: number; scale: number } | null {
  if (target.typmod < 4) return null;
  const packed = target.typmod - 4;
  const precision = (packed >> 16) & 0xffff;
  // 11-bit two's complement since Postgres 15
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return { whole: precision - scale, scale };
}

const INT_DIGITS = { 8: 3, 16: 5, 32: 10, 64: 20 } as const;

export const findBool: Find<'bool'> = (_type, target) => (target.name === 'bool' ? exact(boolWriter) : null);

export const findInt: Find<'int'> = (type, target) => {
  const width = INT_WIDTHS[target.name];
  if (width !== undefined) {
    const bits = width * 8;
    const fits = type.signed ? type.bits <= bits : type.bits < bits;
    const writer = intWriter(type, width);
    return fits ? exact(writer) : checked(writer, `values beyond ${target.name} are refused`);
  }
  if (target.name === 'oid' && !type.signed && type.bits === 32) return exact(rawInt32Writer);
  if (target.name === 'float4' || target.name === 'float8') {
    const size = target.name === 'float4' ? 4 : 8;
    const writer = intToFloatWriter(type, size);
    const fits = type.bits <= (size === 4 ? 16 : 32);
    return fits
      ? exact(writer)
      : checked(writer, `integers that ${target.name} cannot hold exactly are refused`);
  }
  if (target.name === 'numeric') {
    const room = numericRoom(target);
    if (room !== null && room.scale < 0) return refused('a negative scale rounds');
    if (room !== null && room.whole < INT_DIGITS[type.bits])
      return refused(
        `it has room for ${room.whole} digits before the point, ${INT_DIGITS[type.bits]} are needed`,
      );
    return exact(intToNumericWriter(type));
  }
  return null;
};

export const findFloat: Find<'float'> = (type, target) => {
  if (target.name !== 'float4' && target.name !== 'float8') return null;
  const width = target.name === 'float4' ? 4 : 8;
  if (type.bits === 16) return exact(float16Writer(width));
  if (type.bits === 32) return exact(width === 4 ? float32Writer : float32To64Writer);
  return width === 8
    ? exact(float64Writer)
    : checked(float64To32Writer, 'values that float4 cannot hold exactly are refused');
};

export const findDecimal: Find<'decimal'> = (type, target) => {
  if (target.name !== 'numeric') return null;
  if (type.scale < 0) return refused('a negative scale has no writer yet');
  const room = numericRoom(target);
  if (room !== null && room.scale < type.scale)
    return refused(`it keeps ${room.scale} decimals, the values have ${type.scale}`);
  const whole = type.precision - type.scale;
  if (room !== null && room.whole < whole)
    return refused(`it has room for ${room.whole} digits before the point, ${whole} are needed`);
  const note = room !== null && room.scale > type.scale ? `shown with ${room.scale} decimals` : null;
  return exact(decimalWriter(type), note);
};
