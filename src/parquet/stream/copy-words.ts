// Text is mostly shorter than what a call of the runtime is worth, and byte by byte is slow: so it goes in words of four
// bytes, and the last one may write up to three bytes too many, which the next value writes over.

/** Bytes that must follow the last value, where it comes from and where it goes. */
export const WORD_SLACK = 4;

/** Values longer than this are copied by a call. */
export const LONG_BYTES = 64;

/** Copies `bytes` from `at` of `source` to `to` of `out`. */
export function copyWords(source: DataView, at: number, out: DataView, to: number, bytes: number): void {
  for (const end = to + bytes; to < end; to += 4, at += 4) out.setInt32(to, source.getInt32(at, true), true);
}
