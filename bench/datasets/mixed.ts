// Rows of 10 bytes to 1 MiB in one file, sizes evenly spread over the orders of magnitude, and one stretch where every
// row is big: an estimate from the rows before it is wrong by a factor of ten.
import { type Column, Int32Column, Int64Column, TextColumn } from './columns.ts';
import { Random } from './random.ts';

const LEAST_BYTES = 10;
const MOST_BYTES = 1024 * 1024;
const BATCH_ROWS = 64;
/** Share of the file where the stretch begins and ends. */
const STRETCH = [0.7, 0.73] as const;
const POOL_BYTES = 4 * MOST_BYTES;

/** Text that compresses about as much as words do. */
function makePool(random: Random): Uint8Array {
  const pool = new Uint8Array(POOL_BYTES);
  for (let i = 0; i < pool.length; i++) pool[i] = 97 + (random.below(26) & random.below(26));
  return pool;
}

export function* mixedBatches(rows: number): Generator<readonly Column[]> {
  const random = new Random(13);
  const pool = makePool(random);
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const n = Math.min(BATCH_ROWS, rows - start);
    const id = new Int64Column('id', n);
    const size = new Int32Column('size', n);
    const payload = new TextColumn('payload', n, 1024);
    for (let i = 0; i < n; i++) {
      const share = (start + i) / rows;
      const big = share >= STRETCH[0] && share < STRETCH[1];
      const spread = Math.exp(random.unit() * Math.log(MOST_BYTES / LEAST_BYTES));
      const bytes = big ? MOST_BYTES : Math.round(LEAST_BYTES * spread);
      const from = random.below(POOL_BYTES - bytes);
      id.set(i, start + i);
      size.set(i, bytes);
      payload.setBytes(i, pool.subarray(from, from + bytes));
    }
    yield [id, size, payload];
  }
}
