/** Least time between two progress reports of one slice, in ms: a bar needs no more, and messages cost the main thread. */
const INTERVAL_MS = 100;

/** Adds up what a slice did and passes it on now and then. */
export class ProgressMeter {
  readonly #report: (rows: number, bytes: number) => void;
  readonly #now: () => number;
  #rows = 0;
  #bytes = 0;
  #last: number;

  constructor(report: (rows: number, bytes: number) => void, now: () => number = () => performance.now()) {
    this.#report = report;
    this.#now = now;
    this.#last = now();
  }

  add(rows: number, bytes: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
    if (this.#now() - this.#last >= INTERVAL_MS) this.flush();
  }

  flush(): void {
    this.#last = this.#now();
    if (this.#rows === 0 && this.#bytes === 0) return;
    this.#report(this.#rows, this.#bytes);
    this.#rows = 0;
    this.#bytes = 0;
  }
}
