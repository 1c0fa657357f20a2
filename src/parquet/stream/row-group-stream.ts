// Batches of a row range straight from its pages. Memory is one page and one dictionary a column and one small batch,
// whatever the size of the row group, and every page is decompressed once.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowField } from '../../model/index.ts';
import { type Arena, layOut, MiB } from '../../runtime/index.ts';
import type { DecodeInput, ParquetDecoder } from '../decoder.ts';
import type { Page } from '../pages/page-map.ts';
import { appendRows, batchOf, checkPageSize, copyBody, isFull, named } from './batch-rows.ts';
import type { ColumnStream } from './column-stream.ts';
import type { CompressedBody } from './inflate-file.ts';
import { parsePage, type RawPage } from './raw-page.ts';

/** Stored bytes that are read and decompressed in one go; a bigger page goes alone. */
const GROUP_BYTES = 2 * MiB;

export interface StreamRequest {
  readonly columns: readonly ColumnStream[];
  readonly fields: readonly ArrowField[];
  readonly rowCount: number;
  readonly batchRows: number;
  /** A page that claims more than this when decompressed is refused. */
  readonly mostPageBytes: number;
  readonly readInto: DecodeInput['readInto'];
  /** Stored pages pass through it. */
  readonly arena: Arena;
  readonly inflate: ParquetDecoder['inflate'];
}

interface Load {
  readonly column: ColumnStream;
  readonly raw: RawPage;
  readonly out: Uint8Array;
  /** Null: the dictionary. */
  readonly page: Page | null;
}

export async function* streamRows(request: StreamRequest): AsyncGenerator<ArrowBatch, void, void> {
  const { columns, fields, rowCount } = request;
  for (let rowStart = 0; rowStart < rowCount; ) {
    const most = Math.min(request.batchRows, rowCount - rowStart);
    for (const column of columns) column.begin(most);
    let rows = 0;
    while (rows < most && !(rows > 0 && isFull(columns))) {
      await loadPages(request);
      rows += appendRows(columns, most - rows);
    }
    yield batchOf(columns, fields, rows, rowStart);
    rowStart += rows;
  }
}

/** One page or dictionary that is to be read. */
interface Wanted {
  readonly column: ColumnStream;
  readonly at: { readonly start: number; readonly end: number };
  /** Null: the dictionary. */
  readonly page: Page | null;
}

/** The next page of every column that has none left, and the dictionary before its first one; a few MiB at a time. */
async function loadPages(request: StreamRequest): Promise<void> {
  let group: Wanted[] = [];
  let bytes = 0;
  for (const column of request.columns) {
    if (column.rowsLeft > 0) continue;
    for (const wanted of wantedOf(column)) {
      const size = wanted.at.end - wanted.at.start;
      if (group.length > 0 && bytes + size > GROUP_BYTES) {
        await loadGroup(request, group);
        group = [];
        bytes = 0;
      }
      group.push(wanted);
      bytes += size;
    }
  }
  if (group.length > 0) await loadGroup(request, group);
}

function wantedOf(column: ColumnStream): Wanted[] {
  const { source } = column;
  const wanted: Wanted[] = [];
  if (column.needsDictionary) wanted.push({ column, at: source.dictionaryAt!, page: null });
  const page = source.nextPage();
  if (page === null) {
    throw new ParloadError('PARQUET_CORRUPT', 'a column has too few pages', {
      where: { column: column.name },
    });
  }
  wanted.push({ column, at: page, page });
  return wanted;
}

async function loadGroup(request: StreamRequest, group: readonly Wanted[]): Promise<void> {
  const { size, reads, offsets } = layOut(group.map((wanted) => wanted.at));
  const arena = request.arena.space(size);
  await Promise.all(
    reads.map(({ start, end, at }) => request.readInto(start, arena.subarray(at, at + end - start))),
  );
  const loads = group.map((wanted, i) =>
    named(wanted.column, () => {
      const place = arena.subarray(offsets[i]!, offsets[i]! + wanted.at.end - wanted.at.start);
      return loadOf(request, wanted, place);
    }),
  );
  inflateAll(request, loads);
  for (const { column, raw, out, page } of loads) {
    named(column, () =>
      page === null ? column.startDictionary(raw, out) : column.startMappedPage(raw, page, out),
    );
  }
}

function loadOf(request: StreamRequest, { column, page }: Wanted, bytes: Uint8Array): Load {
  const raw = parsePage(bytes, 0, bytes.length, column.source.chunk.codec);
  checkPageSize(raw, request.mostPageBytes);
  const out = page === null ? column.dictionarySpace(raw.bodyBytes) : column.pageSpace(raw.bodyBytes);
  return { column, raw, out, page };
}

/** One call of the decoder for all pages of a codec. */
function inflateAll(request: StreamRequest, loads: readonly Load[]): void {
  const byCodec = new Map<string, Load[]>();
  for (const load of loads) {
    const { raw, out, column } = load;
    if (!raw.isCompressed) {
      named(column, () => copyBody(raw, out));
      continue;
    }
    const { codec } = column.source.chunk;
    byCodec.set(codec, [...(byCodec.get(codec) ?? []), load]);
  }
  for (const [codec, group] of byCodec) {
    const bodies: CompressedBody[] = group.map(({ raw }) => ({ bytes: raw.body, size: raw.bodyBytes }));
    try {
      request.inflate(
        codec,
        bodies,
        group.map(({ out }) => out),
      );
    } catch (error) {
      throw group.length === 1 && ParloadError.is(error)
        ? error.at({ column: group[0]!.column.name })
        : error;
    }
  }
}
