// The one file that knows parquet-wasm (Rust's parquet and arrow crates, compiled to WebAssembly).
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as wasm from 'parquet-wasm/esm';
import { readColumn, readField } from '../arrow/index.ts';
import { ParloadError } from '../errors/index.ts';
import type { ArrowBatch, ArrowSchema } from '../model/index.ts';
import { GiB, KiB, MiB } from '../runtime/index.ts';
import { Arena } from './stream/arena.ts';
import { type CompressedBody, inflateFile } from './stream/inflate-file.ts';
import { untilTrap } from './trap.ts';

/** A footer as bytes, for all or a subset of the file's row groups, and where the file's bytes come from. */
export interface DecodeInput {
  readonly uri: string;
  /** Thrift FileMetaData. */
  readonly footer: Uint8Array;
  /** Fills `into` with the file's bytes from `start` on. */
  readInto(start: number, into: Uint8Array): Promise<void>;
}

export interface DecodeRequest {
  /** Indices into the row groups of `footer`; rows count from the first of them. */
  readonly rowGroups: readonly number[];
  readonly offset: number;
  readonly limit: number;
  readonly batchRows: number;
  /** Root column names; null = all. */
  readonly columns: readonly string[] | null;
}

export interface ParquetDecoder {
  /** Arrow schema of the file as decoding will give it. */
  schema(input: DecodeInput): Promise<ArrowSchema>;
  /** Each batch lives until the next one is asked for. `rowStart` counts from the request's first row. */
  read(input: DecodeInput, request: DecodeRequest): AsyncGenerator<ArrowBatch, void, void>;
  /** Grows the memory once, ahead of a call that is going to need about so many bytes. */
  reserve(bytes: number): void;
  /** Decompresses page bodies of one codec; each comes back at the start of its `out`. */
  inflate(codec: string, bodies: readonly CompressedBody[], outs: readonly Uint8Array[]): void;
  /** Bytes of WASM memory; it never shrinks. */
  memoryBytes(): number;
  /** After a trap the instance's heap is not to be trusted: end the thread. */
  isPoisoned(): boolean;
}

/** Compile once on the main thread; hand the module to workers by workerData. */
export async function compileDecoder(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  // not the asynchronous form: nothing would keep the event loop alive meanwhile, and Node 20 can hang then
  return new WebAssembly.Module(await readFile(path));
}

/** Where the footer lies in the virtual file: behind every byte that a real file can have. */
const FOOTER_AT = 2 ** 50;
const MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31);

/** What `ParquetFile.fromFile` calls of a Blob: the real file's bytes with the given footer behind them. */
class VirtualFile {
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

class ReadBuffers {
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

/** More is grown as it is needed: an estimate must not take a quarter of all that WebAssembly has. */
const MOST_RESERVED_BYTES = GiB / 2;

/** One instance a thread (the module is a singleton). `initialBytes`: grow the heap once to this before use. */
export function createDecoder(module: WebAssembly.Module, initialBytes: number): ParquetDecoder {
  const exports = wasm.initSync({ module });
  const decoder = new WasmDecoder(exports);
  decoder.reserve(initialBytes);
  return decoder;
}

class WasmDecoder implements ParquetDecoder {
  readonly #memory: WebAssembly.Memory;
  readonly #buffers = new ReadBuffers();
  readonly #arena = new Arena();
  #poisoned = false;

  readonly #exports: wasm.InitOutput;

  constructor(exports: wasm.InitOutput) {
    this.#exports = exports;
    this.#memory = exports.memory;
  }

  /** Growing bit by bit detaches every view each time and cost hundreds of full garbage collections. */
  reserve(bytes: number): void {
    const missing = Math.min(bytes, MOST_RESERVED_BYTES) - this.memoryBytes();
    if (missing <= 0) return;
    const size = this.memoryBytes() + missing;
    this.#exports.__wbindgen_free(this.#exports.__wbindgen_malloc(size, 1), size, 1);
  }

  memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  isPoisoned(): boolean {
    return this.#poisoned;
  }

  async schema(input: DecodeInput): Promise<ArrowSchema> {
    const file = await this.#open(input);
    try {
      const ffi = file.schema().intoFFI();
      try {
        return this.#schemaAt(ffi.addr());
      } finally {
        ffi.free();
      }
    } catch (error) {
      throw this.#explain(error, input);
    } finally {
      if (!this.#poisoned) file.free();
    }
  }

  async *read(input: DecodeInput, request: DecodeRequest): AsyncGenerator<ArrowBatch, void, void> {
    const file = await this.#open(input);
    let stream: wasm.FFIStream;
    try {
      const table = await untilTrap(
        file.read({
          rowGroups: [...request.rowGroups],
          offset: request.offset,
          limit: request.limit,
          batchSize: Math.max(1, request.batchRows),
          ...(request.columns === null ? {} : { columns: [...request.columns] }),
        }),
      );
      stream = table.intoFFI();
    } catch (error) {
      throw this.#explain(error, input);
    } finally {
      this.#buffers.release();
      if (!this.#poisoned) file.free();
    }
    try {
      const schema = this.#schemaAt(stream.schemaAddr());
      const type = { id: 'struct', fields: schema.fields } as const;
      let rowStart = 0;
      for (const address of stream.arrayAddrs()) {
        const root = readColumn(this.#memory.buffer, address, type);
        yield { schema, columns: root.children, length: root.length, selection: null, rowStart };
        rowStart += root.length;
      }
    } finally {
      stream.drop();
    }
  }

  inflate(codec: string, bodies: readonly CompressedBody[], outs: readonly Uint8Array[]): void {
    const size = bodies.reduce((sum, body) => sum + body.size, 0);
    if (size === 0) return;
    let stream: wasm.FFIStream | null = null;
    try {
      stream = wasm
        .readParquet(
          inflateFile(codec, bodies, (size) => this.#arena.space(size)),
          { batchSize: size },
        )
        .intoFFI();
      const type = { id: 'struct', fields: this.#schemaAt(stream.schemaAddr()).fields } as const;
      const data = readColumn(this.#memory.buffer, stream.arrayAddr(0), type).children[0]?.data;
      if (data?.length !== size)
        throw new ParloadError('PARQUET_CORRUPT', 'a page has another size than it says');
      let at = 0;
      bodies.forEach((body, i) => {
        outs[i]!.set(data.subarray(at, at + body.size));
        at += body.size;
      });
    } catch (error) {
      throw this.#explain(error, null);
    } finally {
      if (!this.#poisoned) stream?.drop();
    }
  }

  async #open(input: DecodeInput): Promise<wasm.ParquetFile> {
    try {
      return await untilTrap(
        wasm.ParquetFile.fromFile(VirtualFile.of(input, this.#buffers) as unknown as Blob),
      );
    } catch (error) {
      throw this.#explain(error, input);
    }
  }

  #schemaAt(address: number): ArrowSchema {
    const root = readField(this.#memory.buffer, address);
    return { fields: root.type.id === 'struct' ? root.type.fields : [] };
  }

  /** The decoder's errors are texts; they name structures, never values. */
  #explain(error: unknown, input: DecodeInput | null): ParloadError {
    const where = input === null ? {} : { input: input.uri };
    if (ParloadError.is(error)) return error.at(where);
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      this.#poisoned = true;
      if (this.memoryBytes() > 3.5 * GiB) {
        return new ParloadError('DECODER_MEMORY', 'decoding ran out of WebAssembly memory', {
          where,
          cause: error,
        });
      }
      return new ParloadError('PARQUET_CORRUPT', 'decoding failed: the file contradicts itself', {
        where,
        cause: error,
      });
    }
    const message = error instanceof Error ? error.message : String(error);
    const code = /not (yet )?(supported|implemented)|unsupported|NYI/i.test(message)
      ? 'PARQUET_UNSUPPORTED'
      : 'PARQUET_CORRUPT';
    return new ParloadError(code, `decoding failed: ${message}`, { where, cause: error });
  }
}
