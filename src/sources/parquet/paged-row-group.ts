// What a worker knows of a row group it reads in parts: its column chunks and where their pages are.
import { ParloadError } from '../../errors/index.ts';
import type { Slice } from '../../model/index.ts';
import {
  type ChunkPages,
  type ColumnChunk,
  checkReadable,
  chunkPages,
  type ParquetMetadata,
  parseMetadata,
} from '../../parquet/index.ts';
import { allSettled } from '../../runtime/index.ts';
import type { OpenFile } from './open-files.ts';
import { mapRanges } from './read-order.ts';
import { detailOf } from './ticket.ts';

/** Row groups that are kept; slices of one row group mostly come together. */
const KEPT = 2;

export interface PagedRowGroup {
  /** Of a footer with this row group alone. */
  readonly meta: ParquetMetadata;
  /** By leaf, wanted or not. */
  readonly chunks: readonly ColumnChunk[];
  /** Of the wanted leaves. */
  readonly pages: ReadonlyMap<number, ChunkPages>;
}

export class PagedRowGroups {
  /** Root columns that are wanted. */
  readonly #wanted: ReadonlySet<string>;
  readonly #kept = new Map<string, PagedRowGroup>();

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  /** The one row group of a slice. */
  async get(file: OpenFile, slice: Slice): Promise<PagedRowGroup> {
    const detail = detailOf(slice.detail);
    const key = `${slice.inputId}:${detail.rowGroups[0]}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const meta = parseMetadata(await file.footerFor(detail), detail.rowGroups[0]);
    const chunks = meta.columns(0) as ColumnChunk[];
    const leafOf = (chunk: ColumnChunk) => meta.schema.leaves[chunk.leaf]!;
    const wanted = chunks.filter((chunk) => this.#wanted.has(leafOf(chunk).path[0]!));
    checkReadable(wanted, { rowGroup: detail.rowGroups[0] }, file.object.sizeBytes);
    const read = (start: number, end: number): Promise<Uint8Array> => file.object.read(start, end);
    const rows = meta.rowGroup(0).rowCount;
    const pages = new Map<number, ChunkPages>();
    file.object.expect?.(mapRanges(wanted));
    const maps = wanted.map(async (chunk) => {
      const leaf = leafOf(chunk);
      const found = await chunkPages(read, chunk, leaf, rows).catch((error: unknown) => {
        throw ParloadError.is(error) ? error.at({ column: leaf.path.join('.') }) : error;
      });
      pages.set(chunk.leaf, found);
    });
    await allSettled(maps);
    const group = { meta, chunks, pages };
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT) this.#kept.delete(oldest!);
    this.#kept.set(key, group);
    return group;
  }
}
