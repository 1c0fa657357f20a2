// The key that a row has by where it comes from: the same row of the same input has the same key in every attempt of every
// run, so a repeat cannot make a second one. 64 signs in the order of ASCII: keys sort as the rows do, and a range of rows is
// a range of keys.

const SIGNS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const CODES = Uint8Array.from(SIGNS, (sign) => sign.charCodeAt(0));

/** 42 bits: more rows than any file has. */
const ROW_SIGNS = 7;
const PREFIX_SIGNS = 14;
/** 84 bits of a hash, then the row. */
export const KEY_BYTES = PREFIX_SIGNS + ROW_SIGNS;

/** `hash`: at least 14 bytes that tell input and generation from all others. */
export const keyPrefix = (hash: Uint8Array): string =>
  Array.from(hash.subarray(0, PREFIX_SIGNS), (byte) => SIGNS[byte & 63]).join('');

/** The row number at `o`; returns the end. */
export function writeRow(out: Uint8Array, o: number, row: number): number {
  const high = Math.floor(row / 16_777_216);
  const low = row - high * 16_777_216;
  out[o] = CODES[(high >> 12) & 63]!;
  out[o + 1] = CODES[(high >> 6) & 63]!;
  out[o + 2] = CODES[high & 63]!;
  out[o + 3] = CODES[(low >> 18) & 63]!;
  out[o + 4] = CODES[(low >> 12) & 63]!;
  out[o + 5] = CODES[(low >> 6) & 63]!;
  out[o + 6] = CODES[low & 63]!;
  return o + ROW_SIGNS;
}

/** The whole key of a row of the input that has this prefix. */
export function rowKey(prefix: string, row: number): string {
  const bytes = new Uint8Array(ROW_SIGNS);
  writeRow(bytes, 0, row);
  return prefix + String.fromCharCode(...bytes);
}
