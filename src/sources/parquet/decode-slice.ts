// The rows of one slice out of one file: whole row groups as they are, a part of one as a cut of its pages.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowColumn, ArrowField, Slice } from '../../model/index.ts';
import type { DecodeInput, DecodeRequest, ParquetDecoder } from '../../parquet/decoder.ts';
import {
  type ChunkPages,
  type ColumnChunk,
  type CutPart,
  checkReadable,
  chunkPages,
  cutRowGroup,
  type ParquetMetadata,
  parseMetadata,
  wholeFooter,
} from '../../parquet/index.ts';
import type { OpenFile } from './open-files.ts';
import { detailOf, type SliceDetail } from './ticket.ts';

/** Row groups whose page maps are kept; slices of one row group mostly come together. */
const KEPT_MAPS = 2;

interface PagedRowGroup {
  readonly meta: ParquetMetadata;
  readonly chunks: readonly ColumnChunk[];
  readonly pages: ReadonlyMap<number, ChunkPages | null>;
}

export class SliceDecoder {
  readonly #decoder: ParquetDecoder;
  /** Root columns of the files that are wanted. */
  readonly #columns: readonly string[];
  readonly #wanted: ReadonlySet<string>;
  readonly #maps = new Map<string, PagedRowGroup>();

  constructor(decoder: ParquetDecoder, columns: readonly string[]) {
    this.#decoder = decoder;
    this.#columns = columns;
    this.#wanted = new Set(columns);
  }

  async *read(file: OpenFile, slice: Slice, batchRows: number): AsyncGenerator<ArrowBatch, void, void> {
    if (this.#decoder.isPoisoned()) {
      throw new ParloadError('WORKER_DIED', 'the decoder of this worker failed on an earlier slice');
    }
    const detail = detailOf(slice.detail);
    const isPart = detail.rowGroups[0] === detail.rowGroups[1] && slice.rowCount < detail.groupRows;
    if (isPart) yield* this.#readPart(file, slice, detail, batchRows);
    else yield* this.#readWhole(file, slice, detail, batchRows);
  }

  async *#readWhole(
    file: OpenFile,
    slice: Slice,
    detail: SliceDetail,
    batchRows: number,
  ): AsyncGenerator<ArrowBatch, void, void> {
    const footer = await file.footerFor(detail);
    const meta = parseMetadata(footer);
    const rowGroups: number[] = [];
    for (let g = 0; g < meta.rowGroupCount; g++) {
      if (meta.rowGroup(g).rowCount === 0) continue;
      const chunks = meta.columns(g, (leaf) => this.#isWanted(meta, leaf));
      checkReadable(chunks, { rowGroup: detail.rowGroups[0] + g }, file.object.sizeBytes);
      rowGroups.push(g);
    }
    const input: DecodeInput = {
      uri: slice.inputUri,
      footer,
      readInto: (start, into) => file.object.readInto(start, into),
    };
    const request = {
      rowGroups,
      offset: detail.offset,
      limit: slice.rowCount,
      batchRows,
      columns: this.#columns,
    };
    yield* this.#decode(input, request);
  }

  async *#readPart(
    file: OpenFile,
    slice: Slice,
    detail: SliceDetail,
    batchRows: number,
  ): AsyncGenerator<ArrowBatch, void, void> {
    const { meta, chunks, pages } = await this.#pagedRowGroup(file, slice, detail);
    const parts = cutRowGroup({
      uri: slice.inputUri,
      readInto: (start, into) => file.object.readInto(start, into),
      footer: wholeFooter(meta.footer, meta.layout),
      schema: meta.schema,
      chunks,
      pages,
      rowStart: detail.offset,
      rowCount: slice.rowCount,
    });
    const readers = parts.map((part) => this.#decode(part.input, requestOf(part, batchRows)));
    yield* readers.length === 1 ? readers[0]! : sideBySide(readers);
  }

  async #pagedRowGroup(file: OpenFile, slice: Slice, detail: SliceDetail): Promise<PagedRowGroup> {
    const key = `${slice.inputId}:${detail.rowGroups[0]}`;
    const known = this.#maps.get(key);
    if (known !== undefined) return known;
    const meta = parseMetadata(await file.footerFor(detail));
    const chunks = meta.columns(0) as ColumnChunk[];
    const wanted = chunks.filter((chunk) => this.#isWanted(meta, chunk.leaf));
    checkReadable(wanted, { rowGroup: detail.rowGroups[0] }, file.object.sizeBytes);
    const pages = new Map<number, ChunkPages | null>();
    const read = (start: number, end: number): Promise<Uint8Array> => file.object.read(start, end);
    for (const chunk of wanted) {
      const leaf = meta.schema.leaves[chunk.leaf]!;
      pages.set(chunk.leaf, await chunkPages(read, chunk, leaf, meta.rowGroup(0).rowCount));
    }
    const map = { meta, chunks, pages };
    const [oldest] = this.#maps.keys();
    if (this.#maps.size >= KEPT_MAPS) this.#maps.delete(oldest!);
    this.#maps.set(key, map);
    return map;
  }

  #isWanted(meta: ParquetMetadata, leaf: number): boolean {
    return this.#wanted.has(meta.schema.leaves[leaf]!.path[0]!);
  }

  /** Errors of reading lose their code on the way through the decoder, so the first one is kept aside. */
  async *#decode(input: DecodeInput, request: DecodeRequest): AsyncGenerator<ArrowBatch, void, void> {
    let readError: unknown = null;
    const readInto = async (start: number, into: Uint8Array): Promise<void> => {
      try {
        await input.readInto(start, into);
      } catch (error) {
        readError ??= error;
        throw error;
      }
    };
    try {
      yield* this.#decoder.read({ ...input, readInto }, request);
    } catch (error) {
      throw readError ?? error;
    }
  }
}

const requestOf = (part: CutPart, batchRows: number): DecodeRequest => ({
  rowGroups: [0],
  offset: part.offset,
  limit: part.limit,
  batchRows,
  columns: part.columns,
});

/** The columns of several readers of the same rows as one batch. All are decoded before the first batch goes out. */
async function* sideBySide(
  readers: readonly AsyncGenerator<ArrowBatch, void, void>[],
): AsyncGenerator<ArrowBatch, void, void> {
  try {
    for (;;) {
      const steps: IteratorResult<ArrowBatch, void>[] = [];
      for (const reader of readers) steps.push(await reader.next());
      const batches = steps.flatMap((step) => (step.done === true ? [] : [step.value]));
      const [first] = batches;
      if (first === undefined) return;
      if (batches.length < readers.length || batches.some((batch) => batch.length !== first.length)) {
        throw new ParloadError(
          'PARQUET_CORRUPT',
          'the columns of a row group have different numbers of rows',
        );
      }
      const fields: ArrowField[] = batches.flatMap((batch) => [...batch.schema.fields]);
      const columns: ArrowColumn[] = batches.flatMap((batch) => [...batch.columns]);
      yield { ...first, schema: { fields }, columns };
    }
  } finally {
    for (const reader of readers) await reader.return();
  }
}
