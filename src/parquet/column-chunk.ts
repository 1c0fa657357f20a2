// One column of one row group, as the footer describes it.
import { ParloadError } from '../errors/index.ts';
import { type RawStatistics, readStatistics } from './raw-statistics.ts';
import { type ParquetSchema, PHYSICAL_TYPES, type PhysicalType } from './schema.ts';
import { STOP, T, type ThriftReader } from './thrift.ts';

export type { RawStatistics } from './raw-statistics.ts';
export { checkReadable } from './readable.ts';

export interface ByteLocation {
  readonly offset: number;
  readonly length: number;
}

export interface ColumnChunk {
  readonly leaf: number;
  readonly path: readonly string[];
  readonly physical: PhysicalType;
  readonly codec: string;
  readonly encodings: readonly string[];
  /** Values with nulls; for repeated columns more than rows. */
  readonly valueCount: number;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
  readonly dataPageOffset: number;
  readonly dictionaryPageOffset: number | null;
  /** First byte of the chunk's pages, and the last one that they can have. */
  readonly start: number;
  readonly end: number;
  readonly statistics: RawStatistics | null;
  /** Bytes of all values of a BYTE_ARRAY before encoding; null when the writer does not say. */
  readonly plainBytes: number | null;
  readonly offsetIndex: ByteLocation | null;
  readonly columnIndex: ByteLocation | null;
  readonly isEncrypted: boolean;
  /** Data in another file, which nothing writes any more. */
  readonly filePath: string | null;
  /** The thrift struct in the footer. */
  readonly extent: { readonly start: number; readonly end: number };
}

export const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const;

/** By their numbers in parquet.thrift. */
export const ENCODING_NAMES: Record<number, string> = {
  0: 'PLAIN',
  2: 'PLAIN_DICTIONARY',
  3: 'RLE',
  4: 'BIT_PACKED',
  5: 'DELTA_BINARY_PACKED',
  6: 'DELTA_LENGTH_BYTE_ARRAY',
  7: 'DELTA_BYTE_ARRAY',
  8: 'RLE_DICTIONARY',
  9: 'BYTE_STREAM_SPLIT',
};

interface Draft {
  physical: number;
  path: string[];
  codec: number;
  encodings: number[];
  valueCount: number;
  uncompressedBytes: number;
  compressedBytes: number;
  dataPageOffset: number;
  dictionaryPageOffset: number;
  statistics: RawStatistics | null;
  plainBytes: number | null;
  offsetIndex: { offset: number; length: number };
  columnIndex: { offset: number; length: number };
  isEncrypted: boolean;
  filePath: string | null;
  hasMetadata: boolean;
}

/** -1: not given. */
const emptyDraft = (): Draft => ({
  physical: -1,
  path: [],
  codec: -1,
  encodings: [],
  valueCount: -1,
  uncompressedBytes: -1,
  compressedBytes: -1,
  dataPageOffset: -1,
  dictionaryPageOffset: -1,
  statistics: null,
  plainBytes: null,
  offsetIndex: { offset: -1, length: -1 },
  columnIndex: { offset: -1, length: -1 },
  isEncrypted: false,
  filePath: null,
  hasMetadata: false,
});

/** SizeStatistics: only the bytes of the values before encoding. */
function readPlainBytes(r: ThriftReader): number | null {
  let bytes: number | null = null;
  r.struct();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) bytes = r.int();
    else r.skip();
  }
  return bytes !== null && bytes < 0 ? null : bytes;
}

function readMetaData(r: ThriftReader, d: Draft, detail: ChunkDetail): void {
  r.struct();
  d.hasMetadata = true;
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) d.physical = r.int();
    else if (id === 2) {
      const count = r.listOf(T.i32);
      for (let i = 0; i < count; i++) d.encodings.push(r.int());
    } else if (id === 3 && detail === 'all') {
      const count = r.listOf(T.binary);
      for (let i = 0; i < count; i++) d.path.push(r.string());
    } else if (id === 4) d.codec = r.int();
    else if (id === 5) d.valueCount = r.int();
    else if (id === 6) d.uncompressedBytes = r.int();
    else if (id === 7) d.compressedBytes = r.int();
    else if (id === 9) d.dataPageOffset = r.int();
    else if (id === 11) d.dictionaryPageOffset = r.int();
    else if (id === 12 && detail === 'all') d.statistics = readStatistics(r);
    else if (id === 16) d.plainBytes = readPlainBytes(r);
    else r.skip();
  }
}

function readChunk(r: ThriftReader, detail: ChunkDetail): Draft {
  const d = emptyDraft();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) d.filePath = r.string();
    else if (id === 3) readMetaData(r, d, detail);
    else if (id === 4) d.offsetIndex.offset = r.int();
    else if (id === 5) d.offsetIndex.length = r.int();
    else if (id === 6) d.columnIndex.offset = r.int();
    else if (id === 7) d.columnIndex.length = r.int();
    else {
      if (id === 8 || id === 9) d.isEncrypted = true;
      r.skip();
    }
  }
  return d;
}

const locationOf = (at: { offset: number; length: number }): ByteLocation | null =>
  at.offset > 0 && at.length > 0 ? at : null;

function finishChunk(
  d: Draft,
  path: readonly string[],
  leaf: number,
  slackBytes: number,
  extent: { start: number; end: number },
): ColumnChunk {
  // some writers give 0 for "no dictionary"; byte 0 is the magic
  const dictionary = d.dictionaryPageOffset > 0 ? d.dictionaryPageOffset : null;
  const start = dictionary === null ? d.dataPageOffset : Math.min(dictionary, d.dataPageOffset);
  return {
    leaf,
    path,
    physical: PHYSICAL_TYPES[d.physical]!,
    codec: CODECS[d.codec] ?? `codec ${d.codec}`,
    encodings: d.encodings.map((e) => ENCODING_NAMES[e] ?? `encoding ${e}`),
    valueCount: d.valueCount,
    uncompressedBytes: d.uncompressedBytes,
    compressedBytes: d.compressedBytes,
    dataPageOffset: d.dataPageOffset,
    dictionaryPageOffset: dictionary,
    start,
    end: start + d.compressedBytes + slackBytes,
    statistics: d.statistics,
    plainBytes: d.plainBytes,
    offsetIndex: locationOf(d.offsetIndex),
    columnIndex: locationOf(d.columnIndex),
    isEncrypted: d.isEncrypted,
    filePath: d.filePath,
    extent,
  };
}

/** Fields of a chunk that must be there and make sense; encrypted ones have nothing to check. */
function checkChunk(d: Draft, schema: ParquetSchema, leaf: number, rowGroup: RowGroupPlace): void {
  const node = schema.leaves[leaf];
  const { number, rowCount } = rowGroup;
  const where = { rowGroup: number, ...(node === undefined ? {} : { column: node.path.join('.') }) };
  const corrupt = (why: string): ParloadError =>
    new ParloadError('PARQUET_CORRUPT', `the footer's entry for a column of row group ${number} ${why}`, {
      where,
    });
  if (d.isEncrypted && !d.hasMetadata) return;
  if (!d.hasMetadata) throw corrupt('has no metadata');
  if (node === undefined || PHYSICAL_TYPES[d.physical] !== node.physical)
    throw corrupt('has another physical type than the schema');
  if (d.valueCount < 0) throw corrupt('has no valid number of values');
  // lists have a value for each element, and one for an empty or missing list
  if (node.maxRepetition === 0 ? d.valueCount !== rowCount : d.valueCount < rowCount)
    throw corrupt(`has ${d.valueCount} values, but the row group has ${rowCount} rows`);
  if (d.uncompressedBytes < 0 || d.compressedBytes < 0) throw corrupt('has no valid size');
  if (d.dataPageOffset < 0) throw corrupt('has no valid position');
}

/** For messages and checks. */
export interface RowGroupPlace {
  /** In the file. */
  readonly number: number;
  readonly rowCount: number;
  /** Bytes that chunks may be longer than their entries say. */
  readonly slackBytes: number;
}

/** `places` leaves statistics and names out: most of the work, where there are thousands of row groups. */
export type ChunkDetail = 'all' | 'places';

/** Reads the RowGroup struct at the reader's position as far as its columns go. */
export function readRowGroupColumns(
  r: ThriftReader,
  schema: ParquetSchema,
  rowGroup: RowGroupPlace,
  wanted?: (leaf: number) => boolean,
  detail: ChunkDetail = 'all',
): (ColumnChunk | null)[] {
  const out: (ColumnChunk | null)[] = [];
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id !== 1) {
      r.skip();
      continue;
    }
    const count = r.listOf(T.struct);
    checkCount(count, schema, rowGroup.number);
    const last = lastWanted(count, wanted);
    for (let leaf = 0; leaf < count; leaf++) {
      if (leaf > last) {
        // nothing behind it is needed, neither of this list nor of the struct
        while (out.length < count) out.push(null);
        return out;
      }
      if (wanted !== undefined && !wanted(leaf)) {
        r.type = T.struct;
        r.skip();
        out.push(null);
        continue;
      }
      const start = r.at;
      const draft = readChunk(r, detail);
      checkChunk(draft, schema, leaf, rowGroup);
      // an encrypted column does not say what it is
      const path = draft.path.length === 0 ? schema.leaves[leaf]!.path : draft.path;
      out.push(finishChunk(draft, path, leaf, rowGroup.slackBytes, { start, end: r.at }));
    }
  }
  checkCount(out.length, schema, rowGroup.number);
  return out;
}

function lastWanted(count: number, wanted: ((leaf: number) => boolean) | undefined): number {
  let last = count - 1;
  while (wanted !== undefined && last >= 0 && !wanted(last)) last--;
  return last;
}

function checkCount(count: number, schema: ParquetSchema, rowGroup: number): void {
  if (count === schema.leaves.length) return;
  throw new ParloadError(
    'PARQUET_CORRUPT',
    `row group ${rowGroup} has ${count} columns, the schema ${schema.leaves.length}`,
    { where: { rowGroup } },
  );
}
