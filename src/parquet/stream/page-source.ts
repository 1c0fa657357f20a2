// Pages of one column chunk, read and decompressed on demand, one ahead of the values.
import { ParloadError } from '../../errors/index.ts';
import type { ColumnChunk } from '../column-chunk.ts';
import { checkCrc } from '../pages/crc.ts';
import { type PageHeader, readPageHeader } from '../pages/page-header.ts';
import type { ChunkPages, Page } from '../pages/page-map.ts';
import type { SchemaNode } from '../schema.ts';

/** One page on its way: what to decompress and what is there already. */
export interface RawPage {
  readonly header: PageHeader;
  readonly page: Page | null;
  /** Levels of a version 2 page: never compressed. Empty otherwise. */
  readonly levels: Uint8Array;
  /** As stored. */
  readonly body: Uint8Array;
  readonly bodyBytes: number;
  readonly isCompressed: boolean;
}

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
    this.#next = pages.pages.findIndex((page) => page.rowEnd > rowStart);
  }

  get dictionaryAt(): { readonly start: number; readonly end: number } | null {
    return this.#pages.dictionary;
  }

  /** The page after the one given out last; null at the end. */
  nextPage(): Page | null {
    return this.#pages.pages[this.#next++] ?? null;
  }

  parse(bytes: Uint8Array, page: Page | null): RawPage {
    const header = readPageHeader(bytes, 0);
    const end = header.headerBytes + header.compressedBytes;
    if (end > bytes.length)
      throw new ParloadError('PARQUET_CORRUPT', 'a page is longer than its place in the file');
    const stored = bytes.subarray(header.headerBytes, end);
    checkCrc(header, stored);
    const levelBytes = header.kind === 'data-v2' ? header.definitionBytes + header.repetitionBytes : 0;
    if (levelBytes > stored.length || levelBytes > header.uncompressedBytes) {
      throw new ParloadError('PARQUET_CORRUPT', 'the levels of a page are longer than the page');
    }
    return {
      header,
      page,
      levels: stored.subarray(0, levelBytes),
      body: stored.subarray(levelBytes),
      bodyBytes: header.uncompressedBytes - levelBytes,
      isCompressed: this.chunk.codec !== 'UNCOMPRESSED' && header.isCompressed,
    };
  }
}
