// Progress on a terminal: one bar that is redrawn, remarks above it.
import { MultiBar, type SingleBar } from 'cli-progress';
import type { JobEvent } from '../../model/index.ts';
import { formatBytes, formatCount, formatDuration } from '../../runtime/index.ts';
import type { JobReporter } from './index.ts';
import { Progress, percentOf, remark } from './progress.ts';

const REDRAW_MS = 200;
/** Below this many columns the bar leaves its place to the figures. */
const NARROW = 90;
const BAR_SIZE = 20;

export class TtyReporter implements JobReporter {
  readonly #progress = new Progress();
  readonly #bars: MultiBar;
  #bar: SingleBar | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(stream: NodeJS.WriteStream) {
    const narrow = (stream.columns ?? NARROW) < NARROW;
    this.#bars = new MultiBar({
      stream,
      format: narrow
        ? '{percent} % {rows} rows, {rate}{left}'
        : '{bar} {percent} %  {rows} rows  {size}  {rate}{left}',
      barCompleteChar: '#',
      barIncompleteChar: '.',
      barsize: BAR_SIZE,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      // Redrawn by our own timer, with figures of that moment.
      fps: 1000 / REDRAW_MS,
      emptyOnZero: true,
      gracefulExit: false,
    });
  }

  on(event: JobEvent): void {
    this.#progress.on(event);
    if (event.type === 'plan.ready') this.#start(event.rowsToLoad);
    const text = remark(event);
    if (text !== null) this.#bars.log(`${text}\n`);
    if (event.type === 'job.done') this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    // Once: it wipes what is below the bar, and then the result is there.
    if (!this.#closed) this.#bars.stop();
    this.#closed = true;
  }

  #start(rows: number): void {
    if (this.#bar !== null) {
      this.#bar.setTotal(rows);
      return;
    }
    this.#bar = this.#bars.create(rows, 0, this.#figures());
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  #draw(): void {
    this.#bar?.update(this.#progress.snapshot().rows, this.#figures());
  }

  #figures(): Record<string, string> {
    const s = this.#progress.snapshot();
    return {
      percent: String(percentOf(s)),
      rows: `${formatCount(s.rows)}/${formatCount(s.totalRows)}`,
      size: formatBytes(s.bytes),
      rate: `${formatCount(s.rowsPerSecond)} rows/s  ${formatBytes(s.bytesPerSecond)}/s`,
      left: s.leftMs === null ? '' : `  ${formatDuration(s.leftMs)} left`,
    };
  }
}
