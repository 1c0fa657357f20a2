import type { ArrowColumn } from '../model/index.ts';

/** Rows `from <= i < from + length` of a column, as a view. Its null count stays an upper bound. */
export const sliceColumn = (column: ArrowColumn, from: number, length: number): ArrowColumn => ({
  ...column,
  offset: column.offset + from,
  length,
});
