// Batches with other rows than they came with, as views.
import { sliceColumn } from '../../arrow/index.ts';
import type { ArrowBatch, ArrowColumn, ArrowField } from '../../model/index.ts';

/** The batches without their first `skip` rows. */
export async function* withoutFirst(
  skip: number,
  batches: AsyncGenerator<ArrowBatch, void, void>,
): AsyncGenerator<ArrowBatch, void, void> {
  let left = skip;
  for await (const batch of batches) {
    const from = Math.min(left, batch.length);
    left -= from;
    if (from === batch.length) continue;
    const length = batch.length - from;
    const columns =
      from === 0 ? batch.columns : batch.columns.map((column) => sliceColumn(column, from, length));
    yield { ...batch, columns, length, rowStart: Math.max(0, batch.rowStart - skip) };
  }
}

/** Whole columns as batches of at most `batchRows`. */
export function* pieces(
  columns: readonly ArrowColumn[],
  fields: readonly ArrowField[],
  rows: number,
  batchRows: number,
): Generator<ArrowBatch, void, void> {
  for (let at = 0; at < rows; at += batchRows) {
    const length = Math.min(batchRows, rows - at);
    const sliced = columns.map((column) => sliceColumn(column, at, length));
    yield { schema: { fields }, columns: sliced, length, selection: null, rowStart: at };
  }
}
