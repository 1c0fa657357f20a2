// One shared word tells every thread to stop. An abort signal would kill the thread, and its connection with it.
import type { StopFlag } from '../model/index.ts';

export class SharedStopFlag implements StopFlag {
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#word = new Int32Array(memory);
  }

  /** Hand this to a worker and build the flag again there. */
  get memory(): SharedArrayBuffer {
    return this.#word.buffer as SharedArrayBuffer;
  }

  level(): 0 | 1 | 2 {
    return Atomics.load(this.#word, 0) as 0 | 1 | 2;
  }

  /** Only ever rises. */
  raise(level: 1 | 2): void {
    if (level > this.level()) Atomics.store(this.#word, 0, level);
  }
}
