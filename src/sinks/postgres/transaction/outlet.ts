// The main thread's end: frames of all slices go into one COPY as they come; each holds whole rows, so their order is free.
// What a slice has sent cannot be taken back but with all the rest.
import { fromWire, ParloadError, toWire } from '../../../errors/index.ts';
import type { RelayPort, Slice, ValueChange } from '../../../model/index.ts';
import { failpoint } from '../../../runtime/index.ts';
import type { CopyFrames } from '../copy-frames.ts';
import { type Context, classify } from '../sqlstate.ts';
import type { FromMain, FromWorker } from './messages.ts';

export interface SentSlice {
  readonly slice: Slice;
  readonly rows: number;
  readonly rowsFiltered: number;
  readonly bytes: number;
  readonly changes: readonly ValueChange[];
  readonly attempt: number;
}

interface Run {
  readonly firstLine: number;
  readonly rows: number;
  readonly slice: Slice;
  readonly firstRow: number | null;
}

/** The server is at most what sockets hold behind us. */
const KEEP_RUNS = 1024;

export class Outlet {
  readonly #copy: CopyFrames;
  readonly #context: Context;
  readonly #begun = new Set<string>();
  readonly #sent = new Map<string, SentSlice>();
  readonly #ports = new Set<RelayPort>();
  readonly #runs: Run[] = [];
  #lines = 0;
  #failure: ParloadError | null = null;

  /** `context`: how the server's errors are explained. */
  constructor(copy: CopyFrames, context: Context) {
    this.#copy = copy;
    this.#context = context;
  }

  /** Slices that came to their end. */
  get sent(): ReadonlyMap<string, SentSlice> {
    return this.#sent;
  }

  /** Rows handed to the server. */
  get rows(): number {
    return this.#lines;
  }

  /** One attempt of a slice. */
  accept(slice: Slice, attempt: number, port: RelayPort): void {
    const say = (message: FromMain, transfer?: readonly ArrayBuffer[]): void => port.post(message, transfer);
    if (this.#begun.has(slice.id) && !this.#sent.has(slice.id)) this.#fail(undone(slice));
    this.#ports.add(port);
    port.onClose(() => {
      this.#ports.delete(port);
      // A thread that ended in the middle.
      if (this.#begun.has(slice.id) && !this.#sent.has(slice.id)) this.#fail(undone(slice));
    });
    port.onMessage((message) => void this.#hear(message as FromWorker, slice, attempt, say));
    if (this.#failure !== null) say({ type: 'failed', error: toWire(this.#failure) });
    else say({ type: this.#sent.has(slice.id) ? 'already' : 'go' });
  }

  /** All slices are sent. Returns the rows that the server counts. */
  async finish(trailer: Uint8Array): Promise<number> {
    if (this.#failure !== null) throw this.#failure;
    try {
      await this.#copy.append(trailer);
      return await this.#copy.finish();
    } catch (error) {
      throw this.explain(error);
    }
  }

  explain(error: unknown): ParloadError {
    let where: Slice | null = null;
    const explained = classify(error, {
      ...this.#context,
      rowOfLine: (line) => {
        const run = this.#runs.find((r) => line >= r.firstLine && line < r.firstLine + r.rows);
        where = run?.slice ?? null;
        return run?.firstRow == null ? undefined : run.firstRow + line - run.firstLine;
      },
    });
    const slice = where as Slice | null;
    const placed = slice === null ? explained : explained.at({ input: slice.inputUri, slice: slice.id });
    // Nothing of it can be tried again: what the other slices sent is gone with it.
    return fromWire({ ...toWire(placed), retryable: false });
  }

  async #hear(
    message: FromWorker,
    slice: Slice,
    attempt: number,
    say: (message: FromMain, transfer?: readonly ArrayBuffer[]) => void,
  ): Promise<void> {
    if (message.type === 'undo') {
      if (this.#begun.has(slice.id)) this.#fail(undone(slice));
    } else if (message.type === 'end') {
      const { rows, rowsFiltered, bytes, changes } = message;
      if (this.#failure !== null) return;
      this.#sent.set(slice.id, { slice, rows, rowsFiltered, bytes, changes, attempt });
      say({ type: 'ended' });
    } else {
      const { buffer, end, rows, firstRow, reuse } = message;
      if (this.#failure !== null) return;
      this.#begun.add(slice.id);
      this.#runs.push({ firstLine: this.#lines + 1, rows, slice, firstRow });
      if (this.#runs.length > KEEP_RUNS) this.#runs.shift();
      this.#lines += rows;
      try {
        failpoint('relay.chunk');
        await this.#copy.send(new Uint8Array(buffer, 0, end));
        if (reuse) say({ type: 'taken', buffer }, [buffer]);
      } catch (error) {
        this.#fail(this.explain(error));
      }
    }
  }

  /** The first failure is the reason; every slice in flight is told. */
  #fail(error: ParloadError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    const message: FromMain = { type: 'failed', error: toWire(error) };
    for (const port of this.#ports) port.post(message);
  }
}

const undone = (slice: Slice): ParloadError =>
  new ParloadError('LOAD_UNDONE', 'a slice failed when a part of its rows was in the transaction already', {
    where: { input: slice.inputUri, slice: slice.id },
  });
