// Where the pages of a column chunk lie and which rows they hold: from the offset index where the file has one,
// otherwise by walking the page headers.
import { ParloadError } from '../../errors/index.ts';
import { KiB } from '../../runtime/index.ts';
import type { ColumnChunk } from '../column-chunk.ts';
import type { SchemaNode } from '../schema.ts';
import { STOP, T, ThriftReader } from '../thrift.ts';
import { type PageHeader, readPageHeader } from './page-header.ts';

export interface Page {
  /** File bytes with the header. */
  readonly start: number;
  readonly end: number;
  /** Rows, counted in the row group. */
  readonly rowStart: number;
  readonly rowEnd: number;
}

export interface ChunkPages {
  /** False: every page may hold any row, and a row may go on in the next page. */
  readonly hasRows: boolean;
  readonly dictionary: { readonly start: number; readonly end: number } | null;
  readonly pages: readonly Page[];
}

export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

/** Most headers have 20 to 100 bytes; ones with statistics of long strings more. */
const HEADER_BYTES = 256;
const LONG_HEADER_BYTES = 64 * KiB;
/** A chunk this small is read at once. */
export const SMALL_CHUNK_BYTES = 256 * KiB;

/** Rows cannot be told from pages where a repeated column has version 1 pages without an index. */
export async function chunkPages(
  read: ReadBytes,
  chunk: ColumnChunk,
  leaf: SchemaNode,
  rowCount: number,
): Promise<ChunkPages> {
  const indexed = chunk.offsetIndex === null ? null : await fromOffsetIndex(read, chunk, rowCount);
  return indexed ?? fromHeaders(read, chunk, leaf, rowCount);
}

interface PageLocation {
  readonly offset: number;
  readonly length: number;
  readonly firstRow: number;
}

function readLocations(bytes: Uint8Array): PageLocation[] {
  const out: PageLocation[] = [];
  const r = new ThriftReader(bytes, 0, bytes.length, 'offset index');
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id !== 1) {
      r.skip();
      continue;
    }
    const count = r.listOf(T.struct);
    for (let i = 0; i < count; i++) {
      const page = { offset: -1, length: -1, firstRow: -1 };
      for (let f = r.field(0); f !== STOP; f = r.field(f)) {
        if (f === 1) page.offset = r.int();
        else if (f === 2) page.length = r.int();
        else if (f === 3) page.firstRow = r.int();
        else r.skip();
      }
      out.push(page);
    }
  }
  return out;
}

/** Null when the index contradicts the chunk: it is advice, the pages are the truth. */
async function fromOffsetIndex(
  read: ReadBytes,
  chunk: ColumnChunk,
  rowCount: number,
): Promise<ChunkPages | null> {
  const { offset, length } = chunk.offsetIndex!;
  let locations: PageLocation[];
  try {
    locations = readLocations(await read(offset, offset + length));
  } catch (error) {
    if (ParloadError.is(error) && error.code === 'PARQUET_CORRUPT') return null;
    throw error;
  }
  const pages = locations.map((page, i) => ({
    start: page.offset,
    end: page.offset + page.length,
    rowStart: page.firstRow,
    rowEnd: locations[i + 1]?.firstRow ?? rowCount,
  }));
  const first = pages[0];
  const sound =
    first !== undefined &&
    first.rowStart === 0 &&
    pages.every(
      (p, i) => p.rowEnd > p.rowStart && p.end > p.start && p.start >= (pages[i - 1]?.end ?? chunk.start),
    ) &&
    pages.at(-1)!.end <= chunk.end;
  if (!sound) return null;
  const dictionary = first.start > chunk.start ? { start: chunk.start, end: first.start } : null;
  return { hasRows: true, dictionary, pages };
}

const corrupt = (why: string): ParloadError => new ParloadError('PARQUET_CORRUPT', why);

async function fromHeaders(
  read: ReadBytes,
  chunk: ColumnChunk,
  leaf: SchemaNode,
  rowCount: number,
): Promise<ChunkPages> {
  const isRepeated = leaf.maxRepetition > 0;
  const headerAt = await headerReader(read, chunk);
  let dictionary: ChunkPages['dictionary'] = null;
  const pages: Page[] = [];
  let row = 0;
  // writers of lists got the rows of version 2 pages wrong, so these count only when they come out even
  let hasRows = true;
  for (let at = chunk.start; at < chunk.start + chunk.compressedBytes && (isRepeated || row < rowCount); ) {
    const header = await headerAt(at);
    const end = at + header.headerBytes + header.compressedBytes;
    if (end > chunk.end) throw corrupt('a page is longer than its place in the file');
    if (header.kind === 'dictionary') {
      dictionary ??= { start: at, end };
    } else if ((header.kind === 'data' || header.kind === 'data-v2') && header.valueCount > 0) {
      hasRows &&= !isRepeated || header.rowCount !== null;
      // what a last page of a flat column has beyond the rows of the footer is none
      const rows = isRepeated ? (header.rowCount ?? 0) : Math.min(header.valueCount, rowCount - row);
      pages.push({ start: at, end, rowStart: row, rowEnd: row + rows });
      row += rows;
    }
    at = end;
  }
  if (!isRepeated && row < rowCount) throw corrupt(`the pages of a column have ${row} rows of ${rowCount}`);
  return { hasRows: hasRows && row === rowCount, dictionary, pages };
}

async function headerReader(
  read: ReadBytes,
  chunk: ColumnChunk,
): Promise<(at: number) => PageHeader | Promise<PageHeader>> {
  if (chunk.end - chunk.start <= SMALL_CHUNK_BYTES) {
    const bytes = await read(chunk.start, chunk.end);
    return (at) => readPageHeader(bytes, at - chunk.start);
  }
  return async (at) => {
    try {
      return readPageHeader(await read(at, Math.min(chunk.end, at + HEADER_BYTES)), 0);
    } catch (error) {
      if (!ParloadError.is(error) || error.code !== 'PARQUET_CORRUPT') throw error;
      return readPageHeader(await read(at, Math.min(chunk.end, at + LONG_HEADER_BYTES)), 0);
    }
  };
}
