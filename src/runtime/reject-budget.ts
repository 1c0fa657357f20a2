// Rejected rows of all workers in one shared word.
import type { RejectBudget } from '../model/index.ts';

export class SharedRejectBudget implements RejectBudget {
  readonly #word: Int32Array;
  readonly #most: number;

  constructor(most: number, memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#word = new Int32Array(memory);
    this.#most = most;
  }

  /** Hand this to a worker and build the budget again there. */
  get memory(): SharedArrayBuffer {
    return this.#word.buffer as SharedArrayBuffer;
  }

  /** Of earlier runs. */
  start(count: number): void {
    Atomics.store(this.#word, 0, count);
  }

  take(): boolean {
    return Atomics.add(this.#word, 0, 1) < this.#most;
  }

  giveBack(count: number): void {
    Atomics.sub(this.#word, 0, count);
  }
}
