// One column of a row range, page after page.
import type { ArrowType } from '../../model/index.ts';
import type { Page } from '../pages/page-map.ts';
import { ColumnBuilder } from './column-builder.ts';
import type { LeafStream } from './leaf-stream.ts';
import type { PageSource } from './page-source.ts';
import type { RawPage } from './raw-page.ts';
import { corruptPage, type ValueReader } from './values.ts';

export class ColumnStream extends ColumnBuilder implements LeafStream {
  #source: PageSource;
  /** First row of the next page that is wanted, counted in the row group. */
  #row: number;

  constructor(source: PageSource, type: ArrowType, reader: ValueReader, rowStart: number) {
    super(source.leaf, type, reader);
    this.#source = source;
    this.#row = rowStart;
  }

  get source(): PageSource {
    return this.#source;
  }

  open(source: PageSource, rowStart: number): void {
    this.startChunk();
    this.#source = source;
    this.#row = rowStart;
  }

  get needsDictionary(): boolean {
    return !this.hasDictionary && this.#source.dictionaryAt !== null;
  }

  startMappedPage(raw: RawPage, page: Page, body: Uint8Array): void {
    const rows = page.rowEnd - page.rowStart;
    const { valueCount } = raw.header;
    // footer and chunk agree on the number of rows, so what a last page has beyond them is none
    const fits = this.#source.isLast(page) ? valueCount >= rows : valueCount === rows;
    if (!fits) throw corruptPage(`it has ${valueCount} values for ${rows} rows`);
    this.startPage(raw, body, rows);
    this.skip(this.#row - page.rowStart);
    this.#row = page.rowEnd;
  }
}
