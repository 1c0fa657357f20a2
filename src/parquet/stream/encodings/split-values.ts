// BYTE_STREAM_SPLIT: the first byte of every value, then the second of every value, and so on.
import { corruptPage } from '../values.ts';
import { Output, type ValueDecoder } from './value-decoder.ts';

export class SplitValues implements ValueDecoder {
  readonly #width: number;
  readonly #out = new Output();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Values of the page, and the next one. */
  #count = 0;
  #next = 0;

  constructor(width: number) {
    this.#width = width;
  }

  start(bytes: Uint8Array, at: number, end: number): void {
    this.#count = this.#width === 0 ? 0 : (end - at) / this.#width;
    if (!Number.isInteger(this.#count)) throw corruptPage('its bytes are no whole number of values');
    this.#bytes = bytes;
    this.#at = at;
    this.#next = 0;
  }

  get out(): Uint8Array {
    return this.#out.bytes;
  }

  next(count: number): number {
    const width = this.#width;
    const out = this.#out.space(count * width);
    const from = this.#take(count);
    for (let k = 0; k < width; k++) {
      const stream = this.#at + k * this.#count + from;
      for (let i = 0, o = k; i < count; i++, o += width) out[o] = this.#bytes[stream + i]!;
    }
    return count * width;
  }

  #take(count: number): number {
    if (count > this.#count - this.#next) throw corruptPage('it has fewer values than it says');
    this.#next += count;
    return this.#next - count;
  }

  skip(count: number): void {
    this.#take(count);
  }

  most(): number {
    return Number.POSITIVE_INFINITY;
  }
}
