// Encodings that the value readers do not know: the values come out as PLAIN, as many at a time as a batch takes.
import { WORD_SLACK } from '../copy-words.ts';

export interface ValueDecoder {
  /** Values of a data page: `bytes[at..end)`. The decoder keeps a view until the next page. */
  start(bytes: Uint8Array, at: number, end: number): void;
  /** Puts the next `count` values to the start of `out` as PLAIN; returns how many bytes they are. */
  next(count: number): number;
  /** Good until the next call of `next`; has WORD_SLACK bytes behind the values. */
  readonly out: Uint8Array;
  skip(count: number): void;
  /** How many of the next values have at most `bytes` bytes together; at least one. */
  most(bytes: number): number;
}

/** Memory that is used again, with room for words that reach behind the values. */
export class Output {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** Room for `size` bytes; the first `keep` stay what they were. */
  space(size: number, keep = 0): Uint8Array<ArrayBuffer> {
    if (this.bytes.length < size + WORD_SLACK) {
      const room = Math.max(size, 2 * keep) + WORD_SLACK;
      const grown = new Uint8Array((room + 7) & ~7);
      grown.set(this.bytes.subarray(0, keep));
      this.bytes = grown;
    }
    return this.bytes;
  }
}
