// Says so when nothing moves. It ends nothing: the sink has a timeout of its own and knows what it waits for.
import { formatDuration } from '../runtime/index.ts';

const TICK_MS = 1000;

export class Watchdog {
  readonly #quietMs: number;
  readonly #inFlight: () => number;
  readonly #note: (message: string) => void;
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #said = false;

  /** The timer also keeps the process alive while a replaced thread starts, which piscina's threads do not. */
  constructor(stallTimeoutMs: number, inFlight: () => number, note: (message: string) => void) {
    this.#quietMs = 2 * stallTimeoutMs;
    this.#inFlight = inFlight;
    this.#note = note;
    this.#timer = setInterval(() => this.check(), TICK_MS);
  }

  /** Something happened. */
  beat(): void {
    this.#last = performance.now();
    this.#said = false;
  }

  check(): void {
    const quietMs = performance.now() - this.#last;
    if (this.#said || quietMs < this.#quietMs || this.#inFlight() === 0) return;
    this.#said = true;
    this.#note(
      `no worker reported anything for ${formatDuration(quietMs)}; ${this.#inFlight()} slices are in flight`,
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
