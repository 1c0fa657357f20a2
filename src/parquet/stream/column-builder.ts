// One flat column of a batch: levels to a validity bitmap, values by the column's reader. It knows pages, not where they are.
import type { ArrowColumn, ArrowType } from '../../model/index.ts';
import type { SchemaNode } from '../schema.ts';
import type { BatchColumn, Leaf } from './batch-column.ts';
import { WORD_SLACK } from './copy-words.ts';
import { decoderOf, type ValueDecoder } from './encodings/index.ts';
import { HybridReader } from './hybrid.ts';
import { findLevels, lengthRuns } from './levels.ts';
import type { RawPage } from './raw-page.ts';
import { corruptPage, ENCODING, isDictionaryEncoding, type ValueReader } from './values.ts';

/** Pages of a column differ a little in size, and short values are copied in words that may reach behind the last. */
const spaceFor = (size: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Math.ceil(1.125 * size) + WORD_SLACK);

export class ColumnBuilder implements Leaf, BatchColumn {
  readonly name: string;
  /** A flat column is its own leaf. */
  readonly leaves: readonly [this] = [this];
  readonly #leaf: SchemaNode;
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
  #dictionary = new Uint8Array(0);
  #hasDictionary = false;
  /** Of the page, when its values are not as the reader knows them. */
  #decoder: ValueDecoder | null = null;
  readonly #decoders = new Map<number, ValueDecoder | null>();
  #rowsLeft = 0;

  constructor(leaf: SchemaNode, type: ArrowType, reader: ValueReader) {
    this.name = leaf.name;
    this.#leaf = leaf;
    this.#type = type;
    this.#reader = reader;
    this.#isOptional = leaf.maxDefinition === 1;
  }

  /** Rows of the page that can still be taken. */
  get rowsLeft(): number {
    return this.#rowsLeft;
  }

  get hasDictionary(): boolean {
    return this.#hasDictionary;
  }

  get heldBytes(): number {
    return this.#page.length + this.#dictionary.length;
  }

  /** Rows that fit into `bytes`, as far as a page does not bound them; at least one. */
  mostRows(bytes: number): number {
    const { longest, variableBytes } = this.#reader;
    if (this.#decoder !== null) return this.#decoder.most(bytes - variableBytes);
    if (longest === 0) return Number.POSITIVE_INFINITY;
    return Math.max(1, Math.floor((bytes - variableBytes) / longest));
  }

  /** Bytes of text and the like in the batch so far. */
  get variableBytes(): number {
    return this.#reader.variableBytes;
  }

  /** Where the next page's bytes go; at least `size` of them. */
  pageSpace(size: number): Uint8Array {
    if (this.#page.length < size + WORD_SLACK) this.#page = spaceFor(size);
    return this.#page;
  }

  /** The same for the next dictionary. */
  dictionarySpace(size: number): Uint8Array {
    if (this.#dictionary.length < size + WORD_SLACK) this.#dictionary = spaceFor(size);
    return this.#dictionary;
  }

  /** Another column chunk begins: the dictionary was that of the last one. */
  startChunk(): void {
    this.#hasDictionary = false;
    this.#rowsLeft = 0;
  }

  /** `bytes`: what `dictionarySpace` gave, filled. */
  startDictionary(raw: RawPage, bytes: Uint8Array): void {
    if (raw.header.encoding !== ENCODING.plain && raw.header.encoding !== ENCODING.plainDictionary) {
      throw corruptPage('its dictionary has an unknown encoding');
    }
    this.#reader.startDictionary(bytes.subarray(0, raw.bodyBytes), raw.header.valueCount);
    this.#hasDictionary = true;
  }

  /** `body`: what `pageSpace` gave, filled. `rows`: how many of its rows there are, at most as many as it has values. */
  startPage(raw: RawPage, body: Uint8Array, rows: number): void {
    const { encoding } = raw.header;
    if (isDictionaryEncoding(encoding) && !this.#hasDictionary)
      throw corruptPage('its dictionary is missing');
    const at = this.#isOptional ? this.#startLevels(raw, body) : 0;
    this.#decoder = this.#decoderOf(encoding);
    if (this.#decoder === null) this.#reader.startPage(body, at, raw.bodyBytes, encoding);
    else this.#decoder.start(body, at, raw.bodyBytes);
    this.#rowsLeft = rows;
  }

  #decoderOf(encoding: number): ValueDecoder | null {
    let decoder = this.#decoders.get(encoding);
    if (decoder === undefined) {
      decoder = decoderOf(encoding, this.#leaf);
      this.#decoders.set(encoding, decoder);
    }
    return decoder;
  }

  /** Returns where the values begin. */
  #startLevels(raw: RawPage, body: Uint8Array): number {
    if (raw.header.kind === 'data-v2') {
      // repetition levels come first, and a flat column has none
      this.#levels.reset(raw.levels.slice(), raw.header.repetitionBytes, raw.levels.length, 1, 1);
      return 0;
    }
    if (raw.header.levelEncoding === ENCODING.bitPacked) {
      const { definition, valuesAt } = findLevels(raw, body, this.#leaf);
      this.#levels.reset(definition!.bytes, definition!.at, definition!.end, 1, 1);
      return valuesAt;
    }
    const { at, end } = lengthRuns(body, 0, raw.bodyBytes, raw.header.levelEncoding);
    this.#levels.reset(body, at, end, 1, 1);
    return end;
  }

  /** Pages of a flat column end with a row. */
  endChunk(): boolean {
    return false;
  }

  skip(rows: number): void {
    if (rows <= 0) return;
    this.#rowsLeft -= rows;
    let count = rows;
    if (this.#isOptional) count = this.#levels.readBits(new Uint8Array((rows + 7) >> 3), 0, rows);
    (this.#decoder ?? this.#reader).skip(count);
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
    if (this.#decoder !== null) {
      const size = this.#decoder.next(count);
      this.#reader.startPage(this.#decoder.out, 0, size, ENCODING.plain);
    }
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
