// A leaf of a nested column of a row range, page after page.
import type { Page } from '../../pages/page-map.ts';
import type { LeafStream } from '../leaf-stream.ts';
import type { PageSource } from '../page-source.ts';
import type { RawPage } from '../raw-page.ts';
import { corruptPage } from '../values.ts';
import { NestedLeaf, type NestedLeafOptions } from './nested-leaf.ts';

export class NestedLeafStream extends NestedLeaf implements LeafStream {
  #source: PageSource;
  #rowStart: number;
  /** The page that was started last. */
  #page: Page | null = null;

  constructor(source: PageSource, options: NestedLeafOptions, rowStart: number) {
    super(options);
    this.#source = source;
    this.#rowStart = rowStart;
  }

  get source(): PageSource {
    return this.#source;
  }

  open(source: PageSource, rowStart: number): void {
    this.startChunk();
    this.#source = source;
    this.#rowStart = rowStart;
    this.#page = null;
  }

  get needsDictionary(): boolean {
    return !this.hasDictionary && this.#source.dictionaryAt !== null;
  }

  startMappedPage(raw: RawPage, page: Page, body: Uint8Array): void {
    const before = this.#page;
    if (before === null) this.skip(this.#source.hasRows ? this.#rowStart - page.rowStart : this.#rowStart);
    else this.#checkRows(before);
    this.startPage(raw, body);
    this.#page = page;
  }

  /** Where pages are known to begin with a row, the one before them is whole. */
  #checkRows(page: Page): void {
    if (!this.#source.hasRows) return;
    this.closeRow();
    const rows = page.rowEnd - page.rowStart;
    if (this.rowsOfPage === rows) return;
    throw corruptPage(`it has ${this.rowsOfPage} rows where the file says ${rows}`);
  }

  override endChunk(): boolean {
    const page = this.#page;
    const made = super.endChunk();
    if (page !== null) this.#checkRows(page);
    return made;
  }
}
