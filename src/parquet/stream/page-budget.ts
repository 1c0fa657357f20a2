// What pages may take. A page may claim any size when decompressed; memory is set aside only for what its stored bytes can
// become, for what is no bomb, and for what fits beside the pages of the other columns.
import { ParloadError } from '../../errors/index.ts';
import { formatBytes, KiB, MiB } from '../../runtime/index.ts';
import { mostInflated } from '../codecs/index.ts';
import type { Leaf } from './batch-column.ts';
import type { RawPage } from './raw-page.ts';
import { corruptPage } from './values.ts';

/** Common writers end a page at 1 MiB, so a page beyond this holds one large value, and that does not shrink so much. */
const BOMB_BYTES = 64 * MiB;
const BOMB_RATIO = 1024;
/** Smaller pages are not summed up. */
const SMALL_BYTES = 256 * KiB;

export class PageBudget {
  readonly #leaves: readonly Leaf[];
  readonly #mostBytes: number;

  constructor(leaves: readonly Leaf[], mostBytes: number) {
    this.#leaves = leaves;
    this.#mostBytes = mostBytes;
  }

  /** Before a page is read. `bytes`: as it is stored. */
  checkStored(bytes: number): void {
    if (bytes > this.#mostBytes) throw this.#tooLarge(bytes);
  }

  /** Before room is made for a page. Throws PARQUET_CORRUPT or PARQUET_UNSUPPORTED. */
  check(raw: RawPage, codec: string): void {
    const stored = raw.body.length;
    const bytes = raw.bodyBytes;
    if (bytes > (raw.isCompressed ? mostInflated(codec, stored) : stored)) {
      throw corruptPage(`it claims ${bytes} bytes, which ${stored} stored ones cannot be`);
    }
    if (bytes < SMALL_BYTES) return;
    if (bytes > BOMB_BYTES && bytes > BOMB_RATIO * stored) {
      throw new ParloadError(
        'PARQUET_UNSUPPORTED',
        `a page of ${formatBytes(stored)} claims ${formatBytes(bytes)} when decompressed`,
        {
          hint: 'That is a decompression bomb. Leave the column out with --exclude, or write the file again.',
        },
      );
    }
    let held = bytes;
    for (const leaf of this.#leaves) held += leaf.heldBytes;
    if (held > this.#mostBytes) throw this.#tooLarge(bytes);
  }

  #tooLarge(bytes: number): ParloadError {
    const message = `a page of ${formatBytes(bytes)} does not fit into the ${formatBytes(this.#mostBytes)} that a worker has for pages`;
    return new ParloadError('PARQUET_UNSUPPORTED', message, {
      hint: 'Raise --memory, use fewer --workers, or leave the column out with --exclude.',
    });
  }
}
