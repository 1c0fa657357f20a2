// A batch through the encoder into the blocks of a COPY.
import { ParloadError } from '../../errors/index.ts';
import { type ArrowBatch, type Encoder, selectedCount } from '../../model/index.ts';
import type { Arena } from '../../runtime/index.ts';
import type { CopyFrames } from './copy-frames.ts';

/** Waits while the socket is full. Returns the bytes of the rows. `bigRow`: for rows that are larger than a block. */
export async function sendRows(
  copy: CopyFrames,
  encoder: Encoder,
  batch: ArrowBatch,
  bigRow: Arena,
): Promise<number> {
  const total = selectedCount(batch);
  let bytes = 0;
  for (let from = 0; from < total; ) {
    const at = copy.at;
    const { rows, end } = encoder.encode(batch, from, copy.out, at);
    copy.advance(end);
    bytes += end - at;
    from += rows;
    if (from === total) break;
    if (rows > 0 || !copy.blank) await copy.flush();
    else {
      const big = bigRow.space(encoder.rowBytes(batch, from));
      const row = encoder.encode(batch, from, big, 0);
      if (row.rows === 0) throw new ParloadError('UNEXPECTED', 'a row does not fit into its own size');
      await copy.append(big.subarray(0, row.end));
      bytes += row.end;
      from += row.rows;
    }
  }
  return bytes;
}
