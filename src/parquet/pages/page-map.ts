// Where the pages of a column chunk lie and which rows they hold: from the offset index where the file has one,
// otherwise by walking the page headers.
import { ParloadError } from '../../errors/index.ts';
import { KiB } from '../../runtime/index.ts';
import type { ColumnChunk } from '../column-chunk.ts';
import type { SchemaNode } from '../schema.ts';
import { STOP, T, ThriftReader } from '../thrift.ts';
import { readPageHeader } from './page-header.ts';

export interface Page {
  /** File bytes with the header. */
  readonly start: number;
  readonly end: number;
  /** Rows, counted in the row group. */
  readonly rowStart: number;
  readonly rowEnd: number;
}

export interface ChunkPages {
  readonly dictionary: { readonly start: number; readonly end: number } | null;
  readonly pages: readonly Page[];
}

export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

/** Most headers have 20 to 100 bytes; ones with statistics of long strings more. */
const HEADER_BYTES = 256;
const LONG_HEADER_BYTES = 64 * KiB;
/** A chunk this small is read at once. */
export const SMALL_CHUNK_BYTES = 256 * KiB;

/** Null when rows cannot be told from pages: a repeated column in version 1 pages without an index. */
export async function chunkPages(
  read: ReadBytes,
  chunk: ColumnChunk,
  leaf: SchemaNode,
  rowCount: number,
): Promise<ChunkPages | null> {
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
  return { dictionary, pages };
}

async function fromHeaders(
  read: ReadBytes,
  chunk: ColumnChunk,
  leaf: SchemaNode,
  rowCount: number,
): Promise<ChunkPages | null> {
  const small = chunk.end - chunk.start <= SMALL_CHUNK_BYTES ? await read(chunk.start, chunk.end) : null;
  const headerAt = async (at: number) => {
    if (small !== null) return readPageHeader(small, at - chunk.start);
    try {
      return readPageHeader(await read(at, Math.min(chunk.end, at + HEADER_BYTES)), 0);
    } catch {
      return readPageHeader(await read(at, Math.min(chunk.end, at + LONG_HEADER_BYTES)), 0);
    }
  };
  let dictionary: ChunkPages['dictionary'] = null;
  const pages: Page[] = [];
  let row = 0;
  for (let at = chunk.start; at < chunk.end && row < rowCount; ) {
    const header = await headerAt(at);
    const end = at + header.headerBytes + header.compressedBytes;
    if (header.kind === 'dictionary') {
      dictionary = { start: at, end };
    } else if (header.kind === 'data' || header.kind === 'data-v2') {
      if (leaf.maxRepetition > 0 && header.rowCount === null) return null;
      const claimed = leaf.maxRepetition > 0 ? header.rowCount! : header.valueCount;
      // what a last page of a flat column has beyond the rows of the footer is none
      const rows = leaf.maxRepetition > 0 ? claimed : Math.min(claimed, rowCount - row);
      if (rows > 0) pages.push({ start: at, end, rowStart: row, rowEnd: row + rows });
      row += rows;
    }
    at = end;
  }
  return row === rowCount ? { dictionary, pages } : null;
}
