// Buffers that are used again: as garbage they would pile up to tens of MiB between collections, and each would be filled
// with zeros first.
import { KiB } from '../../runtime/units.ts';

const STEP_BYTES = 64 * KiB;

export class BufferPool {
  readonly #mostBytes: number;
  #free: ArrayBuffer[] = [];
  #bytes = 0;

  /** Keeps at most so many bytes that are not in use. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  take(length: number): Uint8Array {
    let best = -1;
    for (const [i, buffer] of this.#free.entries()) {
      const fits = buffer.byteLength >= length && buffer.byteLength <= 2 * length + STEP_BYTES;
      if (fits && (best < 0 || buffer.byteLength < this.#free[best]!.byteLength)) best = i;
    }
    if (best < 0) {
      const size = Math.ceil(length / STEP_BYTES) * STEP_BYTES;
      return new Uint8Array(new ArrayBuffer(size), 0, length);
    }
    const [buffer] = this.#free.splice(best, 1);
    this.#bytes -= buffer!.byteLength;
    return new Uint8Array(buffer!, 0, length);
  }

  /** Nobody may write into it or read from it any more. */
  give(bytes: Uint8Array): void {
    const buffer = bytes.buffer as ArrayBuffer;
    if (this.#bytes + buffer.byteLength > this.#mostBytes) return;
    this.#free.push(buffer);
    this.#bytes += buffer.byteLength;
  }
}
