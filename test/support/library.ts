// Another reader of Parquet, to compare with: Rust's, by parquet-wasm. It takes sound files only.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as wasm from 'parquet-wasm/esm';
import type { ArrowBatch, ArrowSchema } from '../../src/model/index.ts';
import { readColumn, readField } from './c-data.ts';

let started: wasm.InitOutput | null = null;

function memory(): WebAssembly.Memory {
  const path = createRequire(import.meta.url).resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  started ??= wasm.initSync({ module: readFileSync(path) });
  return started.memory;
}

function schemaAt(address: number): ArrowSchema {
  const root = readField(memory().buffer as ArrayBuffer, address);
  return { fields: root.type.id === 'struct' ? root.type.fields : [] };
}

export function librarySchema(file: Uint8Array): ArrowSchema {
  memory();
  const ffi = wasm.readSchema(file).intoFFI();
  try {
    return schemaAt(ffi.addr());
  } finally {
    ffi.free();
  }
}

/** Each batch lives until the next one is asked for. */
export function* libraryBatches(file: Uint8Array, batchSize = 65_536): Generator<ArrowBatch, void, void> {
  memory();
  const stream = wasm.readParquet(file, { batchSize }).intoFFI();
  try {
    const schema = schemaAt(stream.schemaAddr());
    const type = { id: 'struct', fields: schema.fields } as const;
    let rowStart = 0;
    for (const address of stream.arrayAddrs()) {
      const root = readColumn(memory().buffer as ArrayBuffer, address, type);
      yield { schema, columns: root.children, length: root.length, selection: null, rowStart };
      rowStart += root.length;
    }
  } finally {
    stream.drop();
  }
}
