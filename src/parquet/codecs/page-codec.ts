import { ParloadError } from '../../errors/index.ts';

/** One compression codec of Parquet pages. Keeps its memory between calls, so it is one thread's. */
export interface PageCodec {
  /**
   * Decompresses a page's body into the first `size` bytes of `out`.
   * Throws PARQUET_CORRUPT when the body is damaged or gives another number of bytes.
   */
  inflate(body: Uint8Array, out: Uint8Array, size: number): void;
}

/** The libraries' own errors are short texts about the stream, never about values. */
export const damagedPage = (codec: string, cause: unknown): ParloadError =>
  new ParloadError('PARQUET_CORRUPT', `a page cannot be decompressed (${codec}): ${textOf(cause)}`, {
    cause: cause instanceof Error ? cause : undefined,
  });

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

export const wrongSize = (codec: string): ParloadError =>
  damagedPage(codec, 'it has another size than its header says');
