// Cuts one direction of a Postgres connection into its messages, chunk by chunk, without keeping their bodies.

/** A message that has ended in the chunk. Offsets are in the chunk; `start` is negative when it began earlier. */
export interface PgFrame {
  /** Empty for the messages of the start, which have no type. */
  readonly type: string;
  readonly start: number;
  readonly end: number;
  /** Statement of a client's Query, else empty. Long ones are cut in the middle. */
  readonly text: string;
  /** First bytes of the body, at most 64. */
  readonly head: Buffer;
}

/** SSLRequest, GSSENCRequest: another start message follows. */
const REQUESTS = new Set([80877103, 80877104]);
const KEPT_BYTES = 64;
const TEXT_BYTES = 32 * 1024;

export class PgFrames {
  readonly #side: 'client' | 'server';
  /** Client: until the startup message. Server: whether its first byte may be the answer to SSLRequest. */
  #starting = true;
  #headBytes: number[] = [];
  #type = '';
  #left = 0;
  #inBody = false;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #length = 0;
  /** TLS began: nothing can be told any more. */
  opaque = false;

  constructor(side: 'client' | 'server') {
    this.#side = side;
  }

  feed(chunk: Uint8Array): PgFrame[] {
    const frames: PgFrame[] = [];
    this.#walk(chunk, (frame) => frames.push(frame));
    return frames;
  }

  /** Where the chunk has bytes of CopyData bodies. */
  copyData(chunk: Uint8Array): { readonly start: number; readonly length: number }[] {
    const parts: { start: number; length: number }[] = [];
    this.#walk(
      chunk,
      () => undefined,
      (start, length) => {
        if (this.#type === 'd') parts.push({ start, length });
      },
    );
    return parts;
  }

  #walk(
    chunk: Uint8Array,
    onFrame: (frame: PgFrame) => void,
    onBody?: (start: number, length: number) => void,
  ): void {
    let at = 0;
    while (at < chunk.length && !this.opaque) {
      if (this.#inBody) {
        const take = Math.min(this.#left, chunk.length - at);
        this.#keep(chunk.subarray(at, at + take));
        onBody?.(at, take);
        at += take;
        this.#left -= take;
      } else {
        at += this.#header(chunk[at]!);
      }
      if (this.#inBody && this.#left === 0) onFrame(this.#finish(at));
    }
  }

  /** One byte of a message's head; always 1, for the walk. */
  #header(byte: number): 1 {
    const bytes = this.#headBytes;
    bytes.push(byte);
    if (this.#side === 'server' && this.#starting) {
      this.#starting = false;
      // The answer to SSLRequest is a single byte: S, or N and then all goes on in plain.
      if (byte === 0x53) this.opaque = true;
      if (byte === 0x53 || byte === 0x4e) {
        bytes.length = 0;
        return 1;
      }
    }
    const typed = this.#side === 'server' || !this.#starting;
    const size = typed ? 5 : 4;
    if (bytes.length < size) return 1;
    this.#type = typed ? String.fromCharCode(bytes[0]!) : '';
    this.#length = Buffer.from(bytes.slice(size - 4)).readUInt32BE(0);
    this.#left = Math.max(0, this.#length - 4);
    this.#inBody = true;
    return 1;
  }

  #keep(bytes: Uint8Array): void {
    const limit = this.#type === 'Q' ? TEXT_BYTES : KEPT_BYTES;
    const room = limit - this.#keptBytes;
    if (room > 0) {
      this.#kept.push(Buffer.from(bytes.subarray(0, room)));
      this.#keptBytes += Math.min(room, bytes.length);
    }
    // The end of a long statement matters more than its middle.
    if (this.#type === 'Q' && bytes.length > Math.max(0, room)) {
      this.#kept.push(Buffer.from(bytes.subarray(Math.max(0, room)).subarray(-KEPT_BYTES)));
    }
  }

  #finish(end: number): PgFrame {
    const body = Buffer.concat(this.#kept);
    const type = this.#type;
    const typed = type !== '';
    const start = end - this.#length - (typed ? 1 : 0);
    if (!typed && !REQUESTS.has(body.length >= 4 ? body.readUInt32BE(0) : 0)) this.#starting = false;
    this.#headBytes = [];
    this.#inBody = false;
    this.#kept = [];
    this.#keptBytes = 0;
    const text = type === 'Q' ? body.toString('utf8').replace(/\0$/, '') : '';
    return { type, start, end, text, head: body.subarray(0, KEPT_BYTES) };
  }
}
