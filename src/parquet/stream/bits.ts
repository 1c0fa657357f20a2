// Bitmaps as Arrow and Parquet have them: least significant bit first.

/** Bits `from <= i < from + count` become 1. */
export function setBits(out: Uint8Array, from: number, count: number): void {
  const to = from + count;
  while (from < to && (from & 7) !== 0) out[from >>> 3]! |= 1 << (from++ & 7);
  const bytes = (to - from) >>> 3;
  out.fill(255, from >>> 3, (from >>> 3) + bytes);
  for (from += 8 * bytes; from < to; from++) out[from >>> 3]! |= 1 << (from & 7);
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** `count` bits of `source` from `at` on, into bits of `out` that are 0 before. Returns how many are 1. */
export function copyBits(
  out: Uint8Array,
  from: number,
  source: Uint8Array,
  at: number,
  count: number,
): number {
  const to = from + count;
  let ones = 0;
  while (from < to && (from & 7) !== 0) ones += copyBit(out, from++, source, at++);
  const shift = at & 7;
  let p = at >>> 3;
  for (const end = from + ((to - from) & ~7); from < end; from += 8, at += 8, p++) {
    const byte = shift === 0 ? source[p]! : ((source[p]! >> shift) | (source[p + 1]! << (8 - shift))) & 255;
    out[from >>> 3] = byte;
    ones += ONES[byte]!;
  }
  while (from < to) ones += copyBit(out, from++, source, at++);
  return ones;
}

function copyBit(out: Uint8Array, to: number, source: Uint8Array, at: number): number {
  const bit = (source[at >>> 3]! >> (at & 7)) & 1;
  out[to >>> 3]! |= bit << (to & 7);
  return bit;
}
