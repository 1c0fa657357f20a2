// COPY ... FROM STDIN by raw CopyData frames on the connection's socket. pg sees it as a query of its own.
//
// A block is reused only after the kernel took it (the write's callback), so memory is two blocks whatever the server
// does, and a full socket stops the encoder. Rows need not end where frames end.
import type { Socket } from 'node:net';
import type pg from 'pg';
import { ParloadError } from '../../errors/index.ts';
import type { StopFlag } from '../../model/index.ts';
import { FRAME_HEAD, type FrameBuffers, sealFrame } from './frame-buffers.ts';

const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
/** How often a blocked COPY looks whether the run was told to stop at once, in ms. */
const STOP_EVERY_MS = 200;
/** A stall is this many quiet periods in a row: a thread that was busy itself sees one late tick, not a stall. */
const QUIET_PERIODS = 4;

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  // Whoever does not wait must not be killed by it.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

export interface CopyOptions {
  readonly socket: Socket;
  readonly buffers: FrameBuffers;
  readonly stop: StopFlag;
  readonly stallTimeoutMs: number;
  /** Ends the connection, so that everything that waits for it fails. */
  readonly destroy: (cause: Error) => void;
}

/** One COPY. Errors come as pg gave them; the session says what they mean. */
export class CopyFrames implements pg.Submittable {
  readonly #sql: string;
  readonly #options: CopyOptions;
  readonly #ready = deferred<void>();
  readonly #done = deferred<number>();
  /** Settles when the kernel has the block's last frame; null: never sent. */
  readonly #taken: (Promise<void> | null)[] = [];
  #current = 0;
  #at = FRAME_HEAD;
  #writing = 0;
  #copied = 0;
  #error: unknown = null;
  #failed = deferred<never>();
  #serverDone = false;
  #quiet = 0;
  #lastQuiet = 0;
  #stopTimer: NodeJS.Timeout | null = null;
  /** Bytes of rows handed to the socket. */
  bytes = 0;

  constructor(sql: string, options: CopyOptions) {
    this.#sql = sql;
    this.#options = options;
  }

  /** The server waits for rows. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** The server has ended the COPY, one way or the other. */
  get ended(): boolean {
    return this.#serverDone;
  }

  /** Where the next bytes go. */
  get out(): Uint8Array {
    return this.#options.buffers.block(this.#current);
  }

  get at(): number {
    return this.#at;
  }

  get blank(): boolean {
    return this.#at === FRAME_HEAD;
  }

  /** Bytes up to `end` of `out` are rows now. */
  advance(end: number): void {
    this.#at = end;
  }

  /** Bytes that were made elsewhere: the header, and rows bigger than a block. */
  async append(bytes: Uint8Array): Promise<void> {
    let from = 0;
    while (from < bytes.length) {
      const { out } = this;
      const count = Math.min(bytes.length - from, out.length - this.#at);
      out.set(bytes.subarray(from, from + count), this.#at);
      this.#at += count;
      from += count;
      if (this.#at === out.length) await this.flush();
    }
  }

  /** Sends what is there and waits until the other block is free: this is where backpressure is felt. */
  async flush(): Promise<void> {
    this.#check();
    if (!this.blank) {
      const block = this.out;
      sealFrame(block, this.#at);
      this.bytes += this.#at - FRAME_HEAD;
      this.#taken[this.#current] = this.#write(block.subarray(0, this.#at));
      this.#current = (this.#current + 1) % this.#options.buffers.count;
      this.#at = FRAME_HEAD;
    }
    const busy = this.#taken[this.#current];
    if (busy != null) await Promise.race([busy, this.#failed.promise]);
  }

  /** A sealed frame of whole rows that was made elsewhere. The kernel has it when this resolves. */
  async send(frame: Uint8Array): Promise<void> {
    this.#check();
    this.bytes += frame.length - FRAME_HEAD;
    await Promise.race([this.#write(frame), this.#failed.promise]);
  }

  /** Sends the rest and says that it was all; the promise is the number of rows that the server counts. */
  async finish(): Promise<number> {
    await this.flush();
    this.#check();
    await Promise.race([Promise.all(this.#taken), this.#failed.promise]);
    void this.#write(COPY_DONE);
    return this.#done.promise;
  }

  /** Tells the server to forget it. Settles when the server has said so. */
  async cancel(): Promise<void> {
    if (!this.#serverDone) {
      const reason = Buffer.from('the load of this slice was given up\0');
      const head = Buffer.alloc(FRAME_HEAD);
      head[0] = 0x66;
      head.writeInt32BE(4 + reason.length, 1);
      void this.#write(Buffer.concat([head, reason]));
    }
    await this.#done.promise.catch(() => undefined);
  }

  // --- called by pg ---

  submit(connection: pg.Connection): void {
    const { socket, stallTimeoutMs } = this.#options;
    // Node's own timer sees a write that moves slowly, which a timer over our callbacks would not.
    socket.setTimeout(Math.max(1, stallTimeoutMs / QUIET_PERIODS));
    socket.on('timeout', this.#onQuiet);
    this.#stopTimer = setInterval(this.#onTick, STOP_EVERY_MS);
    connection.query(this.#sql);
  }

  handleCopyInResponse(): void {
    this.#ready.resolve();
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#copied = Number(/^COPY (\d+)$/.exec(message.text)?.[1] ?? Number.NaN);
  }

  handleReadyForQuery(): void {
    this.#close();
    if (this.#error === null) this.#done.resolve(this.#copied);
  }

  /** From the server, or from the socket when the connection ended. The first one is the reason. */
  handleError(error: unknown): void {
    this.#close();
    this.#error ??= error;
    this.#ready.reject(this.#error);
    this.#failed.reject(this.#error);
    this.#done.reject(this.#error);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyData(): void {}

  // --- own ---

  #check(): void {
    if (this.#error !== null) throw this.#error;
    if (this.#options.stop.level() === 2) throw interrupted();
  }

  #write(bytes: Uint8Array): Promise<void> {
    this.#writing++;
    this.#quiet = 0;
    return new Promise((resolve) => {
      // A write's own error (EPIPE) is not the reason: what the server said before, or the socket's end, comes by
      // handleError.
      this.#options.socket.write(bytes, () => {
        this.#writing--;
        this.#quiet = 0;
        resolve();
      });
    });
  }

  #close(): void {
    if (this.#serverDone) return;
    this.#serverDone = true;
    const { socket } = this.#options;
    socket.off('timeout', this.#onQuiet);
    socket.setTimeout(0);
    if (this.#stopTimer !== null) clearInterval(this.#stopTimer);
  }

  /** Nothing was read or written for a quarter of the limit. Quiet is a stall only while bytes wait to be taken. */
  readonly #onQuiet = (): void => {
    const period = this.#options.stallTimeoutMs / QUIET_PERIODS;
    const now = performance.now();
    // A longer gap means that something moved in between.
    if (now - this.#lastQuiet > 1.5 * period) this.#quiet = 0;
    this.#lastQuiet = now;
    this.#quiet = this.#writing === 0 ? 0 : this.#quiet + 1;
    this.#options.socket.setTimeout(Math.max(1, period));
    if (this.#quiet < QUIET_PERIODS) return;
    this.#give(
      new ParloadError(
        'SINK_STALLED',
        `the server took no byte for ${this.#options.stallTimeoutMs / 1000} s`,
      ),
    );
  };

  readonly #onTick = (): void => {
    if (this.#options.stop.level() === 2) this.#give(interrupted());
  };

  /** From our side: the connection goes, and the reason stays ours. */
  #give(reason: ParloadError): void {
    this.handleError(reason);
    this.#options.destroy(reason);
  }
}

const interrupted = (): ParloadError => new ParloadError('INTERRUPTED', 'stopped in the middle of a slice');
