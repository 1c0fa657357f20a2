// Batches -> a Parquet file, a row group at a time, so that a file may be bigger than memory. Of the writer's memory
// only the open row group counts.
import { createWriteStream, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from 'apache-arrow';
import * as wasm from 'parquet-wasm/esm';
import type { Column } from './columns.ts';

export interface WriteOptions {
  readonly path: string;
  /** The columns of each batch; names and types the same every time. */
  readonly batches: Iterable<readonly Column[]>;
  readonly rowGroupRows: number;
  /** Default ZSTD. */
  readonly codec?: keyof typeof wasm.Compression;
  /** Bytes of a data page before it is closed; default 1 MiB. */
  readonly pageBytes?: number;
}

let ready = false;

function loadWasm(): void {
  if (ready) return;
  const file = createRequire(import.meta.url).resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  wasm.initSync({ module: readFileSync(file) });
  ready = true;
}

function toRecordBatches(columns: readonly Column[]): wasm.RecordBatch[] {
  const fields = columns.map((column) => column.field);
  const children = columns.map((column) => column.data());
  const schema = new Schema(fields);
  const length = children[0]?.length ?? 0;
  const data = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  const ipc = tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), 'stream');
  const table = wasm.Table.fromIPCStream(ipc);
  const batches = table.recordBatches();
  table.free();
  return batches;
}

function streamOf(batches: Iterable<readonly Column[]>): ReadableStream<wasm.RecordBatch> {
  const iterator = batches[Symbol.iterator]();
  return new ReadableStream<wasm.RecordBatch>(
    {
      pull: (controller) => {
        const { done, value } = iterator.next();
        if (done === true) controller.close();
        else for (const batch of toRecordBatches(value)) controller.enqueue(batch);
      },
    },
    { highWaterMark: 1 },
  );
}

/** The file appears when it is complete. */
export async function writeParquetFile(options: WriteOptions): Promise<void> {
  loadWasm();
  mkdirSync(dirname(options.path), { recursive: true });
  const properties = new wasm.WriterPropertiesBuilder()
    .setCompression(wasm.Compression[options.codec ?? 'ZSTD'])
    .setMaxRowGroupSize(options.rowGroupRows)
    .setDataPageSizeLimit(options.pageBytes ?? 1024 * 1024)
    .setCreatedBy('parload bench')
    .build();
  const part = `${options.path}.${process.pid}.part`;
  const bytes = await wasm.transformParquetStream(streamOf(options.batches), properties);
  await pipeline(Readable.fromWeb(bytes as unknown as WebStream), createWriteStream(part));
  renameSync(part, options.path);
}
