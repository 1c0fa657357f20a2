// Progress without a terminal: a line now and then on stderr.
import type { JobEvent } from '../../model/index.ts';
import type { JobReporter } from './index.ts';
import { Progress, progressLine, remark } from './progress.ts';

const INTERVAL_MS = 3000;

export class LineReporter implements JobReporter {
  readonly #progress = new Progress();
  readonly #write: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  on(event: JobEvent): void {
    this.#progress.on(event);
    if (event.type === 'plan.ready' && this.#timer === undefined) {
      this.#timer = setInterval(() => this.#write(progressLine(this.#progress.snapshot())), INTERVAL_MS);
      this.#timer.unref();
    }
    const text = remark(event);
    if (text !== null) this.#write(text);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
