// Batches with other rows than they came with, as views.
import { sliceColumn } from '../../arrow/index.ts';
import type { ArrowBatch } from '../../model/index.ts';

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
