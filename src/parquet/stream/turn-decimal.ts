import { corruptPage } from './values.ts';

/**
 * A big-endian number `from[start..end)` as a little-endian one of `width` bytes at `at`, with its sign. No bytes are 0.
 * Throws PARQUET_CORRUPT when it does not fit.
 */
export function turnDecimal(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
  width: number,
): void {
  const sign = start < end && (from[start]! & 0x80) !== 0 ? 255 : 0;
  for (let k = 0; k < width; k++) to[at + k] = k < end - start ? from[end - 1 - k]! : sign;
  if (end - start <= width) return;
  for (let p = start; p < end - width; p++) if (from[p] !== sign) throw tooLong();
  // the sign must be left in what fits
  if (((to[at + width - 1]! & 0x80) !== 0) !== (sign === 255)) throw tooLong();
}

const tooLong = () => corruptPage('a decimal has more digits than its type');
