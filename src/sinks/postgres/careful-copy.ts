// A slice sent so that single rows can be left out: each batch is a COPY of its own behind a savepoint. What fails is cut
// down to the rows that fail by themselves; those are rejected, all others are loaded.
import { COPY_TRAILER } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import {
  type ArrowBatch,
  type Encoder,
  type Reject,
  type RejectBudget,
  sumChanges,
  type ValueChange,
} from '../../model/index.ts';
import { Arena } from '../../runtime/index.ts';
import type { CopyFrames } from './copy-frames.ts';
import { sendRows } from './send-rows.ts';
import { stateOf } from './sqlstate.ts';

/** The statement's own end is too early for a reference to a row that comes later: such rows get a second chance. */
const FOREIGN_KEY = '23503';

export interface CarefulParts {
  readonly encoder: Encoder;
  readonly budget: RejectBudget;
  /** Begins a COPY, waits until the server takes rows, and writes its header. */
  startCopy(): Promise<CopyFrames>;
  /** Waits as long as the server works. */
  patiently<T>(answer: Promise<T>, what: string): Promise<T>;
  script(sql: string): Promise<unknown>;
  /** What an error means; `rowOfLine` finds the row of the COPY's nth line. */
  explain(error: unknown, rowOfLine: (line: number) => number | undefined): ParloadError;
}

/** Selected rows `from <= k < to` of a batch. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

interface Outcome {
  /** Null: loaded. */
  readonly error: ParloadError | null;
  /** Place among the selected rows of the one that the server named; -1: none. */
  readonly at: number;
  readonly isReference: boolean;
}

export const isRowError = (error: { readonly code: string }): boolean =>
  error.code === 'SINK_REJECTED' || error.code === 'VALUE_REFUSED';

export class CarefulCopy {
  readonly #parts: CarefulParts;
  readonly #bigRow = new Arena();
  readonly #scratch = new Arena();
  #changes: readonly ValueChange[] = [];
  readonly rejects: Reject[] = [];
  loaded = 0;
  bytes = 0;

  constructor(parts: CarefulParts) {
    this.#parts = parts;
  }

  get changes(): readonly ValueChange[] {
    return this.#changes;
  }

  /** Bytes of the rows loaded. */
  async write(batch: ArrowBatch): Promise<number> {
    const before = this.bytes;
    const rows = this.#encodable(batch);
    if (rows.length > 0) await this.#send({ ...batch, selection: rows });
    return this.bytes - before;
  }

  /** Selected rows that can be written at all; the others are rejected. Nothing is sent. */
  #encodable(batch: ArrowBatch): Int32Array {
    const { encoder } = this.#parts;
    const selection = batch.selection ?? Int32Array.from({ length: batch.length }, (_, i) => i);
    const refused = new Set<number>();
    for (let from = 0; from < selection.length; ) {
      try {
        const space = this.#scratch.space(1 << 20);
        const { rows } = encoder.encode(batch, from, space, 0);
        if (rows === 0) encoder.encode(batch, from, this.#bigRow.space(encoder.rowBytes(batch, from)), 0);
        from += Math.max(1, rows);
      } catch (error) {
        if (!ParloadError.is(error) || !isRowError(error) || error.where.row === undefined) throw error;
        const index = error.where.row - batch.rowStart;
        this.#reject(error.where.row, error);
        refused.add(index);
        from = selection.indexOf(index, from) + 1;
      }
    }
    // nothing of this was sent
    encoder.takeChanges();
    return refused.size === 0 ? selection : selection.filter((index) => !refused.has(index));
  }

  async #send(batch: ArrowBatch): Promise<void> {
    const selection = batch.selection!;
    const rowOf = (k: number): number => batch.rowStart + selection[k]!;
    const open: Piece[] = [{ from: 0, to: selection.length }];
    let waiting: { at: number; error: ParloadError }[] = [];
    for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
      const { from, to } = piece;
      const { error, at, isReference } = await this.#copy(batch, piece);
      if (error === null) continue;
      if (to - from > 1) open.push(...cut(piece, at));
      else if (isReference) waiting.push({ at: from, error });
      else this.#reject(rowOf(from), error);
    }
    // as long as one of them helps another one; forwards and backwards, as references may go
    for (let helped = true; helped && waiting.length > 0; ) {
      const still: typeof waiting = [];
      for (const row of waiting.toReversed()) {
        const { error } = await this.#copy(batch, { from: row.at, to: row.at + 1 });
        if (error !== null) still.push(row);
      }
      helped = still.length < waiting.length;
      waiting = still;
    }
    for (const { at, error } of waiting) this.#reject(rowOf(at), error);
  }

  /** Throws what is no row's fault. */
  async #copy(batch: ArrowBatch, { from, to }: Piece): Promise<Outcome> {
    const { encoder, patiently, script } = this.#parts;
    const rows = batch.selection!.subarray(from, to);
    const placeOf = (line: number): number => (line >= 1 && line <= to - from ? from + line - 1 : -1);
    await script('SAVEPOINT parload_rows');
    let copy: CopyFrames | null = null;
    try {
      copy = await this.#parts.startCopy();
      const bytes = await sendRows(copy, encoder, { ...batch, selection: rows }, this.#bigRow);
      await copy.append(COPY_TRAILER);
      const copied = await patiently(copy.finish(), 'no answer to the end of COPY');
      if (copied !== rows.length) {
        throw new ParloadError('COUNT_DIFFERS', `${rows.length} rows were sent, the server counts ${copied}`);
      }
      await script('RELEASE SAVEPOINT parload_rows');
      this.#changes = sumChanges([...this.#changes, ...encoder.takeChanges()]);
      this.loaded += copied;
      this.bytes += bytes;
      return { error: null, at: -1, isReference: false };
    } catch (cause) {
      let at = -1;
      const error = this.#parts.explain(cause, (line) => {
        at = placeOf(line);
        return at < 0 ? undefined : batch.rowStart + batch.selection![at]!;
      });
      if (!isRowError(error)) throw error;
      await copy?.cancel();
      // blocks are free again when the server has answered: whatever was written before it has arrived
      await script('ROLLBACK TO SAVEPOINT parload_rows; RELEASE SAVEPOINT parload_rows');
      encoder.takeChanges();
      return { error, at, isReference: stateOf(cause) === FOREIGN_KEY };
    }
  }

  #reject(row: number, error: ParloadError): void {
    if (!this.#parts.budget.take()) {
      // what it took is given back with the others
      this.rejects.push({ row, column: null, code: error.code, reason: '' });
      throw new ParloadError('REJECTS_EXCEEDED', 'more rows were rejected than --max-errors allows', {
        cause: error,
        where: { row },
      });
    }
    this.rejects.push({ row, column: error.where.column ?? null, code: error.code, reason: error.message });
  }
}

/** The last piece comes first. The named row is tried by itself: it may have been named for what another one did. */
function cut({ from, to }: Piece, at: number): Piece[] {
  const pieces: Piece[] =
    at < 0
      ? [
          { from, to: from + ((to - from) >> 1) },
          { from: from + ((to - from) >> 1), to },
        ]
      : [
          { from, to: at },
          { from: at, to: at + 1 },
          { from: at + 1, to },
        ];
  return pieces.filter((piece) => piece.to > piece.from).toReversed();
}
