// Bitmaps as Arrow and Parquet have them: least significant bit first.

/** Bits `from <= i < from + count` become 1. */
export function setBits(out: Uint8Array, from: number, count: number): void {
  const to = from + count;
  while (from < to && (from & 7) !== 0) out[from >>> 3]! |= 1 << (from++ & 7);
  const bytes = (to - from) >>> 3;
  out.fill(255, from >>> 3, (from >>> 3) + bytes);
  for (from += 8 * bytes; from < to; from++) out[from >>> 3]! |= 1 << (from & 7);
}

/** Bits of `source` from `at` on, into bits of `out` that are 0 before. */
export function copyBits(out: Uint8Array, from: number, source: Uint8Array, at: number, count: number): void {
  const to = from + count;
  while (from < to && (from & 7) !== 0) copyBit(out, from++, source, at++);
  const shift = at & 7;
  let p = at >>> 3;
  for (const end = from + ((to - from) & ~7); from < end; from += 8, at += 8, p++) {
    out[from >>> 3] = shift === 0 ? source[p]! : (source[p]! >> shift) | (source[p + 1]! << (8 - shift));
  }
  while (from < to) copyBit(out, from++, source, at++);
}

function copyBit(out: Uint8Array, to: number, source: Uint8Array, at: number): void {
  out[to >>> 3]! |= ((source[at >>> 3]! >> (at & 7)) & 1) << (to & 7);
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** Ones among the first `count` bits; those behind, up to the end of the byte, are 0. */
export function countOnes(bits: Uint8Array, count: number): number {
  let ones = 0;
  for (let k = 0, bytes = (count + 7) >>> 3; k < bytes; k++) ones += ONES[bits[k]!]!;
  return ones;
}
