// The rows of one slice out of one file. Flat columns of a single row group are streamed from their pages; what needs the
// decoder library is decoded a window of rows at a time beside them. Joined row groups are small and go through it whole.
import { copyColumn, sliceColumn } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowColumn, ArrowField, Slice } from '../../model/index.ts';
import type { DecodeInput, DecodeRequest, ParquetDecoder } from '../../parquet/decoder.ts';
import {
  Arena,
  type ColumnChunk,
  ColumnStream,
  type CutPart,
  checkChunkCrcs,
  checkReadable,
  cutRowGroup,
  isStreamable,
  PageSource,
  parseMetadata,
  streamRows,
  valueReader,
  wholeFooter,
} from '../../parquet/index.ts';
import { MiB } from '../../runtime/index.ts';
import { pieces, withoutFirst } from './batch-rows.ts';
import type { OpenFile } from './open-files.ts';
import { type PagedRowGroup, PagedRowGroups } from './paged-row-group.ts';
import { detailOf, type SliceDetail } from './ticket.ts';

/** Rows that the decoder library decodes at once beside streamed columns. */
const WINDOW_ROWS = 64 * 1024;
export const WINDOW_BYTES = 32 * MiB;

interface SlicePlace {
  readonly file: OpenFile;
  readonly slice: Slice;
  readonly detail: SliceDetail;
  readonly batchRows: number;
}

export class SliceDecoder {
  readonly #decoder: ParquetDecoder;
  /** The files' own columns that are wanted. */
  readonly #fields: readonly ArrowField[];
  readonly #columns: readonly string[];
  readonly #groups: PagedRowGroups;
  readonly #memoryBytes: number;
  readonly #arena = new Arena();

  constructor(decoder: ParquetDecoder, fields: readonly ArrowField[], memoryBytes: number) {
    this.#decoder = decoder;
    this.#fields = fields;
    this.#columns = fields.map((field) => field.name);
    this.#groups = new PagedRowGroups(new Set(this.#columns));
    this.#memoryBytes = memoryBytes;
  }

  async *read(file: OpenFile, slice: Slice, batchRows: number): AsyncGenerator<ArrowBatch, void, void> {
    if (this.#decoder.isPoisoned()) {
      throw new ParloadError('WORKER_DIED', 'the decoder of this worker failed on an earlier slice');
    }
    const detail = detailOf(slice.detail);
    const place = { file, slice, detail, batchRows };
    if (detail.rowGroups[0] === detail.rowGroups[1]) yield* this.#readOne(place);
    else yield* this.#readJoined(place);
  }

  async *#readJoined({ file, slice, detail, batchRows }: SlicePlace): AsyncGenerator<ArrowBatch, void, void> {
    const footer = await file.footerFor(detail);
    const meta = parseMetadata(footer);
    const wanted = new Set(this.#columns);
    const rowGroups: number[] = [];
    let mostRows = 1;
    const span = { start: Number.POSITIVE_INFINITY, end: 0, bytes: 0 };
    const wantedChunks: ColumnChunk[] = [];
    for (let g = 0; g < meta.rowGroupCount; g++) {
      if (meta.rowGroup(g).rowCount === 0) continue;
      const chunks = meta.columns(g, (leaf) => wanted.has(meta.schema.leaves[leaf]!.path[0]!));
      checkReadable(chunks, { rowGroup: detail.rowGroups[0] + g }, file.object.sizeBytes);
      rowGroups.push(g);
      mostRows = Math.max(mostRows, meta.rowGroup(g).rowCount);
      for (const chunk of chunks) {
        if (chunk === null) continue;
        span.start = Math.min(span.start, chunk.start);
        span.end = Math.max(span.end, chunk.end);
        span.bytes += chunk.compressedBytes;
        wantedChunks.push(chunk);
      }
    }
    const input: DecodeInput = {
      uri: slice.inputUri,
      footer,
      readInto: await this.#joinedReads(file, span, wantedChunks),
    };
    this.#decoder.reserve(3 * slice.estBytes);
    const limit = detail.offset + slice.rowCount;
    // no batch reaches beyond its row group, and the library sets memory aside for as many rows as it is asked for
    const request = {
      rowGroups,
      offset: 0,
      limit,
      batchRows: Math.min(batchRows, mostRows),
      columns: this.#columns,
    };
    // small groups: decoding what is in front is cheap, and skipping fails in some encodings
    yield* withoutFirst(detail.offset, this.#decode(input, request));
  }

  /** Thousands of tiny chunks lie side by side: one read of all of them beats one each. */
  async #joinedReads(
    file: OpenFile,
    span: { readonly start: number; readonly end: number; readonly bytes: number },
    chunks: readonly ColumnChunk[],
  ): Promise<DecodeInput['readInto']> {
    const length = span.end - span.start;
    if (length <= 0 || length > 2 * span.bytes || length > this.#memoryBytes / 2) {
      return (start, into) => file.object.readInto(start, into);
    }
    const block = this.#arena.space(length);
    await file.object.readInto(span.start, block);
    for (const chunk of chunks) checkChunkCrcs(block, chunk.start - span.start, chunk.end - span.start);
    return async (start, into) => {
      const at = start - span.start;
      if (at >= 0 && at + into.length <= length) into.set(block.subarray(at, at + into.length));
      else await file.object.readInto(start, into);
    };
  }

  async *#readOne(place: SlicePlace): AsyncGenerator<ArrowBatch, void, void> {
    const { file, slice, detail, batchRows } = place;
    const group = await this.#groups.get(file, slice);
    const streams = this.#streams(group, detail.offset);
    const others = this.#fields.filter((field) => !streams.some((stream) => stream.name === field.name));
    const windowRows =
      others.length === 0 ? slice.rowCount : windowOf(slice, others.length / this.#fields.length);
    const byName = new Map(this.#fields.map((field) => [field.name, field]));
    for (let at = 0; at < slice.rowCount; at += windowRows) {
      const rows = Math.min(windowRows, slice.rowCount - at);
      if (streams.length === 0) {
        yield* this.#windowAlone(place, group, at, rows);
        continue;
      }
      const decoded = others.length === 0 ? NO_COLUMNS : await this.#window(place, group, others, at, rows);
      const streamed = streamRows({
        columns: streams,
        fields: streams.map((stream) => byName.get(stream.name)!),
        rowCount: rows,
        batchRows,
        mostPageBytes: this.#memoryBytes,
        readInto: (start, into) => file.object.readInto(start, into),
        arena: this.#arena,
        inflate: (codec, bodies, outs) => this.#decoder.inflate(codec, bodies, outs),
      });
      for await (const batch of streamed) yield merged(this.#fields, batch, decoded);
    }
  }

  /** One stream for each column that needs no decoder library. */
  #streams({ meta, chunks, pages }: PagedRowGroup, rowStart: number): ColumnStream[] {
    const streams: ColumnStream[] = [];
    for (const field of this.#fields) {
      const chunk = chunks.find((one) => one.path.length === 1 && one.path[0] === field.name);
      const leaf = chunk === undefined ? undefined : meta.schema.leaves[chunk.leaf];
      const found = chunk === undefined ? undefined : pages.get(chunk.leaf);
      if (chunk === undefined || leaf === undefined || found == null || !isStreamable(chunk, leaf)) continue;
      const reader = valueReader(leaf, field.type);
      if (reader === null) continue;
      streams.push(
        new ColumnStream(new PageSource(chunk, leaf, found, rowStart), field.type, reader, rowStart),
      );
    }
    return streams;
  }

  /** The rows of the columns that are not streamed, by name: copied, because streaming calls the decoder meanwhile. */
  async #window(
    place: SlicePlace,
    group: PagedRowGroup,
    fields: readonly ArrowField[],
    at: number,
    rows: number,
  ): Promise<Map<string, ArrowColumn>> {
    const out = new Map<string, ArrowColumn>();
    for (const part of this.#cut(place, group, fields, at, rows)) {
      // one batch, so that a column is one piece
      for await (const batch of this.#decodePart(part, part.offset + rows)) {
        if (batch.length !== rows) throw wrongRows(batch.length, rows);
        batch.schema.fields.forEach((field, i) => {
          out.set(field.name, copyColumn(batch.columns[i]!));
        });
      }
    }
    return out;
  }

  /** All columns through the decoder library. */
  async *#windowAlone(
    place: SlicePlace,
    group: PagedRowGroup,
    at: number,
    rows: number,
  ): AsyncGenerator<ArrowBatch, void, void> {
    const parts = this.#cut(place, group, this.#fields, at, rows);
    if (parts.length === 1) {
      yield* this.#decodePart(parts[0]!, place.batchRows);
      return;
    }
    const columns = await this.#window(place, group, this.#fields, at, rows);
    const ordered = this.#fields.map((field) => columns.get(field.name)!);
    yield* pieces(ordered, this.#fields, rows, place.batchRows);
  }

  #cut(
    { file, slice, detail }: SlicePlace,
    group: PagedRowGroup,
    fields: readonly ArrowField[],
    at: number,
    rows: number,
  ): CutPart[] {
    const names = new Set(fields.map((field) => field.name));
    const { meta, chunks } = group;
    this.#decoder.reserve((2 * slice.estBytes * rows) / slice.rowCount);
    return cutRowGroup({
      uri: slice.inputUri,
      readInto: (start, into) => file.object.readInto(start, into),
      footer: wholeFooter(meta.footer, meta.layout),
      schema: meta.schema,
      chunks,
      pages: new Map([...group.pages].filter(([leaf]) => names.has(meta.schema.leaves[leaf]!.path[0]!))),
      rowStart: detail.offset + at,
      rowCount: rows,
    });
  }

  #decodePart(part: CutPart, batchRows: number): AsyncGenerator<ArrowBatch, void, void> {
    const { offset, limit, columns } = part;
    if (part.canSkip) return this.#decode(part.input, { rowGroups: [0], offset, limit, batchRows, columns });
    const all = { rowGroups: [0], offset: 0, limit: offset + limit, batchRows, columns };
    return withoutFirst(offset, this.#decode(part.input, all));
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

const NO_COLUMNS: ReadonlyMap<string, ArrowColumn> = new Map();

const wrongRows = (found: number, expected: number): ParloadError =>
  new ParloadError('PARQUET_CORRUPT', `${found} rows were found where ${expected} should be`);

/** Rows a window, by the share of the row's bytes that the columns take which are not streamed. */
function windowOf(slice: Slice, share: number): number {
  const rowBytes = Math.max(1, (slice.estBytes * share) / slice.rowCount);
  return Math.max(1, Math.min(WINDOW_ROWS, slice.rowCount, Math.floor(WINDOW_BYTES / rowBytes)));
}

/** Streamed columns and the same rows of the decoded ones, in the order of `fields`. */
function merged(
  fields: readonly ArrowField[],
  batch: ArrowBatch,
  decoded: ReadonlyMap<string, ArrowColumn>,
): ArrowBatch {
  const streamed = new Map(batch.schema.fields.map((field, i) => [field.name, batch.columns[i]!]));
  const columns = fields.map((field): ArrowColumn => {
    const column = streamed.get(field.name);
    return column ?? sliceColumn(decoded.get(field.name)!, batch.rowStart, batch.length);
  });
  return { ...batch, schema: { fields }, columns };
}
