// A file as the decoder library sees it: the real one's bytes, behind them a footer that we wrote.
import { KiB, MiB } from '../runtime/index.ts';
import type { DecodeInput } from './decoder.ts';

/** Where the footer lies in the virtual file: behind every byte that a real file can have. */
const FOOTER_AT = 2 ** 50;
const MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31);

/** What `ParquetFile.fromFile` calls of a Blob: the real file's bytes with the given footer behind them. */
export class VirtualFile {
  readonly #input: DecodeInput;
  readonly #buffers: ReadBuffers;
  readonly #tail: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  constructor(input: DecodeInput, buffers: ReadBuffers, tail: Uint8Array, start: number, end: number) {
    this.#input = input;
    this.#buffers = buffers;
    this.#tail = tail;
    this.#start = start;
    this.#end = end;
  }

  static of(input: DecodeInput, buffers: ReadBuffers): VirtualFile {
    const tail = new Uint8Array(input.footer.length + 8);
    tail.set(input.footer);
    new DataView(tail.buffer).setUint32(input.footer.length, input.footer.length, true);
    tail.set(MAGIC, input.footer.length + 4);
    return new VirtualFile(input, buffers, tail, 0, FOOTER_AT + tail.length);
  }

  get size(): number {
    return this.#end - this.#start;
  }

  slice(start: number, end: number): VirtualFile {
    return new VirtualFile(this.#input, this.#buffers, this.#tail, this.#start + start, this.#start + end);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const [start, end] = [this.#start, this.#end];
    if (start >= FOOTER_AT) return this.#tail.slice(start - FOOTER_AT, end - FOOTER_AT).buffer;
    const buffer = this.#buffers.take(end - start);
    await this.#input.readInto(start, new Uint8Array(buffer, 0, end - start));
    return buffer;
  }
}

/**
 * Buffers that file bytes pass through on their way into WebAssembly, used again for every decode call: as garbage they
 * would pile up to tens of MiB between collections. They are resizable because the decoder takes a whole ArrayBuffer.
 */
const SMALL_READ_BYTES = 256 * KiB;
const MOST_BUFFERS = 64;

export class ReadBuffers {
  readonly #buffers: ArrayBuffer[] = [];
  #used = 0;

  take(byteLength: number): ArrayBuffer {
    // reserving address space costs more than a small buffer as garbage
    if (byteLength < SMALL_READ_BYTES || this.#used >= MOST_BUFFERS) return new ArrayBuffer(byteLength);
    const index = this.#used++;
    const known = this.#buffers[index];
    if (known !== undefined && known.maxByteLength >= byteLength) {
      known.resize(byteLength);
      return known;
    }
    // address space, not memory: only what is used becomes resident
    const maxByteLength = Math.max(MiB, 2 * byteLength);
    const made = new ArrayBuffer(byteLength, { maxByteLength });
    this.#buffers[index] = made;
    return made;
  }

  /** The decoder has copied everything: the memory goes back, the buffers stay. */
  release(): void {
    for (let i = 0; i < this.#used; i++) this.#buffers[i]!.resize(0);
    this.#used = 0;
  }
}
