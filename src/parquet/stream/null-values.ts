// Columns of nulls alone: of the null type, whatever type their writer gave them, and of values that are said to have no bytes.
import { type ColumnBuffers, corruptPage, type ValueReader } from './values.ts';

export class NullValues implements ValueReader {
  readonly longest = 0;
  readonly variableBytes = 0;
  readonly #width: number;
  #rows = 0;
  #data = new Uint8Array(0);

  /** `width`: bytes of a value in Arrow; 0 where the type has no values. */
  constructor(width: number) {
    this.#width = width;
  }

  startDictionary(): void {}
  startPage(): void {}
  grow(): void {}

  begin(): void {
    this.#rows = 0;
  }

  append(rows: number, count: number): void {
    this.skip(count);
    this.#rows += rows;
  }

  /** A value would be lost. */
  skip(count: number): void {
    if (count > 0) throw corruptPage('a column that can have nulls alone has values');
  }

  buffers(): ColumnBuffers {
    const size = this.#rows * this.#width;
    if (this.#data.length < size) this.#data = new Uint8Array(size);
    return { offsets: null, data: this.#width === 0 ? null : this.#data.subarray(0, size) };
  }
}
