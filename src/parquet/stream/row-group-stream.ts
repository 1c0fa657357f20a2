// Batches of a row range straight from its pages. Memory is one page and one dictionary a column and one small batch,
// whatever the size of the row group, and every page is decompressed once.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowField } from '../../model/index.ts';
import { type Arena, allSettled, layOut, MiB } from '../../runtime/index.ts';
import type { PageCodecs } from '../codecs/index.ts';
import type { Page } from '../pages/page-map.ts';
import type { BatchColumn } from './batch-column.ts';
import { appendRows, batchOf, copyBody, isFull, named } from './batch-rows.ts';
import type { LeafStream } from './leaf-stream.ts';
import { PageBudget } from './page-budget.ts';
import { parsePage, type RawPage } from './raw-page.ts';

/** Stored bytes that are read and decompressed in one go; a bigger page goes alone. */
const GROUP_BYTES = 2 * MiB;

/** Fills `into` with a file's bytes from `start` on. */
export type ReadInto = (start: number, into: Uint8Array) => Promise<void>;

export interface StreamRequest {
  readonly columns: readonly BatchColumn<LeafStream>[];
  readonly fields: readonly ArrowField[];
  readonly rowCount: number;
  readonly batchRows: number;
  /** What the pages of all columns may take together. */
  readonly mostPageBytes: number;
  readonly readInto: ReadInto;
  /** Stored pages pass through it. */
  readonly arena: Arena;
  readonly codecs: PageCodecs;
}

interface Load {
  readonly leaf: LeafStream;
  readonly raw: RawPage;
  readonly out: Uint8Array;
  /** Null: the dictionary. */
  readonly page: Page | null;
}

/** A request and what was made of it. */
interface Streaming extends StreamRequest {
  readonly leaves: readonly LeafStream[];
  readonly budget: PageBudget;
}

export async function* streamRows(request: StreamRequest): AsyncGenerator<ArrowBatch, void, void> {
  const { columns, fields, rowCount } = request;
  const leaves = columns.flatMap((column) => column.leaves);
  const streaming = { ...request, leaves, budget: new PageBudget(leaves, request.mostPageBytes) };
  for (let rowStart = 0; rowStart < rowCount; ) {
    const most = Math.min(request.batchRows, rowCount - rowStart);
    for (const column of columns) column.begin(most);
    let rows = 0;
    while (rows < most && !(rows > 0 && isFull(columns))) {
      await loadPages(streaming);
      rows += appendRows(columns, most - rows);
    }
    yield batchOf(columns, fields, rows, rowStart);
    rowStart += rows;
  }
}

/** One page or dictionary that is to be read. */
interface Wanted {
  readonly leaf: LeafStream;
  readonly at: { readonly start: number; readonly end: number };
  /** Null: the dictionary. */
  readonly page: Page | null;
}

/** The next page of every column that has none left, and the dictionary before its first one; a few MiB at a time. */
async function loadPages(request: Streaming): Promise<void> {
  let group: Wanted[] = [];
  let bytes = 0;
  for (const leaf of request.leaves) {
    if (named(leaf, () => leaf.rowsLeft) > 0) continue;
    for (const wanted of wantedOf(leaf)) {
      const size = wanted.at.end - wanted.at.start;
      named(leaf, () => request.budget.checkStored(size));
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

function wantedOf(leaf: LeafStream): Wanted[] {
  const { source } = leaf;
  const wanted: Wanted[] = [];
  if (leaf.needsDictionary) wanted.push({ leaf, at: source.dictionaryAt!, page: null });
  const page = source.nextPage();
  if (page === null) {
    if (named(leaf, () => leaf.endChunk())) return [];
    throw new ParloadError('PARQUET_CORRUPT', 'a column has too few pages', {
      where: { column: leaf.name },
    });
  }
  wanted.push({ leaf, at: page, page });
  return wanted;
}

async function loadGroup(request: Streaming, group: readonly Wanted[]): Promise<void> {
  const { size, reads, offsets } = layOut(group.map((wanted) => wanted.at));
  const arena = request.arena.space(size);
  // all of them: what a slow one reads must not arrive in the arena when it is used again
  await allSettled(
    reads.map(({ start, end, at }) => request.readInto(start, arena.subarray(at, at + end - start))),
  );
  const loads = group.map((wanted, i) =>
    named(wanted.leaf, () => {
      const place = arena.subarray(offsets[i]!, offsets[i]! + wanted.at.end - wanted.at.start);
      return loadOf(request, wanted, place);
    }),
  );
  inflateAll(request, loads);
  for (const { leaf, raw, out, page } of loads) {
    named(leaf, () =>
      page === null ? leaf.startDictionary(raw, out) : leaf.startMappedPage(raw, page, out),
    );
  }
}

function loadOf(request: Streaming, { leaf, page }: Wanted, bytes: Uint8Array): Load {
  const raw = parsePage(bytes, 0, bytes.length, leaf.source.chunk.codec);
  request.budget.check(raw, leaf.source.chunk.codec);
  const out = page === null ? leaf.dictionarySpace(raw.bodyBytes) : leaf.pageSpace(raw.bodyBytes);
  return { leaf, raw, out, page };
}

function inflateAll({ codecs }: StreamRequest, loads: readonly Load[]): void {
  for (const { leaf, raw, out } of loads) {
    named(leaf, () => {
      if (raw.isCompressed) codecs.inflate(leaf.source.chunk.codec, raw.body, out, raw.bodyBytes);
      else copyBody(raw, out);
    });
  }
}
