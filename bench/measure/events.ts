// What the progress events of `copy --progress json` tell beyond the final report. Pure but for what it adds up.
import type { JobEvent } from '../../src/model/index.ts';

const PER_SECOND_MS = 1000;

export interface EventFigures {
  readonly peakBytesPerSecond: number | null;
  readonly sliceCount: number | null;
  readonly longestSliceSeconds: number | null;
  readonly totalSliceSeconds: number | null;
}

type TimedEvent = JobEvent & { readonly time: string };

export class EventMeter {
  /** Bytes by whole second since the epoch. */
  readonly #bytes = new Map<number, number>();
  /** Bytes of slices in flight that progress events have told, so that the receipt adds only the rest. */
  readonly #told = new Map<string, number>();
  #slices: number | null = null;
  #longestMs = 0;
  #totalMs = 0;

  /** True when the line was an event. */
  add(line: string): boolean {
    if (!line.startsWith('{')) return false;
    let event: TimedEvent;
    try {
      event = JSON.parse(line) as TimedEvent;
    } catch {
      return false;
    }
    if (typeof event.type !== 'string' || typeof event.time !== 'string') return false;
    this.#take(event, Date.parse(event.time));
    return true;
  }

  #take(event: TimedEvent, at: number): void {
    if (event.type === 'slice.progress') {
      this.#told.set(event.sliceId, (this.#told.get(event.sliceId) ?? 0) + event.bytes);
      this.#count(at, event.bytes);
    } else if (event.type === 'slice.done') {
      const { sliceId, bytesSent, elapsedMs } = event.receipt;
      this.#count(at, bytesSent - (this.#told.get(sliceId) ?? 0));
      this.#told.delete(sliceId);
      this.#slices = (this.#slices ?? 0) + 1;
      this.#longestMs = Math.max(this.#longestMs, elapsedMs);
      this.#totalMs += elapsedMs;
    }
  }

  #count(at: number, bytes: number): void {
    const second = Math.floor(at / PER_SECOND_MS);
    this.#bytes.set(second, (this.#bytes.get(second) ?? 0) + Math.max(0, bytes));
  }

  figures(): EventFigures {
    const peak = Math.max(0, ...this.#bytes.values());
    return {
      peakBytesPerSecond: peak === 0 ? null : peak,
      sliceCount: this.#slices,
      longestSliceSeconds: this.#slices === null ? null : this.#longestMs / 1000,
      totalSliceSeconds: this.#slices === null ? null : this.#totalMs / 1000,
    };
  }
}
