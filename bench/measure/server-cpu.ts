// CPU of a Postgres server: the postmaster, its children, and the children it has waited for.
import { childrenOf, ownSeconds, statOf } from './proc.ts';

export interface ServerCpu {
  readonly totalSeconds: number;
  /** Of the backend that used most since `start`. */
  readonly busiestSeconds: number;
}

export class ServerCpuMeter {
  readonly #postmaster: number;
  readonly #before = new Map<number, number>();
  readonly #used = new Map<number, number>();
  readonly #start: number;

  constructor(postmaster: number) {
    this.#postmaster = postmaster;
    this.#start = this.#total((pid, seconds) => this.#before.set(pid, seconds));
  }

  /** Called while the run goes on: a backend's own figure is gone when it ends. */
  sample(): void {
    this.#total((pid, seconds) => this.#used.set(pid, seconds - (this.#before.get(pid) ?? 0)));
  }

  end(): ServerCpu {
    const total = this.#total((pid, seconds) => this.#used.set(pid, seconds - (this.#before.get(pid) ?? 0)));
    return { totalSeconds: total - this.#start, busiestSeconds: Math.max(0, ...this.#used.values()) };
  }

  #total(note: (pid: number, seconds: number) => void): number {
    const own = statOf(this.#postmaster);
    if (own === null) return 0;
    let total = ownSeconds(own) + own.reapedUserSeconds + own.reapedSystemSeconds;
    for (const pid of childrenOf(this.#postmaster)) {
      const stat = statOf(pid);
      if (stat === null) continue;
      note(pid, ownSeconds(stat));
      total += ownSeconds(stat);
    }
    return total;
  }
}
