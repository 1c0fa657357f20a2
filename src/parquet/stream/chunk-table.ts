import type { ColumnChunk } from '../column-chunk.ts';

/** Where the column chunks of many row groups are. Flat arrays, because there can be hundreds of thousands of them. */
export class ChunkTable {
  /** Chunks a row group. */
  readonly columnCount: number;
  readonly #rowCounts: number[] = [];
  /** Start and end of each chunk. */
  #places = new Float64Array(2 * 256);
  readonly #codecs: string[] = [];

  constructor(columnCount: number) {
    this.columnCount = columnCount;
  }

  get groupCount(): number {
    return this.#rowCounts.length;
  }

  /** `chunks`: one for each column, in the columns' order. */
  push(rowCount: number, chunks: readonly ColumnChunk[]): void {
    this.#rowCounts.push(rowCount);
    const at = 2 * this.#codecs.length;
    if (at + 2 * chunks.length > this.#places.length) {
      const grown = new Float64Array(2 * (at + 2 * chunks.length));
      grown.set(this.#places.subarray(0, at));
      this.#places = grown;
    }
    chunks.forEach((chunk, i) => {
      this.#places[at + 2 * i] = chunk.start;
      this.#places[at + 2 * i + 1] = chunk.end;
      this.#codecs.push(chunk.codec);
    });
  }

  rowCount(group: number): number {
    return this.#rowCounts[group]!;
  }

  start(group: number, column: number): number {
    return this.#places[2 * (group * this.columnCount + column)]!;
  }

  end(group: number, column: number): number {
    return this.#places[2 * (group * this.columnCount + column) + 1]!;
  }

  codec(group: number, column: number): string {
    return this.#codecs[group * this.columnCount + column]!;
  }

  /** What the chunks cover, and the bytes of the chunks alone. */
  span(): { start: number; end: number; bytes: number } {
    const span = { start: Number.POSITIVE_INFINITY, end: 0, bytes: 0 };
    for (let k = 0; k < 2 * this.#codecs.length; k += 2) {
      const start = this.#places[k]!;
      const end = this.#places[k + 1]!;
      span.start = Math.min(span.start, start);
      span.end = Math.max(span.end, end);
      span.bytes += end - start;
    }
    return span;
  }
}
