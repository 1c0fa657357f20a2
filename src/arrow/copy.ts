import type { ArrowColumn } from '../model/index.ts';

/** The same column in memory of its own: it outlives the decoder's next call. */
export const copyColumn = (column: ArrowColumn): ArrowColumn => ({
  ...column,
  validity: column.validity?.slice() ?? null,
  offsets: column.offsets?.slice() ?? null,
  data: column.data?.slice() ?? null,
  children: column.children.map(copyColumn),
  dictionary: column.dictionary === null ? null : copyColumn(column.dictionary),
});

/** Rows `from <= i < from + length` of a column, as a view. Its null count stays an upper bound. */
export const sliceColumn = (column: ArrowColumn, from: number, length: number): ArrowColumn => ({
  ...column,
  offset: column.offset + from,
  length,
});
