// What workers need. What only planning needs is imported from its own file, or every thread would load it.
export { type ColumnChunk, checkReadable, type RawStatistics } from './column-chunk.ts';
export type { FooterLocation, ParquetFooter } from './footer.ts';
export type { ColumnOrder, Extent, FooterLayout, KeyValue, RowGroup } from './metadata.ts';
export { ParquetMetadata, parseMetadata } from './metadata.ts';
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
export type { BatchColumn } from './stream/batch-column.ts';
export { ChunkTable } from './stream/chunk-table.ts';
export { ColumnBuilder } from './stream/column-builder.ts';
export { ColumnStream } from './stream/column-stream.ts';
export { joinedRows, type LoadedGroup } from './stream/joined-rows.ts';
export type { LeafStream } from './stream/leaf-stream.ts';
export { NestedColumn } from './stream/nested/nested-column.ts';
export { NestedLeaf } from './stream/nested/nested-leaf.ts';
export { NestedLeafStream } from './stream/nested/nested-leaf-stream.ts';
export { type LeafMaker, openColumn } from './stream/open-column.ts';
export { PageSource } from './stream/page-source.ts';
export { streamRows } from './stream/row-group-stream.ts';
