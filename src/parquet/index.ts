// What workers need. What only planning needs is imported from its own file, or every thread would load it.
export { type ColumnChunk, checkReadable, type RawStatistics } from './column-chunk.ts';
export type { FooterLocation, ParquetFooter } from './footer.ts';
export { type LeafMeaning, leafMeanings } from './meanings.ts';
export type { ColumnOrder, Extent, FooterLayout, KeyValue, RowGroup } from './metadata.ts';
export { ParquetMetadata, parseMetadata } from './metadata.ts';
export { checkChunkCrcs } from './pages/crc.ts';
export { type CutPart, cutRowGroup } from './pages/cut.ts';
export { type ChunkPages, chunkPages, SMALL_CHUNK_BYTES } from './pages/page-map.ts';
export {
  type FooterParts,
  type KeptGroups,
  NO_GROUPS,
  projectFooter,
  wholeFooter,
} from './project-footer.ts';
export type {
  ParquetLogical,
  ParquetSchema,
  PhysicalType,
  SchemaNode,
} from './schema.ts';
export { ChunkTable } from './stream/chunk-table.ts';
export { ColumnBuilder } from './stream/column-builder.ts';
export { ColumnStream } from './stream/column-stream.ts';
export { joinedRows, type LoadedGroup } from './stream/joined-rows.ts';
export { PageSource } from './stream/page-source.ts';
export { streamRows } from './stream/row-group-stream.ts';
export { isStreamable, valueReader } from './stream/value-reader.ts';
