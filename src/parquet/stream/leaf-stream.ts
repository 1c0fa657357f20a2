import type { Page } from '../pages/page-map.ts';
import type { Leaf } from './batch-column.ts';
import type { PageSource } from './page-source.ts';
import type { RawPage } from './raw-page.ts';

/** A leaf whose pages are found by a map of its chunk, from a wanted row on. */
export interface LeafStream extends Leaf {
  readonly source: PageSource;
  /** Starts over with another chunk, whose leaf is of the same shape. `rowStart`: first row wanted, counted in its row group. */
  open(source: PageSource, rowStart: number): void;
  /** Its dictionary must be read before its first page. */
  readonly needsDictionary: boolean;
  /** The page that the map says to be at `page`; rows in front of the wanted ones are passed over. */
  startMappedPage(raw: RawPage, page: Page, body: Uint8Array): void;
}
