// A slice of several row groups, which are small: one read for all of their bytes, and rows of many in one batch.
import type { ArrowBatch, ArrowField, Slice } from '../../model/index.ts';
import type { PageCodecs } from '../../parquet/codecs/index.ts';
import {
  type BatchColumn,
  ChunkTable,
  ColumnBuilder,
  checkReadable,
  joinedRows,
  type LeafMaker,
  type LoadedGroup,
  NestedColumn,
  NestedLeaf,
  openColumn,
  type ParquetMetadata,
  parseMetadata,
  type SchemaNode,
} from '../../parquet/index.ts';
import type { Arena } from '../../runtime/index.ts';
import type { KeptColumns } from './kept-columns.ts';
import type { OpenFile } from './open-files.ts';
import { detailOf } from './ticket.ts';

/** What reading is given by its worker. */
export interface JoinedReading {
  readonly codecs: PageCodecs;
  /** Holds the slice's bytes when they are at most `mostBytes`. */
  readonly arena: Arena;
  readonly mostBytes: number;
  readonly kept: KeptColumns<BatchColumn>;
}

export class JoinedSlice {
  readonly #file: OpenFile;
  readonly #slice: Slice;
  readonly #meta: ParquetMetadata;
  readonly #fields: readonly ArrowField[];
  readonly #reading: JoinedReading;
  /** Row groups that have rows, by their number in the file. */
  readonly #groups: number[] = [];
  /** Leaves of the wanted columns, in the file's order. */
  readonly #leaves: readonly SchemaNode[];
  readonly #table: ChunkTable;

  private constructor(
    file: OpenFile,
    slice: Slice,
    footer: Uint8Array,
    fields: readonly ArrowField[],
    reading: JoinedReading,
  ) {
    this.#file = file;
    this.#slice = slice;
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
      this.#groups.push(rowGroup);
      this.#table.push(rowCount, chunks);
    }
  }

  /** Batches from the first group's first row on. */
  stream(batchRows: number): AsyncGenerator<ArrowBatch, void, void> {
    const { codecs, mostBytes, kept } = this.#reading;
    // in the file's order, as the table has them
    const byName = new Map(this.#fields.map((field) => [field.name, field]));
    const roots = this.#meta.schema.root.children.filter((node) => byName.has(node.name));
    const fields = roots.map((node) => byName.get(node.name)!);
    return kept.read(
      roots,
      () => fields.map((field, i) => openColumn(roots[i]!, field, mostBytes, IN_MEMORY)),
      // each chunk starts them over by itself
      () => undefined,
      (columns) =>
        joinedRows({
          columns,
          fields,
          table: this.#table,
          groups: this.#load(),
          rowCount: detailOf(this.#slice.detail).offset + this.#slice.rowCount,
          batchRows,
          mostPageBytes: mostBytes,
          codecs,
        }),
    );
  }

  /** The groups one by one: out of one read of everything, or with a read a chunk when other columns lie between. */
  async *#load(): AsyncGenerator<LoadedGroup, void, void> {
    const table = this.#table;
    const block = await this.#block();
    for (let group = 0; group < table.groupCount; group++) {
      if (block !== null) {
        const { bytes, start } = block;
        const startOf = (column: number): number => table.start(group, column) - start;
        yield { group, rowGroup: this.#groups[group]!, bytes, startOf };
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
    return { group, rowGroup: this.#groups[group]!, bytes, startOf: (column) => starts[column]! };
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
}

/** Columns whose chunks are in memory. */
const IN_MEMORY: LeafMaker<BatchColumn> = {
  flat: (leaf, field, reader) => new ColumnBuilder(leaf, field.type, reader),
  nested: (field, plan, leaves) =>
    new NestedColumn(
      field,
      plan,
      leaves.map((options) => new NestedLeaf(options)),
    ),
};
