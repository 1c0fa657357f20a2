// Which bytes a slice is going to read, in the order in which it needs them: for storages that fetch ahead.
import { type ChunkPages, type ColumnChunk, SMALL_CHUNK_BYTES } from '../../parquet/index.ts';
import type { ByteRange } from '../../runtime/index.ts';

/** What finding the pages of these chunks reads at once: their index, or all of a small chunk. */
export function mapRanges(chunks: readonly ColumnChunk[]): ByteRange[] {
  return chunks.flatMap(({ start, end, offsetIndex }) => {
    if (offsetIndex !== null) {
      return [{ start: offsetIndex.offset, end: offsetIndex.offset + offsetIndex.length }];
    }
    return end - start <= SMALL_CHUNK_BYTES ? [{ start, end }] : [];
  });
}

/** Pages that hold the rows, by their first row; a dictionary comes before the first page of its column. */
export function pageRanges(columns: Iterable<ChunkPages>, rowStart: number, rowCount: number): ByteRange[] {
  const rowEnd = rowStart + rowCount;
  const needed: { readonly row: number; readonly range: ByteRange }[] = [];
  for (const column of columns) {
    if (column.dictionary !== null) needed.push({ row: -1, range: column.dictionary });
    column.pages.forEach((page, i) => {
      // without rows all may be needed, about as fast as rows are read
      const row = column.hasRows ? page.rowStart : (rowEnd * i) / column.pages.length;
      const isNeeded = !column.hasRows || (page.rowEnd > rowStart && page.rowStart < rowEnd);
      if (isNeeded) needed.push({ row, range: page });
    });
  }
  // a stable sort: columns keep their order among pages that begin together
  return needed.sort((a, b) => a.row - b.row).map(({ range }) => ({ start: range.start, end: range.end }));
}
