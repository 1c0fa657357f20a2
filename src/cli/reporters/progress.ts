// Adds events up to what a person wants to know: how far, how fast, how long.
import type { JobEvent } from '../../model/index.ts';
import { formatBytes, formatCount, formatDuration } from '../../runtime/index.ts';

export interface Snapshot {
  readonly rows: number;
  readonly totalRows: number;
  readonly bytes: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Null until there is something to guess from, and when every row is sent. */
  readonly leftMs: number | null;
  readonly slicesDone: number;
  readonly slicesTotal: number;
  readonly inFlight: number;
}

interface Amount {
  rows: number;
  bytes: number;
}

/** Rates are of the last so many ms: the start, and what happened long ago, say little about what is left. */
const WINDOW_MS = 10_000;

export class Progress {
  readonly #now: () => number;
  /** Oldest first; the first one is the reference for rates. */
  #samples: (Amount & { readonly at: number })[] = [];
  #totalRows = 0;
  #slicesTotal = 0;
  #slicesDone = 0;
  #done: Amount = { rows: 0, bytes: 0 };
  /** What slices in flight have sent; taken back when one fails. */
  readonly #flying = new Map<string, Amount>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#restart();
  }

  on(event: JobEvent): void {
    if (event.type === 'plan.ready') {
      this.#totalRows = event.rowsToLoad;
      this.#slicesTotal = event.plan.source.slices.length;
      this.#restart();
    } else if (event.type === 'slice.started') {
      this.#flying.set(event.sliceId, { rows: 0, bytes: 0 });
    } else if (event.type === 'slice.progress') {
      const amount = this.#flying.get(event.sliceId);
      if (amount === undefined) return;
      amount.rows += event.rows;
      amount.bytes += event.bytes;
    } else if (event.type === 'slice.failed') {
      this.#flying.delete(event.sliceId);
    } else if (event.type === 'slice.done') {
      this.#flying.delete(event.receipt.sliceId);
      this.#slicesDone += 1;
      this.#done.rows += event.receipt.rowsRead;
      this.#done.bytes += event.receipt.bytesSent;
    }
  }

  snapshot(): Snapshot {
    let { rows, bytes } = this.#done;
    for (const amount of this.#flying.values()) {
      rows += amount.rows;
      bytes += amount.bytes;
    }
    const at = this.#now();
    const since = this.#since(at);
    this.#samples.push({ rows, bytes, at });
    const seconds = Math.max(0.001, (at - since.at) / 1000);
    const rowsPerSecond = Math.max(0, rows - since.rows) / seconds;
    const left = this.#totalRows - rows;
    return {
      rows,
      totalRows: this.#totalRows,
      bytes,
      rowsPerSecond,
      bytesPerSecond: Math.max(0, bytes - since.bytes) / seconds,
      leftMs: left <= 0 || rowsPerSecond === 0 ? null : (1000 * left) / rowsPerSecond,
      slicesDone: this.#slicesDone,
      slicesTotal: this.#slicesTotal,
      inFlight: this.#flying.size,
    };
  }

  #restart(): void {
    this.#samples = [{ rows: 0, bytes: 0, at: this.#now() }];
  }

  /** The newest sample that is at least a window old, or else the oldest. */
  #since(at: number): Amount & { readonly at: number } {
    while (this.#samples.length > 1 && at - this.#samples[1]!.at >= WINDOW_MS) this.#samples.shift();
    return this.#samples[0]!;
  }
}

export const percentOf = ({ rows, totalRows }: Snapshot): number =>
  totalRows === 0 ? 100 : Math.floor((100 * rows) / totalRows);

/** `1,234,567 of 3,000,000 rows (41 %), 154.2 MiB, 812,345 rows/s, 98.2 MiB/s, 2.1 s left` */
export function progressLine(s: Snapshot): string {
  const parts = [
    `${formatCount(s.rows)} of ${formatCount(s.totalRows)} rows (${percentOf(s)} %)`,
    formatBytes(s.bytes),
    `${formatCount(s.rowsPerSecond)} rows/s`,
    `${formatBytes(s.bytesPerSecond)}/s`,
  ];
  if (s.leftMs !== null) parts.push(`${formatDuration(s.leftMs)} left`);
  return parts.join(', ');
}

/** Events that are worth a line of their own while a load runs. */
export function remark(event: JobEvent): string | null {
  if (event.type === 'note') return event.message;
  if (event.type === 'slice.failed' && event.willRetry) {
    return `slice ${event.sliceId} failed (${event.error.code}: ${event.error.message}), attempt ${event.attempt}; trying again`;
  }
  if (event.type === 'phase' && event.phase !== 'load') {
    return event.detail === null ? event.phase : `${event.phase}: ${event.detail}`;
  }
  if (event.type === 'worker.lost') return 'a worker thread was lost; another one takes its place';
  if (event.type === 'stopping') {
    return event.force ? 'stopping at once' : 'stopping when the slices in flight are committed';
  }
  return null;
}
