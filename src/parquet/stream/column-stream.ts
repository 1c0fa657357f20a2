// One column of a row range, page after page: levels to a validity bitmap, values by the column's reader.
import type { ArrowColumn, ArrowType } from '../../model/index.ts';
import { HybridReader } from './hybrid.ts';
import type { PageSource, RawPage } from './page-source.ts';
import { corruptPage, ENCODING, isDictionaryEncoding, type ValueReader } from './values.ts';

export class ColumnStream {
  readonly source: PageSource;
  readonly name: string;
  readonly #type: ArrowType;
  readonly #reader: ValueReader;
  readonly #isOptional: boolean;
  readonly #levels = new HybridReader();
  /** Rows of the batch so far, which of them have values, and how many have none. */
  #rows = 0;
  #bitmap = new Uint8Array(0);
  #nullCount = 0;
  /** The page's bytes, decompressed; used again for the next one. */
  #page = new Uint8Array(0);
  #hasDictionary = false;
  #rowsLeft = 0;
  /** First row of the next page that is wanted, counted in the row group. */
  #row: number;

  constructor(source: PageSource, type: ArrowType, reader: ValueReader, rowStart: number) {
    this.source = source;
    this.name = source.leaf.name;
    this.#type = type;
    this.#reader = reader;
    this.#isOptional = source.leaf.maxDefinition === 1;
    this.#row = rowStart;
  }

  /** Rows that can be taken before another page is needed. */
  get rowsLeft(): number {
    return this.#rowsLeft;
  }

  get needsDictionary(): boolean {
    return !this.#hasDictionary && this.source.dictionaryAt !== null;
  }

  /** Rows that fit into `bytes` when each takes the longest dictionary entry; at least one. */
  mostRows(bytes: number): number {
    const { longest, variableBytes } = this.#reader;
    if (longest === 0) return Number.POSITIVE_INFINITY;
    return Math.max(1, Math.floor((bytes - variableBytes) / longest));
  }

  /** Bytes of text and the like in the batch so far. */
  get variableBytes(): number {
    return this.#reader.variableBytes;
  }

  /** Where the next page's bytes go; at least `size` of them. */
  pageSpace(size: number): Uint8Array {
    if (this.#page.length < size) this.#page = new Uint8Array(Math.max(size, 64 * 1024));
    return this.#page;
  }

  startDictionary(raw: RawPage, bytes: Uint8Array): void {
    if (raw.header.encoding !== ENCODING.plain && raw.header.encoding !== ENCODING.plainDictionary) {
      throw corruptPage('its dictionary has an unknown encoding');
    }
    this.#reader.startDictionary(bytes.subarray(0, raw.bodyBytes), raw.header.valueCount);
    this.#hasDictionary = true;
  }

  /** `body`: what `pageSpace` gave, filled. */
  startPage(raw: RawPage, body: Uint8Array): void {
    const { header, page } = raw;
    const rows = page!.rowEnd - page!.rowStart;
    if (header.valueCount !== rows) throw corruptPage(`it has ${header.valueCount} values for ${rows} rows`);
    if (isDictionaryEncoding(header.encoding) && !this.#hasDictionary)
      throw corruptPage('its dictionary is missing');
    const at = this.#isOptional ? this.#startLevels(raw, body) : 0;
    this.#reader.startPage(body, at, raw.bodyBytes, header.encoding);
    this.#rowsLeft = rows;
    this.#skip(this.#row - page!.rowStart);
    this.#row = page!.rowEnd;
  }

  /** Returns where the values begin. */
  #startLevels(raw: RawPage, body: Uint8Array): number {
    if (raw.header.kind === 'data-v2') {
      // repetition levels come first, and a flat column has none
      this.#levels.reset(raw.levels.slice(), raw.header.repetitionBytes, raw.levels.length, 1, 1);
      return 0;
    }
    if (raw.header.levelEncoding !== ENCODING.rle) throw corruptPage('its levels have an old encoding');
    if (raw.bodyBytes < 4) throw corruptPage('it ends in the middle of its levels');
    const length = new DataView(body.buffer, body.byteOffset, 4).getUint32(0, true);
    if (length > raw.bodyBytes - 4) throw corruptPage('its levels are longer than the page');
    this.#levels.reset(body, 4, 4 + length, 1, 1);
    return 4 + length;
  }

  #skip(rows: number): void {
    if (rows <= 0) return;
    this.#rowsLeft -= rows;
    if (!this.#isOptional) {
      this.#reader.skip(rows);
      return;
    }
    const skipped = new Uint8Array((rows + 7) >> 3);
    this.#reader.skip(this.#levels.readBits(skipped, 0, rows));
  }

  /** A batch of at most `rows` rows begins; the views of the last one are good no more. */
  begin(rows: number): void {
    this.#rows = 0;
    this.#nullCount = 0;
    this.#reader.begin(rows);
    const size = (rows + 7) >> 3;
    if (this.#bitmap.length < size) this.#bitmap = new Uint8Array(size);
    this.#bitmap.fill(0, 0, size);
  }

  /** The page's next `rows` rows, no more than `rowsLeft`. */
  append(rows: number): void {
    const count = this.#isOptional ? this.#levels.readBits(this.#bitmap, this.#rows, rows) : rows;
    this.#reader.append(rows, count, this.#bitmap);
    this.#nullCount += rows - count;
    this.#rowsLeft -= rows;
    this.#rows += rows;
  }

  /** What was appended. */
  column(): ArrowColumn {
    return {
      type: this.#type,
      length: this.#rows,
      offset: 0,
      nullCount: this.#nullCount,
      validity: this.#nullCount === 0 ? null : this.#bitmap.subarray(0, (this.#rows + 7) >> 3),
      ...this.#reader.buffers(this.#type),
      children: [],
      dictionary: null,
    };
  }
}
