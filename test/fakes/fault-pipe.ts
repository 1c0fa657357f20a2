// One direction of a connection: bytes are read, wait for their time, and are written; faults are what happens to them.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trigger } from './fault-trigger.ts';
import { hardReset } from './hard-reset.ts';

/** Read but not written; beyond this the sender feels that nobody reads, in bytes. */
const QUEUE_BYTES = 64 * 1024;
/** How often a limited rate is felt. */
const RATE_TICKS_A_SECOND = 50;

interface Armed {
  readonly trigger: Trigger;
  readonly fire: () => void;
  /** Position in the stream up to which the trigger has looked. */
  seen: number;
  /** Position where it fires, when that is known. */
  hit: number | null;
}

interface Queued {
  readonly bytes: Buffer;
  readonly dueAt: number;
}

/** What comes next: bytes, the sender's FIN, or its abrupt end. */
type Item = Queued | 'end' | 'lost';

export class FaultPipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #armed: Armed[] = [];
  readonly #queue: Item[] = [];
  #queuedBytes = 0;
  #pumping = false;
  #swallow = false;
  #onSwallowed: (() => void) | null = null;
  #deaf = false;
  #ended = false;
  #held = 0;
  /** Bytes that triggers were shown, which is not more than were forwarded. */
  #position = 0;
  #release: (() => void)[] = [];
  /** Milliseconds that each byte is late. */
  latencyMs = 0;
  /** Bytes a second; 0: no limit. */
  bytesPerSecond = 0;
  /** Bytes that came from the sender, and bytes that went on. */
  received = 0;
  forwarded = 0;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on('data', (bytes: Buffer) => {
      this.received += bytes.length;
      this.#queuedBytes += bytes.length;
      if (this.#queuedBytes > QUEUE_BYTES) from.pause();
      this.#push({ bytes, dueAt: performance.now() + this.latencyMs });
    });
    from.on('end', () => this.#push('end'));
    from.on('close', () => this.#push('lost'));
  }

  /** Calls `fire` when the trigger's place is reached, before any later byte goes on. */
  arm(trigger: Trigger, fire: () => void): void {
    this.#armed.push({ trigger, fire, seen: this.#position, hit: null });
  }

  /** Bytes are held back, and nothing more is read, for so long; Infinity: until `resume`. */
  stall(forMs: number): void {
    this.#held += 1;
    const round = this.#held;
    if (!Number.isFinite(forMs)) return;
    setTimeout(() => this.#held === round && this.resume(), forMs).unref();
  }

  resume(): void {
    this.#held = 0;
    for (const go of this.#release.splice(0)) go();
  }

  /** From here on bytes vanish. `deaf`: not even the sender's end is told. `onSwallowed`: at the first byte that did. */
  swallow(deaf: boolean, onSwallowed: (() => void) | null = null): void {
    this.#swallow = true;
    this.#deaf = deaf;
    this.#onSwallowed = onSwallowed;
    this.resume();
  }

  /** The receiver gets a FIN after what went on; the rest vanishes. */
  finish(): void {
    this.#swallow = true;
    this.#end();
    this.resume();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#to.end();
  }

  #push(item: Item): void {
    this.#queue.push(item);
    if (!this.#pumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      if (item === 'lost' || item === 'end') {
        await this.#wait();
        this.#over(item);
        continue;
      }
      if (item.dueAt > performance.now()) await sleep(item.dueAt - performance.now(), null, { ref: false });
      await this.#pass(item.bytes);
      this.#queuedBytes -= item.bytes.length;
      if (this.#queuedBytes <= QUEUE_BYTES) this.#from.resume();
    }
    this.#pumping = false;
  }

  #over(item: 'end' | 'lost'): void {
    if (this.#deaf) return;
    if (item === 'end') this.#end();
    // Closed without a FIN: the other side is told in the same way.
    else if (!this.#ended) hardReset(this.#to);
  }

  async #wait(): Promise<void> {
    while (this.#held > 0) await new Promise<void>((go) => this.#release.push(go));
  }

  /** Bytes up to the first place where something is armed, then what is armed, then the rest. */
  async #pass(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      await this.#wait();
      if (this.#swallow) {
        const heard = this.#onSwallowed;
        this.#onSwallowed = null;
        heard?.();
        return;
      }
      const next = this.#nextFault(rest);
      const count = next === null ? rest.length : next.hit! - this.#position;
      this.#position += count;
      await this.#write(rest.subarray(0, count));
      rest = rest.subarray(count);
      next?.fire();
    }
  }

  /** The earliest one in these bytes, which is then out of the way. */
  #nextFault(bytes: Buffer): Armed | null {
    const start = this.#position;
    let first: Armed | null = null;
    for (const armed of this.#armed) {
      if (armed.hit === null && armed.seen < start + bytes.length) {
        const from = Math.max(0, armed.seen - start);
        const at = armed.trigger.find(bytes.subarray(from));
        armed.seen = start + bytes.length;
        if (at >= 0) armed.hit = start + from + at;
      }
      if (armed.hit !== null && (first === null || armed.hit < first.hit!)) first = armed;
    }
    if (first !== null) this.#armed.splice(this.#armed.indexOf(first), 1);
    return first;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.bytesPerSecond === 0) return this.#send(bytes);
    const step = Math.max(1, Math.floor(this.bytesPerSecond / RATE_TICKS_A_SECOND));
    for (let at = 0; at < bytes.length; at += step) {
      await this.#send(bytes.subarray(at, at + step));
      await sleep(1000 / RATE_TICKS_A_SECOND, null, { ref: false });
    }
  }

  #send(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 || this.#ended || this.#to.destroyed) return Promise.resolve();
    this.forwarded += bytes.length;
    return new Promise((resolve) => {
      const to = this.#to;
      const done = (): void => {
        to.off('close', done);
        resolve();
      };
      // Also called with an error, when the receiver went away.
      to.once('close', done);
      to.write(bytes, done);
    });
  }
}
