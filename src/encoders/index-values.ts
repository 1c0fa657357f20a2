import { int8Values, int16Values, int32Values, uint8Values, uint16Values, words } from '../arrow/index.ts';
import type { ArrowColumn, ArrowType } from '../model/index.ts';

export type IndexValues = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array;

/** Indices of a dictionary column, element 0 first. Of 64 bits the low word is enough: no dictionary is that long. */
export function indexValues(column: ArrowColumn, type: ArrowType): IndexValues {
  const { offset, length } = column;
  if (type.id !== 'int' || type.bits === 32) return int32Values(column).subarray(offset);
  if (type.bits === 8) return (type.signed ? int8Values(column) : uint8Values(column)).subarray(offset);
  if (type.bits === 16) return (type.signed ? int16Values(column) : uint16Values(column)).subarray(offset);
  const wide = words(column);
  const narrow = new Int32Array(length);
  for (let i = 0; i < length; i++) narrow[i] = wide[2 * (offset + i)]!;
  return narrow;
}
