// Encodings that the value readers do not know: the values come out as PLAIN, as many at a time as a batch takes.

export interface ValueDecoder {
  /** Values of a data page: `bytes[at..end)`. The decoder keeps a view until the next page. */
  start(bytes: Uint8Array, at: number, end: number): void;
  /** The next `count` values as PLAIN bytes; good until the next call. */
  next(count: number): Uint8Array;
  skip(count: number): void;
  /** How many of the next values have at most `bytes` bytes together; at least one. */
  most(bytes: number): number;
}

/** Memory that is used again. */
export class Output {
  #bytes = new Uint8Array(0);

  /** The first `size` bytes; what was in them stays when `keep` of them are in use. */
  space(size: number, keep = 0): Uint8Array {
    if (this.#bytes.length < size) {
      const grown = new Uint8Array(Math.max(size, 2 * keep));
      grown.set(this.#bytes.subarray(0, keep));
      this.#bytes = grown;
    }
    return this.#bytes.subarray(0, size);
  }
}
