// What streaming one row group and joining many have in common: rows of all columns into one batch.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowColumn, ArrowField } from '../../model/index.ts';
import { MiB } from '../../runtime/index.ts';
import type { BatchColumn } from './batch-column.ts';
import type { RawPage } from './raw-page.ts';

/** A batch whose rows come from dictionaries with long entries is kept below this, whatever the entries. */
const LONG_BATCH_BYTES = 2 * MiB;

/** The same number of rows to every column, as many as their pages and `most` allow. */
export function appendRows(columns: readonly BatchColumn[], most: number): number {
  let rows = most;
  for (const column of columns) {
    rows = named(column, () => Math.min(rows, column.rowsLeft, column.mostRows(LONG_BATCH_BYTES)));
  }
  if (rows > 0) for (const column of columns) named(column, () => column.append(rows));
  return rows;
}

/** Long values fill a batch before its rows are many. */
export function isFull(columns: readonly BatchColumn[]): boolean {
  let bytes = 0;
  for (const column of columns) bytes += column.variableBytes;
  return bytes >= LONG_BATCH_BYTES;
}

export function batchOf(
  columns: readonly BatchColumn[],
  fields: readonly ArrowField[],
  rows: number,
  rowStart: number,
): ArrowBatch {
  const taken = columns.map((column): ArrowColumn => named(column, () => column.column()));
  return { schema: { fields }, columns: taken, length: rows, selection: null, rowStart };
}

export function named<T>(column: { readonly name: string }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ParloadError.is(error) ? error.at({ column: column.name }) : error;
  }
}

/** The body of a page that is not compressed. */
export function copyBody(raw: RawPage, out: Uint8Array): void {
  out.set(raw.body.subarray(0, raw.bodyBytes));
}
