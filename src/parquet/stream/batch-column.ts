// What the drivers of reading know of columns: pages go into leaves, rows come out of root columns.
import type { ArrowColumn } from '../../model/index.ts';
import type { RawPage } from './raw-page.ts';

/** One column chunk after another of a primitive column, page by page. */
export interface Leaf {
  /** For errors: the path with dots. */
  readonly name: string;
  /** Rows that can be taken before another page is needed. */
  readonly rowsLeft: number;
  readonly hasDictionary: boolean;
  /** Of its pages and its dictionary. */
  readonly heldBytes: number;
  /** Where the next page's bytes go; at least `size` of them. */
  pageSpace(size: number): Uint8Array;
  /** The same for the next dictionary. */
  dictionarySpace(size: number): Uint8Array;
  /** Another column chunk begins: the dictionary was that of the last one. */
  startChunk(): void;
  /** `bytes`: what `dictionarySpace` gave, filled. */
  startDictionary(raw: RawPage, bytes: Uint8Array): void;
  /** `body`: what `pageSpace` gave, filled. `rows`: of a flat column, how many of the page's values are rows. */
  startPage(raw: RawPage, body: Uint8Array, rows: number): void;
  /** The chunk has no more pages: what was begun is complete. True when that made rows. */
  endChunk(): boolean;
}

/** A root column of a batch. */
export interface BatchColumn<L extends Leaf = Leaf> {
  readonly name: string;
  /** In the order of the schema. */
  readonly leaves: readonly L[];
  /** Rows that all leaves can give. */
  readonly rowsLeft: number;
  /** Rows that fit into `bytes`, as far as a page does not bound them; at least one. */
  mostRows(bytes: number): number;
  /** Bytes of text and lists in the batch so far. */
  readonly variableBytes: number;
  /** A batch of at most `rows` rows begins; the views of the last one are good no more. */
  begin(rows: number): void;
  /** The next `rows` rows, no more than `rowsLeft`. */
  append(rows: number): void;
  /** What was appended. */
  column(): ArrowColumn;
}
