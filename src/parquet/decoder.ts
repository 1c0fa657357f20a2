// The one file that knows parquet-wasm.
import type { ArrowBatch, ArrowSchema } from '../model/index.ts';

/** A footer as bytes that a decoder accepts, for all or a subset of row groups, plus where file bytes come from. */
export interface DecodeInput {
  readonly uri: string;
  /** Thrift FileMetaData. */
  readonly footer: Uint8Array;
  /** File bytes at their own offsets. */
  read(start: number, end: number): Promise<Uint8Array>;
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
  /** Calls back batch by batch would copy nothing; each batch lives until the next one. `rowStart` counts from the request's first row. */
  read(input: DecodeInput, request: DecodeRequest): AsyncGenerator<ArrowBatch, void, void>;
  /** Bytes of WASM memory; it never shrinks. */
  memoryBytes(): number;
}

/** Compile once on the main thread; hand the module to workers by workerData. */
export async function compileDecoder(): Promise<WebAssembly.Module> {
  throw new Error('not yet');
}

/** One instance a thread. `initialBytes`: grow the heap once to this before use. */
export function createDecoder(_module: WebAssembly.Module, _initialBytes: number): ParquetDecoder {
  throw new Error('not yet');
}
