// The handle by which a run is told to stop, from outside (Ctrl-C) or from inside (a failure).
import { SharedStopFlag } from '../runtime/index.ts';

export type StopLevel = 0 | 1 | 2;

/** One per run. `stop()` once: slices in flight finish. Twice: they are abandoned and rolled back. */
export class RunControl {
  readonly flag = new SharedStopFlag();
  readonly #listeners = new Set<(level: StopLevel) => void>();
  #asked = false;

  /** Asked for by the user, not by a failure. */
  get asked(): boolean {
    return this.#asked;
  }

  get level(): StopLevel {
    return this.flag.level();
  }

  stop(): void {
    const force = this.#asked;
    this.#asked = true;
    this.raise(force ? 2 : 1);
  }

  /** For the run itself: a failure ends it although nobody asked. */
  raise(level: 1 | 2): void {
    if (level <= this.level) return;
    this.flag.raise(level);
    for (const listener of [...this.#listeners]) listener(this.level);
  }

  /** Returns the way to stop listening. */
  onChange(listener: (level: StopLevel) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits, but not longer than until somebody wants the run to stop. */
  async pause(ms: number): Promise<void> {
    if (this.level > 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        off();
        resolve();
      };
      const timer = setTimeout(done, ms);
      const off = this.onChange(done);
    });
  }
}
