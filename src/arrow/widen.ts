// A column as a wider type that holds each of its values exactly. Which pairs there are, and how the buffers change.
import type { ArrowColumn, ArrowType } from '../model/index.ts';
import { nullColumn } from './null-column.ts';
import { typeName } from './type-name.ts';
import {
  float32Values,
  int8Values,
  int16Values,
  int32Values,
  offsetWords,
  uint8Values,
  uint16Values,
  uint32Values,
  words,
} from './views.ts';

type IntType = Extract<ArrowType, { id: 'int' }>;
type Bits = IntType['bits'];

const sameType = (a: ArrowType, b: ArrowType): boolean => typeName(a) === typeName(b);

function widerInt(a: IntType, b: IntType): IntType | null {
  if (a.signed === b.signed) return a.bits >= b.bits ? a : b;
  const [signed, unsigned] = a.signed ? [a, b] : [b, a];
  // one bit more than the unsigned one
  const bits = Math.max(signed.bits, 2 * unsigned.bits);
  return bits > 64 ? null : { id: 'int', bits: bits as Bits, signed: true };
}

/** Whole numbers of so many bits are exact in a float of this width. */
const intFits = (int: IntType, bits: 16 | 32 | 64): boolean =>
  int.bits <= (bits === 64 ? 32 : bits === 32 ? 16 : 8);

/** The one type that holds all values of both; null: there is none that this file can make. */
export function widerType(a: ArrowType, b: ArrowType): ArrowType | null {
  if (sameType(a, b)) return a;
  if (a.id === 'null') return b;
  if (b.id === 'null') return a;
  if (a.id === 'int' && b.id === 'int') return widerInt(a, b);
  if (a.id === 'float' && b.id === 'float') {
    const [narrow, wide] = a.bits < b.bits ? [a, b] : [b, a];
    return narrow.bits === 32 ? wide : null;
  }
  if (a.id === 'int' && b.id === 'float') return b.bits > 16 && intFits(a, b.bits) ? b : null;
  if (a.id === 'float' && b.id === 'int') return widerType(b, a);
  if (a.id === 'decimal' && b.id === 'decimal' && a.scale === b.scale)
    return { ...a, bits: a.bits > b.bits ? a.bits : b.bits, precision: Math.max(a.precision, b.precision) };
  if ((a.id === 'utf8' || a.id === 'binary') && a.id === b.id) return a.large ? a : b;
  return null;
}

/** `to` is what `widerType` said for the column's type and another one. Copies what has to change. */
export function widenColumn(column: ArrowColumn, to: ArrowType): ArrowColumn {
  const from = column.type;
  if (sameType(from, to)) return column;
  if (from.id === 'null') return nullColumn(to, column.length);
  const retyped = (data: ArrayBufferView): ArrowColumn => ({ ...column, type: to, data: bytesOf(data) });
  if (from.id === 'int' && to.id === 'int') return retyped(widerInts(column, from, to));
  if (from.id === 'int' && to.id === 'float') {
    const values = intValues(column, from);
    return retyped(to.bits === 64 ? Float64Array.from(values) : Float32Array.from(values));
  }
  if (from.id === 'float' && to.id === 'float') return retyped(Float64Array.from(float32Values(column)));
  if (from.id === 'decimal' && to.id === 'decimal') {
    if (from.bits === to.bits) return { ...column, type: to };
    return retyped(moreWords(column, from.bits / 32, to.bits / 32));
  }
  const { values } = offsetWords(column);
  const offsets = new Uint32Array(2 * values.length);
  values.forEach((value, i) => {
    offsets[2 * i] = value;
  });
  return { ...column, type: to, offsets: bytesOf(offsets) };
}

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Of up to 32 bits. */
function intValues(column: ArrowColumn, { bits, signed }: IntType): ArrayLike<number> {
  if (bits === 8) return signed ? int8Values(column) : uint8Values(column);
  if (bits === 16) return signed ? int16Values(column) : uint16Values(column);
  return signed ? int32Values(column) : uint32Values(column);
}

function widerInts(column: ArrowColumn, from: IntType, to: IntType): ArrayBufferView {
  const values = intValues(column, from);
  if (to.bits === 16) return to.signed ? Int16Array.from(values) : Uint16Array.from(values);
  if (to.bits === 32) return to.signed ? Int32Array.from(values) : Uint32Array.from(values);
  const out = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    out[2 * i] = value;
    out[2 * i + 1] = value < 0 ? -1 : 0;
  }
  return out;
}

/** Two's complement with more words: the new ones are all sign. */
function moreWords(column: ArrowColumn, from: number, to: number): Int32Array {
  const values = words(column);
  const count = Math.floor(values.length / from);
  const out = new Int32Array(count * to);
  for (let i = 0; i < count; i++) {
    const sign = values[(i + 1) * from - 1]! < 0 ? -1 : 0;
    for (let k = 0; k < to; k++) out[i * to + k] = k < from ? values[i * from + k]! : sign;
  }
  return out;
}
