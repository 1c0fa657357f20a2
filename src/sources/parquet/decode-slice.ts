// The rows of one slice out of one file. Flat columns of a single row group are streamed from their pages; what needs the
// decoder library is decoded a window of rows at a time beside them.
import { copyColumn, sliceColumn } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowColumn, ArrowField, Slice } from '../../model/index.ts';
import type { DecodeInput, DecodeRequest, ParquetDecoder } from '../../parquet/decoder.ts';
import {
  ColumnStream,
  type CutPart,
  cutRowGroup,
  isStreamable,
  PageSource,
  streamRows,
  valueReader,
  wholeFooter,
} from '../../parquet/index.ts';
import { Arena, MiB } from '../../runtime/index.ts';
import { pieces, withoutFirst } from './batch-rows.ts';
import { JoinedSlice } from './joined-slice.ts';
import type { OpenFile } from './open-files.ts';
import { type PagedRowGroup, PagedRowGroups } from './paged-row-group.ts';
import { pageRanges } from './read-order.ts';
import { labelText } from './text-columns.ts';
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
  readonly #byName: ReadonlyMap<string, ArrowField>;
  readonly #groups: PagedRowGroups;
  readonly #memoryBytes: number;
  readonly #arena = new Arena();

  constructor(decoder: ParquetDecoder, fields: readonly ArrowField[], memoryBytes: number) {
    this.#decoder = decoder;
    this.#fields = fields;
    this.#columns = fields.map((field) => field.name);
    this.#byName = new Map(fields.map((field) => [field.name, field]));
    this.#groups = new PagedRowGroups(new Set(this.#columns));
    this.#memoryBytes = memoryBytes;
  }

  /** WebAssembly memory of the decoder library, which never shrinks. */
  get heldBytes(): number {
    return this.#decoder.memoryBytes();
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
    const joined = await JoinedSlice.open(file, slice, this.#fields, {
      decoder: this.#decoder,
      arena: this.#arena,
      mostBytes: this.#memoryBytes / 2,
    });
    const streamed = joined.stream(batchRows);
    if (streamed !== null) {
      yield* withoutFirst(detail.offset, streamed);
      return;
    }
    const { input, request } = await joined.forLibrary();
    this.#decoder.reserve(3 * slice.estBytes);
    const decoded = this.#decode(input, {
      rowGroups: request.rowGroups,
      batchRows: Math.min(batchRows, request.batchRows),
      offset: 0,
      limit: detail.offset + slice.rowCount,
      columns: this.#columns,
    });
    // small groups: decoding what is in front is cheap, and skipping fails in some encodings
    yield* withoutFirst(detail.offset, decoded);
  }

  async *#readOne(place: SlicePlace): AsyncGenerator<ArrowBatch, void, void> {
    const { file, slice, detail, batchRows } = place;
    const group = await this.#groups.get(file, slice);
    file.object.expect?.(pageRanges(group.pages.values(), detail.offset, slice.rowCount));
    const streams = this.#streams(group, detail.offset);
    const others = this.#fields.filter((field) => !streams.some((stream) => stream.name === field.name));
    const windowRows =
      others.length === 0 ? slice.rowCount : windowOf(slice, others.length / this.#fields.length);
    for (let at = 0; at < slice.rowCount; at += windowRows) {
      const rows = Math.min(windowRows, slice.rowCount - at);
      if (streams.length === 0) {
        yield* this.#windowAlone(place, group, at, rows);
        continue;
      }
      const decoded = others.length === 0 ? NO_COLUMNS : await this.#window(place, group, others, at, rows);
      const streamed = streamRows({
        columns: streams,
        fields: streams.map((stream) => this.#byName.get(stream.name)!),
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
      if (chunk === undefined || leaf === undefined || found == null || !isStreamable(leaf)) continue;
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
      const batches = this.#decoder.read({ ...input, readInto }, request);
      for await (const batch of batches) yield labelText(batch, this.#byName);
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
