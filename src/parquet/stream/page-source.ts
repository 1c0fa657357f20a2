// Which pages of one column chunk are wanted, one after the other.
import type { ColumnChunk } from '../column-chunk.ts';
import type { ChunkPages, Page } from '../pages/page-map.ts';
import type { SchemaNode } from '../schema.ts';

export class PageSource {
  readonly chunk: ColumnChunk;
  readonly leaf: SchemaNode;
  readonly #pages: ChunkPages;
  #next: number;

  /** `rowStart`: first row that is wanted, counted in the row group. */
  constructor(chunk: ColumnChunk, leaf: SchemaNode, pages: ChunkPages, rowStart: number) {
    this.chunk = chunk;
    this.leaf = leaf;
    this.#pages = pages;
    this.#next = pages.hasRows ? pages.pages.findIndex((page) => page.rowEnd > rowStart) : 0;
  }

  get dictionaryAt(): { readonly start: number; readonly end: number } | null {
    return this.#pages.dictionary;
  }

  /** Whether it is known which rows are in which page. */
  get hasRows(): boolean {
    return this.#pages.hasRows;
  }

  isLast(page: Page): boolean {
    return page === this.#pages.pages.at(-1);
  }

  /** The page after the one given out last; null at the end. */
  nextPage(): Page | null {
    return this.#pages.pages[this.#next++] ?? null;
  }
}
