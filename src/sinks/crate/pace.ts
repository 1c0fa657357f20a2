// How many rows a request, how many requests at a time: starts modest, climbs while more rows a second arrive, and halves
// when the server has too much to do.

export interface PaceLimits {
  readonly mostRows: number;
  readonly mostInFlight: number;
  readonly gzip: 'auto' | 'on' | 'off';
}

export interface PaceSummary {
  readonly rows: number;
  readonly inFlight: number;
  readonly zipped: boolean;
  /** Times that the server had too much to do. */
  readonly overloads: number;
  readonly requests: number;
}

interface Setting {
  readonly rows: number;
  readonly inFlight: number;
  readonly zipped: boolean;
}

const START_ROWS = 5_000;
export const LEAST_ROWS = 100;
/** A window is judged when it has so many requests and has lasted so long. */
const WINDOW_REQUESTS = 3;
const WINDOW_MS = 60;
/** More rows a second by so much is better. */
const BETTER = 1.03;
/** After so many quiet windows it tries again whether more is better by now. */
const QUIET_WINDOWS = 100;

type Step = (from: Setting, limits: PaceLimits) => Setting | null;

const STEPS: readonly Step[] = [
  (from, { mostRows }) =>
    from.rows < mostRows ? { ...from, rows: Math.min(mostRows, 2 * from.rows) } : null,
  (from, { mostInFlight }) =>
    from.inFlight < mostInFlight ? { ...from, inFlight: from.inFlight + 1 } : null,
  (from, { gzip }) => (gzip === 'auto' && !from.zipped ? { ...from, zipped: true } : null),
];

export class Pace {
  readonly #limits: PaceLimits;
  #now: Setting;
  /** What the step that is being tried came from, and its rate. */
  #before: { readonly setting: Setting; readonly rate: number } | null = null;
  #step = 0;
  #quiet = 0;
  #windowStart: number | null = null;
  #windowRows = 0;
  #windowRequests = 0;
  #overloads = 0;
  #requests = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
    this.#now = { rows: Math.min(START_ROWS, limits.mostRows), inFlight: 1, zipped: limits.gzip === 'on' };
  }

  get rows(): number {
    return this.#now.rows;
  }

  get inFlight(): number {
    return this.#now.inFlight;
  }

  get zipped(): boolean {
    return this.#now.zipped;
  }

  summary(): PaceSummary {
    return { ...this.#now, overloads: this.#overloads, requests: this.#requests };
  }

  /** A request was answered well. */
  delivered(rows: number, nowMs: number): void {
    this.#requests++;
    this.#windowStart ??= nowMs;
    this.#windowRows += rows;
    this.#windowRequests++;
    const elapsedMs = nowMs - this.#windowStart;
    if (this.#windowRequests < WINDOW_REQUESTS || elapsedMs < WINDOW_MS) return;
    this.#judge(this.#windowRows / elapsedMs);
    this.#newWindow(nowMs);
  }

  /** 429, 503, a circuit breaker, a rejected execution, a timeout. */
  overloaded(): void {
    this.#overloads++;
    const { rows, inFlight, zipped } = this.#now;
    this.#now = {
      rows: Math.max(Math.min(LEAST_ROWS, rows), Math.floor(rows / 2)),
      inFlight: Math.max(1, Math.floor(inFlight / 2)),
      zipped,
    };
    this.#before = null;
    // what was too much once is tried again only after a while
    this.#step = STEPS.length;
    this.#quiet = 0;
    this.#newWindow(null);
  }

  #newWindow(start: number | null): void {
    this.#windowStart = start;
    this.#windowRows = 0;
    this.#windowRequests = 0;
  }

  #judge(rate: number): void {
    if (this.#before !== null && rate < this.#before.rate * BETTER) {
      this.#now = this.#before.setting;
      this.#before = null;
      this.#step++;
      return;
    }
    if (this.#step >= STEPS.length) {
      this.#before = null;
      this.#quiet++;
      if (this.#quiet < QUIET_WINDOWS) return;
      this.#quiet = 0;
      this.#step = 0;
    }
    for (; this.#step < STEPS.length; this.#step++) {
      const next = STEPS[this.#step]!(this.#now, this.#limits);
      if (next === null) continue;
      this.#before = { setting: this.#now, rate };
      this.#now = next;
      return;
    }
    this.#before = null;
  }
}
