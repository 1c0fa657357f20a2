// Columns of nulls alone, whatever type their writer gave them.
import { type ColumnBuffers, corruptPage, type ValueReader } from './values.ts';

export class NullValues implements ValueReader {
  readonly longest = 0;
  readonly variableBytes = 0;

  startDictionary(): void {}
  startPage(): void {}
  begin(): void {}
  grow(): void {}

  append(_rows: number, count: number): void {
    this.skip(count);
  }

  /** A value would be lost. */
  skip(count: number): void {
    if (count > 0) throw corruptPage('a column of nulls has values');
  }

  buffers(): ColumnBuffers {
    return { offsets: null, data: null };
  }
}
