// The stream of one COPY ... TO STDOUT (FORMAT binary): its header, then rows, which need not end where frames end.

import type { RowDigester } from '../../../encoders/pg-copy-binary/digest/index.ts';
import { COPY_HEADER } from '../../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../../errors/index.ts';
import { KiB } from '../../../runtime/index.ts';

/** Rows are summed up when so many bytes of them are there. */
const BLOCK_BYTES = 256 * KiB;

/** One block a session, which grows for a row that is bigger and shrinks again at the next COPY. */
export class RowStream {
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #view = viewOf(this.#block);
  #at = 0;
  #header = 0;
  #digester: RowDigester | null = null;

  begin(digester: RowDigester): void {
    if (this.#block.length > BLOCK_BYTES) this.#resize(BLOCK_BYTES);
    this.#digester = digester;
    this.#at = 0;
    this.#header = 0;
  }

  take(chunk: Buffer, from: number, to: number): void {
    // flags and the length of an extension are zero, and 19 bytes are all of it
    if (this.#header < COPY_HEADER.length) {
      const skipped = Math.min(COPY_HEADER.length - this.#header, to - from);
      this.#header += skipped;
      from += skipped;
    }
    while (from < to) {
      const count = Math.min(to - from, this.#block.length - this.#at);
      chunk.copy(this.#block, this.#at, from, from + count);
      this.#at += count;
      from += count;
      if (this.#at === this.#block.length) this.#digest();
    }
  }

  /** After the last byte. */
  end(): void {
    this.#digest();
    if (this.#digester?.ended === true && this.#at === 0) return;
    throw new ParloadError('SINK_LOST', 'the rows of the table ended too early');
  }

  #digest(): void {
    const end = this.#digester!.add(this.#block, this.#view, 0, this.#at);
    this.#block.copyWithin(0, end, this.#at);
    this.#at -= end;
    if (this.#at === this.#block.length) this.#resize(2 * this.#block.length);
  }

  #resize(bytes: number): void {
    const block = Buffer.allocUnsafeSlow(bytes);
    this.#block.copy(block, 0, 0, Math.min(this.#at, bytes));
    this.#block = block;
    this.#view = viewOf(block);
  }
}

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
