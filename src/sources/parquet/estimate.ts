// Bytes that row groups take when decoded, from the footer alone.
// Fixed-width columns are exact. Text counts 1.3 x its encoded size plus its offsets, unless the writer left the exact
// size; text behind a dictionary counts at least 12 bytes a value, because its encoded size is that of the dictionary.
import type { ColumnChunk, ParquetMetadata, SchemaNode } from '../../parquet/index.ts';
import { KiB, MiB } from '../../runtime/index.ts';

export interface GroupEstimate {
  readonly estBytes: number;
  /** Compressed column chunks. */
  readonly compressedBytes: number;
  /** What reading the row group by itself holds at a time. */
  readonly pageBytes: number;
}

/** More row groups than this are not looked at one by one: the others are taken to be alike. */
const SAMPLED_GROUPS = 32;
const TEXT_FACTOR = 1.3;
const MIN_DICTIONARY_TEXT_BYTES = 12;

const FIXED_BYTES: Partial<Record<string, number>> = {
  BOOLEAN: 1 / 8,
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
};

/** Decoded bytes of one value; null for text and bytes. */
function valueWidth(leaf: SchemaNode): number | null {
  if (leaf.logical?.kind === 'decimal') return leaf.logical.precision > 38 ? 32 : 16;
  if (leaf.physical === 'FIXED_LEN_BYTE_ARRAY') return leaf.typeLength;
  return FIXED_BYTES[leaf.physical ?? ''] ?? null;
}

function chunkBytes(chunk: ColumnChunk, leaf: SchemaNode): number {
  const width = valueWidth(leaf);
  // validity, and one offset a list level
  const perValue = (leaf.maxDefinition > 0 ? 1 / 8 : 0) + 4 * leaf.maxRepetition;
  if (width !== null) return chunk.valueCount * (width + perValue);
  const hasDictionary = chunk.dictionaryPageOffset !== null || chunk.encodings.some((e) => /DICT/.test(e));
  const least = hasDictionary ? chunk.valueCount * MIN_DICTIONARY_TEXT_BYTES : 0;
  const text = chunk.plainBytes ?? Math.max(TEXT_FACTOR * chunk.uncompressedBytes, least);
  return text + chunk.valueCount * (4 + perValue);
}

/** Spread over the file, first and last included. */
export function sampleIndices(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}

/** Common writers end a page, and a dictionary, at 1 MiB; either can pass that by one value. */
const PAGE_BYTES = 1.125 * MiB;
/** Of a dictionary of text: where each entry begins and ends, which is as much as the entry when it is short. */
const TEXT_DICTIONARY_FACTOR = 1.5;
/** What a streamed column takes by itself: objects in V8's heap, levels, indices, the rows of a batch. */
const COLUMN_BYTES = 56 * KiB;
/** The same of text and bytes: offsets, and where each value of the page and the dictionary is. */
const TEXT_COLUMN_BYTES = 100 * KiB;
/** Values of a batch of text, and the last page's on top. */
const TEXT_BYTES = 6 * MiB;
/** Values this long on average come in pages, rows and messages larger than the buffers made for them. */
const LONG_VALUE_BYTES = KiB;
const LONG_VALUES_BYTES = 20 * MiB;
/** Buffers are a little larger than their pages, and the values of a batch come on top. */
const PAGE_ROOM = 1.25;

/** A value is in one page, and in one row of a batch, whose buffer grows by a quarter. */
const LARGE_VALUE_FACTOR = 2.5;

function valueBytes(chunk: ColumnChunk, decodedBytes: number): number {
  const average = decodedBytes / Math.max(1, chunk.valueCount);
  const usual = average > LONG_VALUE_BYTES ? LONG_VALUES_BYTES : TEXT_BYTES;
  return Math.min(2 * decodedBytes, Math.max(usual, LARGE_VALUE_FACTOR * average));
}

/** Levels of a nested column that are decoded ahead, and those of a batch. */
const LEVEL_BYTES = 16;
const LEVELS_AHEAD = 128 * KiB;

/** The footer says where a dictionary is; decompressed it grows as the chunk does. */
function dictionaryBytes(chunk: ColumnChunk, leaf: SchemaNode): number {
  const { dictionaryPageOffset, dataPageOffset, compressedBytes, uncompressedBytes } = chunk;
  const stored = dictionaryPageOffset === null ? 0 : dataPageOffset - dictionaryPageOffset;
  if (stored > 0 && stored < compressedBytes) {
    const bytes = (stored * uncompressedBytes) / compressedBytes;
    return leaf.physical === 'BYTE_ARRAY' ? TEXT_DICTIONARY_FACTOR * bytes : bytes;
  }
  return chunk.encodings.some((name) => name.endsWith('DICTIONARY')) ? PAGE_BYTES : 0;
}

/** What of a column is in memory at a time. */
function heldBytes(chunk: ColumnChunk, leaf: SchemaNode, decodedBytes: number): number {
  const dictionary = Math.min(dictionaryBytes(chunk, leaf), TEXT_DICTIONARY_FACTOR * chunk.uncompressedBytes);
  const average = chunk.uncompressedBytes / Math.max(1, chunk.valueCount);
  const page = Math.min(chunk.uncompressedBytes, Math.max(PAGE_BYTES, average));
  const levels = leaf.path.length === 1 ? 0 : LEVEL_BYTES * Math.min(chunk.valueCount, LEVELS_AHEAD);
  // values of any length are copied into the batch, which is full when they pass a limit
  const values = leaf.physical === 'BYTE_ARRAY' || levels > 0 ? valueBytes(chunk, decodedBytes) : 0;
  const column = leaf.physical === 'BYTE_ARRAY' ? TEXT_COLUMN_BYTES : COLUMN_BYTES;
  return column + PAGE_ROOM * (page + dictionary) + levels + values;
}

function exactly(meta: ParquetMetadata, chunks: readonly (ColumnChunk | null)[]): GroupEstimate {
  let estBytes = 0;
  let compressedBytes = 0;
  let pageBytes = 0;
  for (const chunk of chunks) {
    if (chunk === null) continue;
    const leaf = meta.schema.leaves[chunk.leaf]!;
    const decoded = chunkBytes(chunk, leaf);
    estBytes += decoded;
    compressedBytes += chunk.compressedBytes;
    pageBytes += heldBytes(chunk, leaf, decoded);
  }
  return { estBytes, compressedBytes, pageBytes };
}

/**
 * One estimate a row group. `check` sees the column chunks that were looked at, so that what cannot be read is refused
 * before anything is loaded.
 */
export function estimateGroups(
  meta: ParquetMetadata,
  wanted: (leaf: number) => boolean,
  check: (rowGroup: number, chunks: readonly (ColumnChunk | null)[]) => void,
): GroupEstimate[] {
  const sampled = new Map<number, GroupEstimate>();
  let sampledRows = 0;
  let estBytes = 0;
  let compressedBytes = 0;
  let pageBytes = 0;
  for (const index of sampleIndices(meta.rowGroupCount, SAMPLED_GROUPS)) {
    const chunks = meta.columns(index, wanted);
    check(index, chunks);
    const estimate = exactly(meta, chunks);
    sampled.set(index, estimate);
    sampledRows += meta.rowGroup(index).rowCount;
    estBytes += estimate.estBytes;
    compressedBytes += estimate.compressedBytes;
    pageBytes = Math.max(pageBytes, estimate.pageBytes);
  }
  return Array.from({ length: meta.rowGroupCount }, (_, i) => {
    const known = sampled.get(i);
    if (known !== undefined) return known;
    const share = meta.rowGroup(i).rowCount / Math.max(1, sampledRows);
    return { estBytes: estBytes * share, compressedBytes: compressedBytes * share, pageBytes };
  });
}
