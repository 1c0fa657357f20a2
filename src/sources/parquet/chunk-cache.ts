// Slices of one row group read the same column chunks again and again: keep the last ones.
import type { StoredObject } from '../../storage/index.ts';

/** Part of a worker's memory that cached chunks may take. */
export const CACHE_SHARE = 1 / 8;

interface Entry {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Ranges of one file, oldest out first, bounded by bytes. Nobody may write into what it returns. */
export class ChunkCache {
  readonly #mostBytes: number;
  readonly #entries: Entry[] = [];
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  async read(object: StoredObject, start: number, end: number): Promise<Uint8Array> {
    const at = this.#entries.findIndex((entry) => entry.start === start && entry.end === end);
    if (at >= 0) {
      const [entry] = this.#entries.splice(at, 1);
      this.#entries.push(entry!);
      return entry!.bytes;
    }
    const bytes = await object.read(start, end);
    this.#keep({ start, end, bytes });
    return bytes;
  }

  #keep(entry: Entry): void {
    const size = entry.end - entry.start;
    // one chunk that fills it all would push out every other and then itself
    if (size > this.#mostBytes / 2) return;
    this.#entries.push(entry);
    this.#bytes += size;
    while (this.#bytes > this.#mostBytes) {
      const oldest = this.#entries.shift()!;
      this.#bytes -= oldest.end - oldest.start;
    }
  }

  clear(): void {
    this.#entries.length = 0;
    this.#bytes = 0;
  }
}
