// Typed views over a column's buffers. The only place that cares about alignment.
import type { ArrowColumn } from '../model/index.ts';

const EMPTY = new Uint8Array(0);

/** The same bytes at an address that is a multiple of `width`; copies only when they are not there already. */
const aligned = (bytes: Uint8Array, width: number): Uint8Array =>
  bytes.byteOffset % width === 0 ? bytes : bytes.slice();

const viewOf = <T>(
  make: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
  width: number,
  bytes: Uint8Array | null,
): T => {
  const source = aligned(bytes ?? EMPTY, width);
  return new make(source.buffer, source.byteOffset, Math.floor(source.byteLength / width));
};

export const int8Values = (c: ArrowColumn): Int8Array => viewOf(Int8Array, 1, c.data);
export const uint8Values = (c: ArrowColumn): Uint8Array => c.data ?? EMPTY;
export const int16Values = (c: ArrowColumn): Int16Array => viewOf(Int16Array, 2, c.data);
export const uint16Values = (c: ArrowColumn): Uint16Array => viewOf(Uint16Array, 2, c.data);
export const int32Values = (c: ArrowColumn): Int32Array => viewOf(Int32Array, 4, c.data);
export const uint32Values = (c: ArrowColumn): Uint32Array => viewOf(Uint32Array, 4, c.data);
export const float32Values = (c: ArrowColumn): Float32Array => viewOf(Float32Array, 4, c.data);
export const float64Values = (c: ArrowColumn): Float64Array => viewOf(Float64Array, 8, c.data);
/** Values of 8, 16 or 32 bytes as 32-bit words, low word first. */
export const words = (c: ArrowColumn): Int32Array => viewOf(Int32Array, 4, c.data);

/** Offsets as 32-bit words; element i is at `i * stride` (large offsets: the low word of 8 bytes). */
export function offsetWords(c: ArrowColumn): { readonly values: Uint32Array; readonly stride: 1 | 2 } {
  const large = 'large' in c.type && c.type.large;
  return { values: viewOf(Uint32Array, 4, c.offsets), stride: large ? 2 : 1 };
}

/** Is element i (counted from the column's own start) not null? For code off the hot path. */
export function isValid(c: ArrowColumn, i: number): boolean {
  if (c.validity === null) return c.type.id !== 'null';
  const at = c.offset + i;
  return ((c.validity[at >> 3]! >> (at & 7)) & 1) === 1;
}
