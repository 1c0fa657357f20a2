// The parts of a run one after the other: told as events, and timed for the report.
import type { PhaseTime, Reporter } from '../model/index.ts';

export class Phases {
  readonly #report: Reporter;
  readonly #now: () => number;
  readonly #done: PhaseTime[] = [];
  #current: { readonly name: string; readonly at: number } | null = null;

  constructor(report: Reporter, now: () => number = () => performance.now()) {
    this.#report = report;
    this.#now = now;
  }

  /** Ends the phase before. */
  begin(name: string, detail?: string): void {
    this.end();
    this.#current = { name, at: this.#now() };
    this.#report({ type: 'phase', phase: name, detail: detail ?? null });
  }

  end(): void {
    if (this.#current === null) return;
    const { name, at } = this.#current;
    this.#done.push({ name, elapsedMs: Math.round(this.#now() - at) });
    this.#current = null;
  }

  get times(): readonly PhaseTime[] {
    return this.#done;
  }
}
