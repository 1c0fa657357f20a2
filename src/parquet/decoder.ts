// The one file that knows parquet-wasm (Rust's parquet and arrow crates, compiled to WebAssembly).
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as wasm from 'parquet-wasm/esm';
import { readColumn, readField } from '../arrow/index.ts';
import { ParloadError } from '../errors/index.ts';
import type { ArrowBatch, ArrowSchema } from '../model/index.ts';
import { Arena, GiB } from '../runtime/index.ts';
import { compileZstd, PageCodecs } from './codecs/index.ts';
import { type DecoderFooterOptions, decoderFooter } from './decoder-footer.ts';
import { type CompressedBody, inflateFile } from './stream/inflate-file.ts';
import { untilTrap } from './trap.ts';
import { ReadBuffers, VirtualFile } from './virtual-file.ts';

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
  /** Arrow schema of the file as decoding will give it; or with INT96 as the library reads it, see decoder-footer.ts. */
  schema(input: DecodeInput, keepInt96?: boolean): Promise<ArrowSchema>;
  /**
   * Each batch lives until the next one is asked for. `rowStart` counts from the request's first row. Text comes as
   * binary, and may be anything.
   */
  read(input: DecodeInput, request: DecodeRequest): AsyncGenerator<ArrowBatch, void, void>;
  /** Grows the memory once, ahead of a call that is going to need about so many bytes. */
  reserve(bytes: number): void;
  /** Decompresses page bodies of one codec; each comes back at the start of its `out`. */
  inflate(codec: string, bodies: readonly CompressedBody[], outs: readonly Uint8Array[]): void;
  /** Whether single small bodies of this codec cost no more than their bytes: there is no library call for each. */
  inflatesSmall(codec: string): boolean;
  /** Bytes of WASM memory; it never shrinks. */
  memoryBytes(): number;
  /** After a trap the instance's heap is not to be trusted: end the thread. */
  isPoisoned(): boolean;
}

/** What is compiled once on the main thread and handed to the workers by workerData. */
export interface DecoderModules {
  readonly parquet: WebAssembly.Module;
  readonly zstd: WebAssembly.Module;
}

export async function compileDecoder(): Promise<DecoderModules> {
  const path = createRequire(import.meta.url).resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  // not the asynchronous form: nothing would keep the event loop alive meanwhile, and Node 20 can hang then
  return { parquet: new WebAssembly.Module(await readFile(path)), zstd: await compileZstd() };
}

/** More is grown as it is needed: an estimate must not take a quarter of all that WebAssembly has. */
const MOST_RESERVED_BYTES = GiB / 2;

/** One a thread (the library is a singleton). */
export const createDecoder = (modules: DecoderModules): ParquetDecoder => new WasmDecoder(modules);

class WasmDecoder implements ParquetDecoder {
  readonly #modules: DecoderModules;
  readonly #codecs: PageCodecs;
  readonly #buffers = new ReadBuffers();
  readonly #arena = new Arena();
  #poisoned = false;
  #started: wasm.InitOutput | null = null;

  constructor(modules: DecoderModules) {
    this.#modules = modules;
    this.#codecs = new PageCodecs(modules.zstd);
  }

  /** The library takes memory and time to start, and many files never need it. */
  get #exports(): wasm.InitOutput {
    this.#started ??= wasm.initSync({ module: this.#modules.parquet });
    return this.#started;
  }

  get #memory(): WebAssembly.Memory {
    return this.#exports.memory;
  }

  /** Growing bit by bit detaches every view each time and cost hundreds of full garbage collections. */
  reserve(bytes: number): void {
    const size = Math.min(bytes, MOST_RESERVED_BYTES);
    if (size <= this.#memory.buffer.byteLength) return;
    this.#exports.__wbindgen_free(this.#exports.__wbindgen_malloc(size, 1), size, 1);
  }

  memoryBytes(): number {
    return this.#started?.memory.buffer.byteLength ?? 0;
  }

  isPoisoned(): boolean {
    return this.#poisoned;
  }

  async schema(input: DecodeInput, keepInt96 = false): Promise<ArrowSchema> {
    const file = await this.#open(input, { keepInt96, textAsBytes: false });
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
    const file = await this.#open(input, { keepInt96: false, textAsBytes: true });
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
    const own = this.#codecs.get(codec);
    if (own === null) this.#inflateByLibrary(codec, bodies, outs);
    else
      for (let i = 0; i < bodies.length; i++) {
        const { bytes, size } = bodies[i]!;
        // a page of nulls alone has no values, and writers store nothing for it or something
        if (size > 0) own.inflate(bytes, outs[i]!, size);
      }
  }

  inflatesSmall(codec: string): boolean {
    return codec === 'UNCOMPRESSED' || this.#codecs.get(codec) !== null;
  }

  #inflateByLibrary(codec: string, bodies: readonly CompressedBody[], outs: readonly Uint8Array[]): void {
    void this.#exports;
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

  async #open(
    input: DecodeInput,
    options: Omit<DecoderFooterOptions, 'arrowSchema'>,
  ): Promise<wasm.ParquetFile> {
    void this.#exports;
    try {
      return await this.#openWith(input, { ...options, arrowSchema: true });
    } catch (error) {
      if (ParloadError.is(error) || this.#isTrap(error)) throw this.#explain(error, input);
    }
    try {
      // Arrow types that do not fit the file are advice that is not taken
      return await this.#openWith(input, { ...options, arrowSchema: false });
    } catch (error) {
      throw this.#explain(error, input);
    }
  }

  #openWith(input: DecodeInput, options: DecoderFooterOptions): Promise<wasm.ParquetFile> {
    const footer = decoderFooter(input.footer, options);
    const file = VirtualFile.of({ ...input, footer }, this.#buffers);
    return untilTrap(wasm.ParquetFile.fromFile(file as unknown as Blob));
  }

  #isTrap(error: unknown): boolean {
    return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  }

  #schemaAt(address: number): ArrowSchema {
    const root = readField(this.#memory.buffer, address);
    return { fields: root.type.id === 'struct' ? root.type.fields : [] };
  }

  /** The decoder's errors are texts; they name structures, never values. */
  #explain(error: unknown, input: DecodeInput | null): ParloadError {
    const where = input === null ? {} : { input: input.uri };
    if (ParloadError.is(error)) return error.at(where);
    if (this.#isTrap(error)) {
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
