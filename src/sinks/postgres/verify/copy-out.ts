// COPY ... TO STDOUT without an object for a row: while it runs, the frames with rows are taken from the socket here, and
// everything else goes to pg's own reader.
import type { Socket } from 'node:net';
import type pg from 'pg';
import { ParloadError } from '../../../errors/index.ts';
import type { StopFlag } from '../../../model/index.ts';

const HEAD_BYTES = 5;
const COPY_DATA = 0x64;
const STOP_EVERY_MS = 200;

type DataListener = (chunk: Buffer) => void;

export interface CopyOutOptions {
  readonly socket: Socket;
  readonly stop: StopFlag;
  /** Bytes `from <= p < to` of `chunk` are the next of the stream; they do not live longer than the call. */
  take(chunk: Buffer, from: number, to: number): void;
  destroy(cause: Error): void;
}

/** One COPY; pg sees a query of its own. Errors come as pg gave them. */
export class CopyOut implements pg.Submittable {
  readonly #sql: string;
  readonly #options: CopyOutOptions;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  #left = 0;
  #isData = false;
  #own: DataListener[] = [];
  #attached = false;
  #error: unknown = null;
  #timer: NodeJS.Timeout | null = null;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };
  /** When the last byte came, by `performance.now()`. */
  heardAt = performance.now();
  readonly done: Promise<void>;

  constructor(sql: string, options: CopyOutOptions) {
    this.#sql = sql;
    this.#options = options;
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // whoever does not wait must not be killed by it
    this.done.catch(() => undefined);
  }

  // --- called by pg ---

  submit(connection: pg.Connection): void {
    const { socket, stop } = this.#options;
    this.#own = socket.listeners('data') as DataListener[];
    for (const listener of this.#own) socket.off('data', listener);
    socket.on('data', this.#onData);
    this.#attached = true;
    this.#timer = setInterval(() => {
      if (stop.level() === 2) this.#give(new ParloadError('INTERRUPTED', 'stopped in the middle of a scan'));
    }, STOP_EVERY_MS);
    connection.query(this.#sql);
  }

  handleReadyForQuery(): void {
    this.#detach();
    this.#settle.resolve();
  }

  handleError(error: unknown): void {
    // pg forgets a query that failed; what follows of it is pg's own affair
    this.#error ??= error;
    this.#detach();
    this.#settle.reject(this.#error);
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}

  // --- own ---

  #detach(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (!this.#attached) return;
    this.#attached = false;
    const { socket } = this.#options;
    socket.off('data', this.#onData);
    for (const listener of this.#own) socket.on('data', listener);
  }

  #forward(bytes: Buffer): void {
    for (const listener of this.#own) listener.call(this.#options.socket, bytes);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.heardAt = performance.now();
    let at = 0;
    while (at < chunk.length) {
      if (!this.#attached) {
        this.#forward(chunk.subarray(at));
        return;
      }
      if (this.#left === 0) at = this.#readHead(chunk, at);
      else {
        const to = at + Math.min(this.#left, chunk.length - at);
        this.#left -= to - at;
        if (!this.#isData) this.#forward(chunk.subarray(at, to));
        else if (this.#error === null) this.#hand(chunk, at, to);
        at = to;
      }
    }
  };

  #readHead(chunk: Buffer, at: number): number {
    const head = this.#head;
    while (this.#headBytes < HEAD_BYTES && at < chunk.length) head[this.#headBytes++] = chunk[at++]!;
    if (this.#headBytes < HEAD_BYTES) return at;
    this.#headBytes = 0;
    this.#isData = head[0] === COPY_DATA;
    this.#left = head.readUInt32BE(1) - 4;
    if (!this.#isData) this.#forward(Buffer.from(head));
    return at;
  }

  #hand(chunk: Buffer, from: number, to: number): void {
    try {
      this.#options.take(chunk, from, to);
    } catch (error) {
      this.#give(error as Error);
    }
  }

  /** From our side: the connection goes, and the reason stays ours. */
  #give(cause: Error): void {
    this.#error ??= cause;
    this.#detach();
    this.#settle.reject(this.#error);
    this.#options.destroy(cause);
  }
}
