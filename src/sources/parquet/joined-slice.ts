// A slice of several row groups, which are small: one read for all of their bytes, and rows of many in one batch.
import type { ArrowBatch, ArrowField, Slice } from '../../model/index.ts';
import type { DecodeInput, DecodeRequest, ParquetDecoder } from '../../parquet/decoder.ts';
import {
  ChunkTable,
  ColumnBuilder,
  type ColumnChunk,
  checkChunkCrcs,
  checkReadable,
  isStreamable,
  joinedRows,
  type LoadedGroup,
  type ParquetMetadata,
  parseMetadata,
  type SchemaNode,
  valueReader,
} from '../../parquet/index.ts';
import type { Arena } from '../../runtime/index.ts';
import type { OpenFile } from './open-files.ts';
import { detailOf } from './ticket.ts';

/** What reading is given by its worker. */
export interface JoinedReading {
  readonly decoder: ParquetDecoder;
  /** Holds the slice's bytes when they are at most `mostBytes`. */
  readonly arena: Arena;
  readonly mostBytes: number;
}

export class JoinedSlice {
  readonly #file: OpenFile;
  readonly #slice: Slice;
  readonly #footer: Uint8Array;
  readonly #meta: ParquetMetadata;
  readonly #fields: readonly ArrowField[];
  readonly #reading: JoinedReading;
  /** Row groups that have rows, by their number in the slice's footer. */
  readonly #groups: number[] = [];
  /** Leaves of the wanted columns, in the file's order. */
  readonly #leaves: readonly SchemaNode[];
  readonly #table: ChunkTable;
  #isStreamable = true;

  private constructor(
    file: OpenFile,
    slice: Slice,
    footer: Uint8Array,
    fields: readonly ArrowField[],
    reading: JoinedReading,
  ) {
    this.#file = file;
    this.#slice = slice;
    this.#footer = footer;
    this.#fields = fields;
    this.#reading = reading;
    this.#meta = parseMetadata(footer, detailOf(slice.detail).rowGroups[0]);
    const names = new Set(fields.map((field) => field.name));
    this.#leaves = this.#meta.schema.leaves.filter((leaf) => names.has(leaf.path[0]!));
    this.#table = new ChunkTable(this.#leaves.length);
    this.#readGroups();
  }

  static async open(
    file: OpenFile,
    slice: Slice,
    fields: readonly ArrowField[],
    reading: JoinedReading,
  ): Promise<JoinedSlice> {
    return new JoinedSlice(file, slice, await file.footerFor(detailOf(slice.detail)), fields, reading);
  }

  #readGroups(): void {
    const { leaves } = this.#meta.schema;
    const wanted = new Set(this.#leaves);
    const isWanted = (leaf: number): boolean => wanted.has(leaves[leaf]!);
    for (let index = 0; index < this.#meta.rowGroupCount; index++) {
      const { rowCount } = this.#meta.rowGroup(index);
      if (rowCount === 0) continue;
      const chunks = this.#meta.columns(index, isWanted, 'places').filter((chunk) => chunk !== null);
      const rowGroup = detailOf(this.#slice.detail).rowGroups[0] + index;
      checkReadable(chunks, { rowGroup }, this.#file.object.sizeBytes);
      this.#groups.push(index);
      this.#table.push(rowCount, chunks);
      this.#isStreamable &&= chunks.every((chunk) => this.#canStream(chunk));
    }
  }

  #canStream(chunk: ColumnChunk): boolean {
    const leaf = this.#meta.schema.leaves[chunk.leaf]!;
    return isStreamable(leaf) && this.#reading.decoder.inflatesSmall(chunk.codec);
  }

  /** Batches from the first group's first row on, read without the decoder library; null when some column needs it. */
  stream(batchRows: number): AsyncGenerator<ArrowBatch, void, void> | null {
    if (!this.#isStreamable || this.#leaves.length !== this.#fields.length) return null;
    // in the file's order, as the table has them
    const fields = this.#leaves.map((leaf) => this.#fields.find((field) => field.name === leaf.name)!);
    const columns = fields.map((field, i): ColumnBuilder | null => {
      const leaf = this.#leaves[i]!;
      const reader = valueReader(leaf, field.type);
      return reader === null ? null : new ColumnBuilder(leaf, field.type, reader);
    });
    if (columns.includes(null)) return null;
    const { decoder, mostBytes } = this.#reading;
    return joinedRows({
      columns: columns as ColumnBuilder[],
      fields,
      table: this.#table,
      groups: this.#load(),
      rowCount: detailOf(this.#slice.detail).offset + this.#slice.rowCount,
      batchRows,
      mostPageBytes: mostBytes,
      inflate: (codec, bodies, outs) => decoder.inflate(codec, bodies, outs),
    });
  }

  /** The groups one by one: out of one read of everything, or with a read a chunk when other columns lie between. */
  async *#load(): AsyncGenerator<LoadedGroup, void, void> {
    const table = this.#table;
    const block = await this.#block();
    for (let group = 0; group < table.groupCount; group++) {
      if (block !== null) {
        const { bytes, start } = block;
        yield { group, bytes, startOf: (column) => table.start(group, column) - start };
      } else yield await this.#loadGroup(group);
    }
  }

  async #loadGroup(group: number): Promise<LoadedGroup> {
    const table = this.#table;
    const starts = [0];
    for (let column = 0; column < table.columnCount; column++) {
      starts.push(starts[column]! + table.end(group, column) - table.start(group, column));
    }
    const bytes = this.#reading.arena.space(starts.at(-1)!);
    for (let column = 0; column < table.columnCount; column++) {
      const into = bytes.subarray(starts[column]!, starts[column + 1]!);
      await this.#file.object.readInto(table.start(group, column), into);
    }
    return { group, bytes, startOf: (column) => starts[column]! };
  }

  /** The bytes of everything; null when most of them are not wanted, or too many. */
  async #block(): Promise<{ readonly bytes: Uint8Array; readonly start: number } | null> {
    const { start, end, bytes } = this.#table.span();
    const length = end - start;
    if (length <= 0 || length > 2 * bytes || length > this.#reading.mostBytes) return null;
    const block = this.#reading.arena.space(length);
    await this.#file.object.readInto(start, block);
    return { bytes: block, start };
  }

  /** For the decoder library: the same bytes by the positions that it asks for. */
  async forLibrary(): Promise<{
    input: DecodeInput;
    request: Pick<DecodeRequest, 'rowGroups' | 'batchRows'>;
  }> {
    const table = this.#table;
    const block = await this.#block();
    let mostRows = 1;
    for (let group = 0; group < table.groupCount; group++) {
      mostRows = Math.max(mostRows, table.rowCount(group));
      if (block === null) continue;
      for (let column = 0; column < table.columnCount; column++) {
        checkChunkCrcs(
          block.bytes,
          table.start(group, column) - block.start,
          table.end(group, column) - block.start,
        );
      }
    }
    const readInto = async (from: number, into: Uint8Array): Promise<void> => {
      const at = block === null ? -1 : from - block.start;
      if (block !== null && at >= 0 && at + into.length <= block.bytes.length) {
        into.set(block.bytes.subarray(at, at + into.length));
      } else await this.#file.object.readInto(from, into);
    };
    const input = { uri: this.#slice.inputUri, footer: this.#footer, readInto };
    // no batch reaches beyond its row group, and the library sets memory aside for as many rows as it is asked for
    return { input, request: { rowGroups: this.#groups, batchRows: mostRows } };
  }
}
