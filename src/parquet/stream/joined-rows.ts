// Batches over many tiny row groups: their column chunks are in memory, one page or two each, and the rows of group after
// group go into the same batch. Everything here is paid once a chunk, so there are no promises and few objects.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowField } from '../../model/index.ts';
import type { PageCodecs } from '../codecs/index.ts';
import type { BatchColumn, Leaf } from './batch-column.ts';
import { appendRows, batchOf, copyBody, isFull, named } from './batch-rows.ts';
import type { ChunkTable } from './chunk-table.ts';
import { PageBudget } from './page-budget.ts';
import { parsePage, type RawPage } from './raw-page.ts';
import { corruptPage } from './values.ts';

/** Bytes of one row group's chunks. */
export interface LoadedGroup {
  /** In the table. */
  readonly group: number;
  /** In the file. */
  readonly rowGroup: number;
  readonly bytes: Uint8Array;
  /** Where in `bytes` a column's chunk starts. */
  startOf(column: number): number;
}

export interface JoinRequest {
  readonly columns: readonly BatchColumn[];
  readonly fields: readonly ArrowField[];
  /** Chunks in the order of the columns' leaves. */
  readonly table: ChunkTable;
  /** Each is used up before the next one is asked for. */
  readonly groups: AsyncIterable<LoadedGroup>;
  /** Rows wanted, from the first group's first one on; the groups have at least as many. */
  readonly rowCount: number;
  readonly batchRows: number;
  /** What the pages of all columns may take together. */
  readonly mostPageBytes: number;
  readonly codecs: PageCodecs;
}

/** `rowStart` of a batch counts from the first group's first row. */
export async function* joinedRows(request: JoinRequest): AsyncGenerator<ArrowBatch, void, void> {
  const { columns, fields, rowCount } = request;
  const leaves = columns.flatMap((column) => column.leaves);
  const budget = new PageBudget(leaves, request.mostPageBytes);
  const cursors = leaves.map((leaf, i) => new ChunkCursor(leaf, i, request, budget));
  let rowStart = 0;
  let rows = 0;
  let most = Math.min(request.batchRows, rowCount);
  for (const column of columns) column.begin(most);
  for await (const group of request.groups) {
    for (const cursor of cursors) cursor.start(group);
    for (let left = Math.min(request.table.rowCount(group.group), rowCount - rowStart - rows); left > 0; ) {
      const taken = inGroup(group, () => {
        for (const cursor of cursors) cursor.needRows();
        return appendRows(columns, Math.min(left, most - rows));
      });
      left -= taken;
      rows += taken;
      if (rows < most && !isFull(columns)) continue;
      yield batchOf(columns, fields, rows, rowStart);
      rowStart += rows;
      rows = 0;
      most = Math.min(request.batchRows, rowCount - rowStart);
      for (const column of columns) column.begin(most);
    }
  }
  if (rows > 0) yield batchOf(columns, fields, rows, rowStart);
}

function inGroup<T>({ rowGroup }: LoadedGroup, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ParloadError.is(error) ? error.at({ rowGroup }) : error;
  }
}

/** Walks the pages of one column chunk in memory. */
class ChunkCursor {
  readonly #leaf: Leaf;
  readonly #index: number;
  readonly #request: JoinRequest;
  readonly #budget: PageBudget;
  #bytes: Uint8Array = new Uint8Array(0);
  #codec = '';
  #at = 0;
  #end = 0;
  /** Rows of the group that no page was seen of. */
  #rowsLeft = 0;

  constructor(leaf: Leaf, index: number, request: JoinRequest, budget: PageBudget) {
    this.#leaf = leaf;
    this.#index = index;
    this.#request = request;
    this.#budget = budget;
  }

  start({ group, bytes, startOf }: LoadedGroup): void {
    const { table } = this.#request;
    this.#bytes = bytes;
    this.#at = startOf(this.#index);
    // a page must not reach into the next chunk
    this.#end = this.#at + table.end(group, this.#index) - table.start(group, this.#index);
    this.#codec = table.codec(group, this.#index);
    this.#rowsLeft = table.rowCount(group);
    this.#leaf.startChunk();
  }

  /** Goes on to the next pages, and the dictionary in front of them, until there are rows. */
  needRows(): void {
    named(this.#leaf, () => {
      while (this.#leaf.rowsLeft === 0) this.#step();
    });
  }

  #step(): void {
    if (this.#at >= this.#end) {
      if (this.#leaf.endChunk()) return;
      throw corruptPage('the column has too few pages');
    }
    const raw = parsePage(this.#bytes, this.#at, this.#end, this.#codec);
    const { header } = raw;
    this.#at += header.headerBytes + header.compressedBytes;
    if (header.kind === 'dictionary') {
      this.#budget.check(raw, this.#codec);
      const dictionary = this.#leaf.dictionarySpace(raw.bodyBytes);
      this.#inflate(raw, dictionary);
      this.#leaf.startDictionary(raw, dictionary);
    } else if (header.kind === 'data' || header.kind === 'data-v2') {
      // footer and chunk agree on the number of rows, so what a last page has beyond them is none
      const rows = Math.min(header.valueCount, this.#rowsLeft);
      this.#rowsLeft -= rows;
      this.#budget.check(raw, this.#codec);
      const page = this.#leaf.pageSpace(raw.bodyBytes);
      this.#inflate(raw, page);
      this.#leaf.startPage(raw, page, rows);
    }
  }

  #inflate(raw: RawPage, out: Uint8Array): void {
    if (!raw.isCompressed) copyBody(raw, out);
    else this.#request.codecs.inflate(this.#codec, raw.body, out, raw.bodyBytes);
  }
}
