// Worker thread: slices -> batches.
import { nullColumn, widenColumn } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type {
  ArrowBatch,
  ArrowColumn,
  ArrowSchema,
  BatchReader,
  Json,
  ReadOptions,
  Slice,
  Source,
} from '../../model/index.ts';
import { PageCodecs } from '../../parquet/codecs/index.ts';
import type { Stores } from '../../storage/index.ts';
import { SliceDecoder } from './decode-slice.ts';
import { ConstantColumn } from './hive.ts';
import { OpenFiles } from './open-files.ts';
import { detailOf, type InputTicket, type ParquetTicket } from './ticket.ts';

/**
 * Rows of one batch when the caller leaves it to bytes: fewer than LEAST make the work for each column of a batch the
 * most of it, so wide rows may take a few times as many bytes.
 */
const LEAST_BATCH_ROWS = 1024;
const WIDE_BATCHES = 8;
const MOST_BATCH_ROWS = 128 * 1024;

export class ParquetReader implements Source {
  readonly #ticket: ParquetTicket;
  readonly #read: ReadOptions;
  readonly #inputs: ReadonlyMap<string, InputTicket>;
  readonly #codecs: PageCodecs;
  readonly #decoder: SliceDecoder;
  /** For files whose columns are not quite those of the job, by what they are. */
  readonly #decoders = new Map<string, SliceDecoder>();
  readonly #files: OpenFiles;
  /** What batches have: the wanted columns, the files' own first. */
  readonly #schema: ArrowSchema;
  readonly #ownColumns: readonly string[];

  constructor(stores: Stores, zstd: WebAssembly.Module, ticket: ParquetTicket, read: ReadOptions) {
    this.#ticket = ticket;
    this.#read = read;
    this.#inputs = new Map(ticket.inputs.map((input) => [input.id, input]));
    this.#files = new OpenFiles(stores);
    const wanted = read.columns === null ? null : new Set(read.columns);
    const isWanted = (field: { name: string }): boolean => wanted === null || wanted.has(field.name);
    const own = ticket.fields.slice(0, ticket.fields.length - ticket.partitionCount).filter(isWanted);
    this.#ownColumns = own.map((field) => field.name);
    this.#codecs = new PageCodecs(zstd);
    this.#decoder = new SliceDecoder(this.#codecs, own, read.memoryBytes);
    this.#schema = { fields: ticket.fields.filter(isWanted) };
  }

  inspect(): Promise<never> {
    return Promise.reject(new ParloadError('UNEXPECTED', 'a reader plans nothing'));
  }

  plan(): Promise<never> {
    return Promise.reject(new ParloadError('UNEXPECTED', 'a reader plans nothing'));
  }

  ticket(): Json {
    throw new ParloadError('UNEXPECTED', 'a reader plans nothing');
  }

  open(slice: Slice): BatchReader {
    const batches = this.#batches(slice);
    return {
      [Symbol.asyncIterator]: () => batches,
      close: async () => {
        await batches.return();
      },
    };
  }

  async *#batches(slice: Slice): AsyncGenerator<ArrowBatch, void, void> {
    const detail = detailOf(slice.detail);
    const [first, last] = detail.rowGroups;
    const where = { input: slice.inputUri, ...(first === last ? { rowGroup: first } : {}) };
    try {
      const input = this.#inputs.get(slice.inputId);
      if (input === undefined) throw new ParloadError('UNEXPECTED', 'the slice is of no known input');
      const file = await this.#files.get(input);
      const constants = this.#constants(input);
      const batchRows = this.#batchRows(slice);
      const decoder = this.#decoderOf(input);
      const decoded =
        decoder === null ? countedBatches(slice.rowCount, batchRows) : decoder.read(file, slice, batchRows);
      let rows = 0;
      for await (const batch of decoded) {
        yield this.#complete(batch, { input, constants }, slice.rowStart + rows);
        rows += batch.length;
      }
      if (rows !== slice.rowCount) {
        throw new ParloadError(
          'PARQUET_CORRUPT',
          `${rows} rows were found where ${slice.rowCount} should be`,
        );
      }
      // a file that changed while it was read must not be committed
      await file.object.verify();
    } catch (error) {
      throw ParloadError.is(error) ? error.at(where) : error;
    }
  }

  /** Null: nothing is wanted that the file has. */
  #decoderOf({ own }: InputTicket): SliceDecoder | null {
    if (own === undefined) return this.#ownColumns.length === 0 ? null : this.#decoder;
    const fields = own.filter((field) => this.#ownColumns.includes(field.name));
    if (fields.length === 0) return null;
    const key = JSON.stringify(fields);
    let decoder = this.#decoders.get(key);
    if (decoder === undefined) {
      decoder = new SliceDecoder(this.#codecs, fields, this.#read.memoryBytes);
      this.#decoders.set(key, decoder);
    }
    return decoder;
  }

  #constants(input: InputTicket): ReadonlyMap<string, ConstantColumn> {
    const fields = this.#ticket.fields.slice(this.#ticket.fields.length - this.#ticket.partitionCount);
    return new Map(
      fields.map((field, i) => [field.name, new ConstantColumn(field, input.partitions[i] ?? null)]),
    );
  }

  #batchRows(slice: Slice): number {
    if (this.#read.batchRows !== null) return this.#read.batchRows;
    const rowBytes = Math.max(1, slice.estBytes / slice.rowCount);
    const rows = Math.floor(this.#read.batchBytes / rowBytes);
    const wide = Math.min(LEAST_BATCH_ROWS, Math.floor((WIDE_BATCHES * this.#read.batchBytes) / rowBytes));
    return Math.min(MOST_BATCH_ROWS, Math.max(1, wide, rows));
  }

  /** Columns in the planned order, whatever order this file has them in. */
  #complete(
    batch: ArrowBatch,
    { input, constants }: { input: InputTicket; constants: ReadonlyMap<string, ConstantColumn> },
    rowStart: number,
  ): ArrowBatch {
    const byName = new Map(batch.schema.fields.map((field, i) => [field.name, batch.columns[i]!]));
    const columns = this.#schema.fields.map((field): ArrowColumn => {
      const column = constants.get(field.name)?.column(batch.length) ?? byName.get(field.name);
      if (column !== undefined) return input.own === undefined ? column : widenColumn(column, field.type);
      if (input.own !== undefined && !input.own.some(({ name }) => name === field.name))
        return nullColumn(field.type, batch.length);
      throw new ParloadError('SOURCE_CHANGED', `the column "${field.name}" is no longer in the file`, {
        where: { column: field.name },
      });
    });
    return { schema: this.#schema, columns, length: batch.length, selection: batch.selection, rowStart };
  }

  heldBytes(): number {
    return this.#decoder.heldBytes;
  }

  async close(): Promise<void> {
    await this.#files.close();
  }
}

/** Nothing is wanted of the file but its number of rows. */
async function* countedBatches(rowCount: number, step: number): AsyncGenerator<ArrowBatch, void, void> {
  for (let at = 0; at < rowCount; at += step) {
    const length = Math.min(step, rowCount - at);
    yield { schema: { fields: [] }, columns: [], length, selection: null, rowStart: at };
  }
}
