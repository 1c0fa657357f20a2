// FileMetaData. The first pass keeps a few numbers a row group and steps over the rest: 5,000 row groups of 1,000
// columns are five million column chunks, and nobody needs them all as objects.
import { ParloadError } from '../errors/index.ts';
import { type ChunkDetail, type ColumnChunk, readRowGroupColumns } from './column-chunk.ts';
import { slackOf } from './known-writers.ts';
import { type ParquetSchema, readSchema } from './schema.ts';
import { STOP, T, ThriftReader } from './thrift.ts';

/** A part of the footer's bytes: `start <= i < end`. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Where the parts of a footer are that `projectFooter` replaces. Plain data: it travels to workers. */
export interface FooterLayout {
  /** The number of rows, as a zigzag number. */
  readonly rowCount: Extent;
  /** The list of row groups with its head. */
  readonly rowGroups: Extent;
}

export interface RowGroup {
  readonly index: number;
  /** First row, counted in the file. */
  readonly rowStart: number;
  readonly rowCount: number;
  /** As the writer says: uncompressed, with encodings applied; 0 when it does not say. */
  readonly totalByteSize: number;
  /** Null when the writer does not say. */
  readonly compressedBytes: number | null;
  /** The thrift struct in the footer. */
  readonly extent: Extent;
}

export type ColumnOrder = 'type-defined' | 'ieee754-total' | 'undefined';

export interface KeyValue {
  readonly key: string;
  readonly value: string | null;
}

export class ParquetMetadata {
  readonly schema: ParquetSchema;
  readonly rowCount: number;
  readonly createdBy: string | null;
  readonly keyValues: readonly KeyValue[];
  readonly layout: FooterLayout;
  /** By leaf; a writer that gave none left the order of its statistics undefined. */
  readonly columnOrders: readonly ColumnOrder[];
  /** True when some columns are encrypted although the footer is not. */
  readonly hasEncryption: boolean;
  readonly footer: Uint8Array;
  readonly rowGroupCount: number;
  readonly #numbers: RowGroupNumbers;
  /** Of a footer with some of a file's row groups: the number of its first one in the file. */
  readonly #firstRowGroup: number;

  constructor(footer: Uint8Array, parts: Parts, firstRowGroup: number) {
    this.footer = footer;
    this.#firstRowGroup = firstRowGroup;
    this.schema = parts.schema;
    this.rowCount = parts.rowCount;
    this.createdBy = parts.createdBy;
    this.keyValues = parts.keyValues;
    this.layout = { rowCount: parts.rowCountAt, rowGroups: parts.rowGroupsAt };
    this.columnOrders = parts.schema.leaves.map((_, i) => parts.columnOrders[i] ?? 'undefined');
    this.hasEncryption = parts.hasEncryption;
    this.#numbers = parts.numbers;
    this.rowGroupCount = parts.numbers.count;
  }

  keyValue(key: string): string | null {
    return this.keyValues.find((pair) => pair.key === key)?.value ?? null;
  }

  rowGroup(index: number): RowGroup {
    return this.#numbers.at(index);
  }

  /** The column chunks of a row group; null where `wanted` (by leaf) is false, which costs only stepping over. */
  columns(
    index: number,
    wanted?: (leaf: number) => boolean,
    detail: ChunkDetail = 'all',
  ): (ColumnChunk | null)[] {
    const { extent, rowCount } = this.rowGroup(index);
    const reader = new ThriftReader(this.footer, extent.start, extent.end);
    const slackBytes = slackOf(this.createdBy);
    const place = { number: this.#firstRowGroup + index, rowCount, slackBytes };
    return readRowGroupColumns(reader, this.schema, place, wanted, detail);
  }
}

/** Six numbers a row group in one flat array. */
class RowGroupNumbers {
  #data = new Float64Array(6 * 16);
  count = 0;

  push(rowStart: number, rows: number, bytes: number, compressed: number, start: number, end: number): void {
    if ((this.count + 1) * 6 > this.#data.length) {
      const grown = new Float64Array(this.#data.length * 2);
      grown.set(this.#data);
      this.#data = grown;
    }
    this.#data.set([rowStart, rows, bytes, compressed, start, end], this.count * 6);
    this.count++;
  }

  at(index: number): RowGroup {
    if (!(index >= 0 && index < this.count)) {
      throw new ParloadError('UNEXPECTED', `row group ${index} of ${this.count} was asked for`);
    }
    const at = index * 6;
    const d = this.#data;
    const compressed = d[at + 3]!;
    return {
      index,
      rowStart: d[at]!,
      rowCount: d[at + 1]!,
      totalByteSize: d[at + 2]!,
      compressedBytes: compressed < 0 ? null : compressed,
      extent: { start: d[at + 4]!, end: d[at + 5]! },
    };
  }
}

interface Parts {
  schema: ParquetSchema;
  rowCount: number;
  rowCountAt: Extent;
  rowGroupsAt: Extent;
  numbers: RowGroupNumbers;
  createdBy: string | null;
  keyValues: KeyValue[];
  columnOrders: ColumnOrder[];
  hasEncryption: boolean;
}

const corrupt = (why: string): ParloadError => new ParloadError('PARQUET_CORRUPT', `the footer ${why}`);

function readRowGroups(r: ThriftReader): RowGroupNumbers {
  const numbers = new RowGroupNumbers();
  const count = r.listOf(T.struct);
  let rowStart = 0;
  for (let i = 0; i < count; i++) {
    const start = r.at;
    let rows = -1;
    let bytes = 0;
    let compressed = -1;
    for (let id = r.field(0); id !== STOP; id = r.field(id)) {
      if (id === 2) bytes = r.int();
      else if (id === 3) rows = r.int();
      else if (id === 6) compressed = r.int();
      else r.skip();
    }
    if (rows < 0) throw corrupt(`gives row group ${i} no valid number of rows`);
    // both sizes are advice; writers got them wrong
    numbers.push(rowStart, rows, Math.max(0, bytes), compressed, start, r.at);
    rowStart += rows;
  }
  return numbers;
}

function readKeyValues(r: ThriftReader): KeyValue[] {
  const out: KeyValue[] = [];
  const count = r.listOf(T.struct);
  for (let i = 0; i < count; i++) {
    let key = '';
    let value: string | null = null;
    for (let id = r.field(0); id !== STOP; id = r.field(id)) {
      // some writers put numbers here; nobody needs those
      if (id === 1 && r.type === T.binary) key = r.string();
      else if (id === 2 && r.type === T.binary) value = r.string();
      else r.skip();
    }
    out.push({ key, value });
  }
  return out;
}

function readColumnOrders(r: ThriftReader): ColumnOrder[] {
  const out: ColumnOrder[] = [];
  const count = r.listOf(T.struct);
  for (let i = 0; i < count; i++) {
    let order: ColumnOrder = 'undefined';
    for (let id = r.field(0); id !== STOP; id = r.field(id)) {
      if (id === 1) order = 'type-defined';
      else if (id === 2) order = 'ieee754-total';
      r.skip();
    }
    out.push(order);
  }
  return out;
}

/**
 * Parses a footer and checks it against itself. Checks against the file's size come with the columns.
 * `firstRowGroup`: for messages, when the footer has only some of a file's row groups.
 */
export function parseMetadata(footer: Uint8Array, firstRowGroup = 0): ParquetMetadata {
  const r = new ThriftReader(footer);
  const parts: Partial<Parts> = {};
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    const start = r.at;
    if (id === 2) parts.schema = readSchema(r);
    else if (id === 3) {
      parts.rowCount = r.int();
      parts.rowCountAt = { start, end: r.at };
    } else if (id === 4) {
      parts.numbers = readRowGroups(r);
      parts.rowGroupsAt = { start, end: r.at };
    } else if (id === 5) parts.keyValues = readKeyValues(r);
    else if (id === 6) parts.createdBy = r.string();
    else if (id === 7) parts.columnOrders = readColumnOrders(r);
    else {
      if (id === 8) parts.hasEncryption = true;
      r.skip();
    }
  }
  const { schema, rowCount, rowCountAt, numbers, rowGroupsAt } = parts;
  if (schema === undefined) throw corrupt('has no schema');
  if (rowCount === undefined || rowCountAt === undefined) throw corrupt('has no number of rows');
  if (numbers === undefined || rowGroupsAt === undefined) throw corrupt('has no list of row groups');
  let total = 0;
  for (let i = 0; i < numbers.count; i++) total += numbers.at(i).rowCount;
  if (total !== rowCount) {
    throw corrupt(`says ${rowCount} rows, but its row groups have ${total} in all`);
  }
  const all: Parts = {
    createdBy: null,
    keyValues: [],
    columnOrders: [],
    hasEncryption: false,
    ...parts,
    schema,
    rowCount,
    rowCountAt,
    numbers,
    rowGroupsAt,
  };
  return new ParquetMetadata(footer, all, firstRowGroup);
}
