// The same bytes in few columns or in many: integers and doubles in turn, small enough in sum for a page of Postgres.
import { type Column, Float64Column, Int32Column } from './columns.ts';
import { Random } from './random.ts';

/** Of an integer and a double, on average. */
const BYTES_A_VALUE = 6;
const TOTAL_BYTES = 144 * 1024 * 1024;
const BATCH_VALUES = 1_000_000;
const DISTINCT = 5000;

export const wideRows = (columns: number): number => Math.floor(TOTAL_BYTES / (columns * BYTES_A_VALUE));

export function* wideBatches(columnCount: number, rows: number): Generator<readonly Column[]> {
  const random = new Random(17);
  const batchRows = Math.ceil(BATCH_VALUES / columnCount);
  for (let start = 0; start < rows; start += batchRows) {
    const n = Math.min(batchRows, rows - start);
    yield Array.from({ length: columnCount }, (_, j) => {
      const name = `c${String(j).padStart(4, '0')}`;
      const column = j % 2 === 0 ? new Int32Column(name, n) : new Float64Column(name, n);
      for (let i = 0; i < n; i++) column.set(i, random.below(DISTINCT) / (j % 2 === 0 ? 1 : 8));
      return column;
    });
  }
}
