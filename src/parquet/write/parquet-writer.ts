// Arrow batches as a Parquet file: PLAIN values in data pages of version 1, in row groups, any nesting.
import { type ArrowBatch, type ArrowSchema, selectedCount } from '../../model/index.ts';
import { MiB } from '../../runtime/index.ts';
import { T, ThriftWriter } from '../thrift.ts';
import { arrowSchemaText } from './arrow-message.ts';
import type { LeafColumn, WriteCodec } from './leaf-column.ts';
import { leavesOf, nodeOf, shred, takeValues, type WriteNode, writeElements } from './nodes.ts';

const MAGIC = Buffer.from('PAR1');
const FORMAT_VERSION = 2;
const DEFAULT_PAGE_BYTES = MiB;
const DEFAULT_ROW_GROUP_BYTES = 32 * MiB;

export interface ParquetWriterOptions {
  /** The next bytes of the file, in order; they belong to whoever gets them. */
  write(bytes: Uint8Array): Promise<void>;
  /** Default gzip. */
  readonly codec?: WriteCodec;
  /** A page ends with the batch in which it comes to so many bytes. */
  readonly pageBytes?: number;
  /** A row group ends with the batch in which it comes to so many bytes, and is held in memory until then. */
  readonly rowGroupBytes?: number;
  /** Of the footer. */
  readonly keyValues?: Readonly<Record<string, string>>;
}

export class ParquetWriter {
  readonly #options: ParquetWriterOptions;
  readonly #schema: ArrowSchema;
  readonly #nodes: readonly WriteNode[];
  readonly #leaves: readonly LeafColumn[];
  readonly #rowGroups: Uint8Array[] = [];
  #at = 0;
  #rows = 0;
  #groupRows = 0;

  constructor(schema: ArrowSchema, options: ParquetWriterOptions) {
    this.#options = options;
    this.#schema = schema;
    const root = { path: [], definition: 0, repetition: 0 };
    this.#nodes = schema.fields.map((field) => nodeOf(field, root, options.codec ?? 'gzip'));
    this.#leaves = this.#nodes.flatMap(leavesOf);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rows that count; what the batch holds is copied. */
  async add(batch: ArrowBatch): Promise<void> {
    const count = selectedCount(batch);
    const { selection } = batch;
    this.#nodes.forEach((node, j) => {
      const column = batch.columns[j]!;
      for (let k = 0; k < count; k++) shred(node, column, selection === null ? k : selection[k]!, 0);
      takeValues(node, column);
    });
    this.#rows += count;
    this.#groupRows += count;
    const { pageBytes = DEFAULT_PAGE_BYTES, rowGroupBytes = DEFAULT_ROW_GROUP_BYTES } = this.#options;
    let groupBytes = 0;
    for (const leaf of this.#leaves) {
      if (leaf.pageBytes >= pageBytes) leaf.endPage();
      groupBytes += leaf.rowGroupBytes;
    }
    if (groupBytes >= rowGroupBytes) await this.#endRowGroup();
  }

  /** Bytes of the whole file. Nothing may be added then. */
  async finish(): Promise<number> {
    await this.#endRowGroup();
    const footer = this.#footer();
    // a file without rows has no row group, and still begins as one
    await this.#begin();
    await this.#write(footer);
    const tail = Buffer.alloc(4);
    tail.writeUInt32LE(footer.length);
    await this.#write(Buffer.concat([tail, MAGIC]));
    return this.#at;
  }

  async #begin(): Promise<void> {
    if (this.#at === 0) await this.#write(MAGIC);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#at += bytes.length;
    await this.#options.write(bytes);
  }

  async #endRowGroup(): Promise<void> {
    if (this.#groupRows === 0) return;
    await this.#begin();
    const start = this.#at;
    const chunks: Uint8Array[] = [];
    let uncompressed = 0;
    for (const leaf of this.#leaves) {
      const { pages, figures } = leaf.endChunk();
      chunks.push(leaf.chunkStruct(figures, this.#at));
      uncompressed += figures.uncompressedBytes;
      for (const page of pages) await this.#write(page);
    }
    const w = new ThriftWriter();
    w.field(1, T.list, 0).list(T.struct, chunks.length);
    for (const chunk of chunks) w.raw(chunk);
    w.field(2, T.i64, 1).int(uncompressed);
    w.field(3, T.i64, 2).int(this.#groupRows);
    w.field(5, T.i64, 3).int(start);
    w.field(6, T.i64, 5).int(this.#at - start);
    this.#rowGroups.push(w.stop().finish());
    this.#groupRows = 0;
  }

  #footer(): Uint8Array {
    const elements = new ThriftWriter();
    elements.field(4, T.binary, 0).binary(Buffer.from('schema'));
    elements.field(5, T.i32, 4).int(this.#nodes.length).stop();
    let count = 1;
    for (const node of this.#nodes) count += writeElements(elements, node);
    const keyValues = { ...this.#options.keyValues, 'ARROW:schema': arrowSchemaText(this.#schema) };
    const w = new ThriftWriter();
    w.field(1, T.i32, 0).int(FORMAT_VERSION);
    w.field(2, T.list, 1).list(T.struct, count).raw(elements.finish());
    w.field(3, T.i64, 2).int(this.#rows);
    w.field(4, T.list, 3).list(T.struct, this.#rowGroups.length);
    for (const group of this.#rowGroups) w.raw(group);
    w.field(5, T.list, 4).list(T.struct, Object.keys(keyValues).length);
    for (const [key, value] of Object.entries(keyValues)) {
      w.field(1, T.binary, 0).binary(Buffer.from(key));
      w.field(2, T.binary, 1).binary(Buffer.from(value)).stop();
    }
    w.field(6, T.binary, 5).binary(Buffer.from('parload'));
    return w.stop().finish();
  }
}
