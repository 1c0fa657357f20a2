// A worker without a connection: it decodes and encodes, and hands frames of whole rows to the main thread, which sends
// those of all workers in one COPY.
import { createPgCopyEncoder } from '../../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../../errors/index.ts';
import {
  type ArrowBatch,
  type Care,
  type Encoder,
  type RelayPort,
  type SessionContext,
  type SinkSession,
  type Slice,
  selectedCount,
  type ValueChange,
} from '../../../model/index.ts';
import { FRAME_HEAD, FrameBuffers, sealFrame } from '../frame-buffers.ts';
import type { Ticket } from '../ticket.ts';
import { Link } from './link.ts';

/** One is filled while the other is sent. */
const BUFFERS = 2;

interface Current {
  readonly link: Link;
  readonly buffers: ArrayBuffer[];
  block: Uint8Array;
  at: number;
  /** In the block. */
  rows: number;
  firstRow: number;
  /** Input row after the last one; -1: there was a gap. */
  nextRow: number;
  sentRows: number;
  sentBytes: number;
}

export class RelaySession implements SinkSession {
  readonly #context: SessionContext;
  readonly #encoder: Encoder;
  readonly #blockBytes: number;
  #current: Current | null = null;
  #changes: readonly ValueChange[] = [];

  constructor(ticket: Ticket, context: SessionContext) {
    this.#context = context;
    this.#blockBytes = FRAME_HEAD + new FrameBuffers(context.bufferBytes).blockBytes;
    this.#encoder = createPgCopyEncoder(ticket.schema, ticket.columns, {
      policies: context.policies,
      serverVersion: ticket.serverVersion,
    });
  }

  async begin(slice: Slice, _attempt: number, _care?: Care, port?: RelayPort): Promise<boolean> {
    if (this.#current !== null) await this.rollback(null);
    if (port === undefined)
      throw new ParloadError('UNEXPECTED', `slice ${slice.id} has no way to the main thread`);
    const buffers = Array.from({ length: BUFFERS }, () => new ArrayBuffer(this.#blockBytes));
    const link = new Link(port, buffers);
    if ((await link.answer()) === 'already') {
      link.close();
      return false;
    }
    this.#encoder.takeChanges();
    const block = new Uint8Array(await link.buffer());
    this.#current = {
      link,
      buffers,
      block,
      at: FRAME_HEAD,
      rows: 0,
      firstRow: 0,
      nextRow: 0,
      sentRows: 0,
      sentBytes: 0,
    };
    return true;
  }

  async write(batch: ArrowBatch): Promise<number> {
    const current = this.#begun();
    const total = selectedCount(batch);
    let bytes = 0;
    for (let from = 0; from < total; ) {
      const { at } = current;
      const { rows, end } = this.#encoder.encode(batch, from, current.block, at);
      if (rows > 0) noteRows(current, batch, from, rows);
      current.at = end;
      bytes += end - at;
      from += rows;
      if (from === total) break;
      if (current.rows > 0) await this.#flush(current);
      else {
        const big = this.#bigRow(current, batch, from);
        bytes += big.bytes;
        from += big.rows;
      }
    }
    return bytes;
  }

  async commit(counts: { readonly rowsRead: number; readonly rowsFiltered: number }): Promise<number> {
    const current = this.#begun();
    if (current.rows > 0) await this.#flush(current);
    const { link, sentRows, sentBytes } = current;
    if (sentRows !== counts.rowsRead - counts.rowsFiltered) {
      throw new ParloadError(
        'COUNT_DIFFERS',
        `${sentRows} rows of a slice were encoded instead of ${counts.rowsRead - counts.rowsFiltered}`,
      );
    }
    this.#changes = this.#encoder.takeChanges();
    const { rowsFiltered } = counts;
    link.post({ type: 'end', rows: sentRows, rowsFiltered, bytes: sentBytes, changes: this.#changes });
    await link.answer();
    this.#current = null;
    link.close();
    return sentRows;
  }

  changes(): readonly ValueChange[] {
    return this.#changes;
  }

  async rollback(_cause: unknown): Promise<void> {
    const current = this.#current;
    this.#current = null;
    current?.link.post({ type: 'undo' });
    current?.link.close();
  }

  async close(): Promise<void> {
    await this.rollback(null);
  }

  #begun(): Current {
    if (this.#current !== null) return this.#current;
    throw new ParloadError('UNEXPECTED', 'a slice was written to before it was begun');
  }

  async #flush(current: Current): Promise<void> {
    this.#send(current, current.block.buffer as ArrayBuffer, current.at, true);
    current.block = new Uint8Array(await current.link.buffer());
    current.at = FRAME_HEAD;
  }

  /** A row that is bigger than a block goes in a frame of its own, perhaps with those after it that fit. */
  #bigRow(current: Current, batch: ArrowBatch, index: number): { rows: number; bytes: number } {
    const buffer = new ArrayBuffer(FRAME_HEAD + this.#encoder.rowBytes(batch, index));
    const { rows, end } = this.#encoder.encode(batch, index, new Uint8Array(buffer), FRAME_HEAD);
    if (rows === 0) throw new ParloadError('UNEXPECTED', 'a row does not fit into its own size');
    noteRows(current, batch, index, rows);
    this.#send(current, buffer, end, false);
    return { rows, bytes: end - FRAME_HEAD };
  }

  #send(current: Current, buffer: ArrayBuffer, end: number, reuse: boolean): void {
    if (this.#context.stop.level() === 2) {
      throw new ParloadError('INTERRUPTED', 'stopped in the middle of a slice');
    }
    sealFrame(new Uint8Array(buffer), end);
    const firstRow = current.nextRow === -1 ? null : current.firstRow;
    current.link.post({ type: 'chunk', buffer, end, rows: current.rows, firstRow, reuse }, [buffer]);
    current.sentRows += current.rows;
    current.sentBytes += end - FRAME_HEAD;
    current.rows = 0;
  }
}

/** Rows `from .. from + count` of the selected ones are in the block now. */
function noteRows(current: Current, batch: ArrowBatch, from: number, count: number): void {
  const { selection, rowStart } = batch;
  const last = from + count - 1;
  const first = rowStart + (selection === null ? from : selection[from]!);
  const end = rowStart + (selection === null ? last : selection[last]!) + 1;
  if (current.rows === 0) {
    current.firstRow = first;
    current.nextRow = first;
  }
  current.nextRow = current.nextRow === first && end - first === count ? end : -1;
  current.rows += count;
}
