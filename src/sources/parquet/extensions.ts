/** Endings that count as Parquet inside a folder; a file that is named explicitly may be called anything. */
export const PARQUET_EXTENSIONS: readonly string[] = ['.parquet', '.parq', '.pq', '.geoparquet'];
