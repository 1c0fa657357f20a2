// DELTA_BINARY_PACKED integers as PLAIN.
import { DeltaInts } from './delta-ints.ts';
import { Output, type ValueDecoder } from './value-decoder.ts';

export class DeltaValues implements ValueDecoder {
  readonly #width: 4 | 8;
  readonly #ints: DeltaInts;
  readonly #out = new Output();
  #low = new Int32Array(0);
  #high = new Int32Array(0);

  constructor(width: 4 | 8) {
    this.#width = width;
    this.#ints = new DeltaInts(width === 4 ? 32 : 64);
  }

  start(bytes: Uint8Array, at: number, end: number): void {
    this.#ints.start(bytes, at, end);
  }

  get out(): Uint8Array {
    return this.#out.bytes;
  }

  next(count: number): number {
    const size = count * this.#width;
    const bytes = this.#out.space(size);
    const words = new Int32Array(bytes.buffer, 0, bytes.length >> 2);
    if (this.#width === 4) {
      this.#ints.read(words, null, 0, count);
      return size;
    }
    const [low, high] = this.#read(count);
    for (let i = 0; i < count; i++) {
      words[2 * i] = low[i]!;
      words[2 * i + 1] = high[i]!;
    }
    return size;
  }

  #read(count: number): [Int32Array, Int32Array] {
    if (this.#low.length < count) {
      this.#low = new Int32Array(count);
      this.#high = new Int32Array(count);
    }
    this.#ints.read(this.#low, this.#width === 4 ? null : this.#high, 0, count);
    return [this.#low, this.#high];
  }

  skip(count: number): void {
    for (let left = count; left > 0; left -= SKIPPED) this.#read(Math.min(left, SKIPPED));
  }

  most(): number {
    return Number.POSITIVE_INFINITY;
  }
}

/** Values that are passed over at a time. */
const SKIPPED = 4096;
