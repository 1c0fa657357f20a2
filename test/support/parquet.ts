// Small Parquet files for tests: apache-arrow makes the columns, parquet-wasm writes the file.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  type DataType,
  Field,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  vectorFromArray,
} from 'apache-arrow';
import {
  Compression,
  EnabledStatistics,
  Encoding,
  initSync,
  Table as WasmTable,
  WriterPropertiesBuilder,
  WriterVersion,
  writeParquet,
} from 'parquet-wasm/esm';

export { Compression };

export interface ParquetColumn {
  readonly name: string;
  readonly type: DataType;
  /** Value of one row, as apache-arrow's builder for `type` takes it; null or undefined is null. */
  readonly value: (row: number) => unknown;
  /** Default true. */
  readonly nullable?: boolean;
  /** Arrow field metadata, as `ARROW:extension:name`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Default: the writer's choice. Without effect on dictionaries. */
  readonly encoding?: keyof typeof Encoding;
}

export interface ParquetOptions {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /** Default: one row group for all. */
  readonly rowGroupRows?: number;
  /** Default SNAPPY. */
  readonly codec?: keyof typeof Compression;
  /** Bytes of a data page before it is closed. */
  readonly pageBytes?: number;
  /** Default true. */
  readonly dictionary?: boolean;
  /** Default true: bounds and null counts in the footer. */
  readonly statistics?: boolean;
  /** Of data pages; default 1. */
  readonly version?: 1 | 2;
}

let ready = false;

function loadWasm(): void {
  if (ready) return;
  const file = createRequire(import.meta.url).resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  initSync({ module: readFileSync(file) });
  ready = true;
}

/** The file's bytes. */
export function parquetBytes(options: ParquetOptions): Uint8Array {
  loadWasm();
  const { columns, rows } = options;
  const fields = columns.map(
    (c) => new Field(c.name, c.type, c.nullable ?? true, new Map(Object.entries(c.metadata ?? {}))),
  );
  const children = columns.map((c) => {
    const values = Array.from({ length: rows }, (_, row) => c.value(row) ?? null);
    const [data] = vectorFromArray(values, c.type).data;
    // An empty vector has no data at all.
    return data ?? makeData({ type: c.type as never });
  });
  const schema = new Schema(fields);
  const data = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children });
  const table = new Table(schema, rows === 0 ? [] : [new RecordBatch(schema, data)]);
  let writer = new WriterPropertiesBuilder()
    .setCompression(Compression[options.codec ?? 'SNAPPY'])
    .setMaxRowGroupSize(options.rowGroupRows ?? Math.max(rows, 1))
    .setDictionaryEnabled(options.dictionary ?? true)
    .setStatisticsEnabled((options.statistics ?? true) ? EnabledStatistics.Page : EnabledStatistics.None)
    .setDataPageSizeLimit(options.pageBytes ?? 1024 * 1024)
    .setWriterVersion(options.version === 2 ? WriterVersion.V2 : WriterVersion.V1);
  for (const { name, encoding } of columns) {
    if (encoding !== undefined) writer = writer.setColumnEncoding(name, Encoding[encoding]);
  }
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream')), writer.build());
}

export function writeParquetFile(path: string, options: ParquetOptions): string {
  writeFileSync(path, parquetBytes(options));
  return path;
}
