export type { WriteCodec } from './leaf-column.ts';
export { ParquetWriter, type ParquetWriterOptions } from './parquet-writer.ts';
