// Values of one column's pages into Arrow buffers: the part that depends on the column's type.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowColumn, ArrowType } from '../../model/index.ts';
import { HybridReader } from './hybrid.ts';

/** Value encodings by their numbers in parquet.thrift. */
export const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, bitPacked: 4, rleDictionary: 8 } as const;

export const corruptPage = (why: string): ParloadError =>
  new ParloadError('PARQUET_CORRUPT', `a page cannot be decoded: ${why}`);

/** What a batch's column is made of; the views are good until the next batch is read. */
export type ColumnBuffers = Pick<ArrowColumn, 'offsets' | 'data' | 'noNanPattern'>;

/** Reads a column's values into a batch, page after page. */
export interface ValueReader {
  /** PLAIN values of the dictionary page. The reader keeps the bytes until the next dictionary. */
  startDictionary(bytes: Uint8Array, count: number): void;
  /** Values of a data page: `bytes[at..end)`. The reader keeps a view until the next page. */
  startPage(bytes: Uint8Array, at: number, end: number, encoding: number): void;
  /** A new batch of at most `rows` rows; its buffers are those of the last one. */
  begin(rows: number): void;
  /** Room for `rows` rows in the batch that was begun: nested columns do not know how many elements it will have. */
  grow(rows: number): void;
  /**
   * `rows` more rows of the batch out of the page's next `count` values. When these are fewer, the bits of `validity`
   * say for each row of the batch, from its first one on, whether it has a value.
   */
  append(rows: number, count: number, validity: Uint8Array): void;
  skip(count: number): void;
  /** What was appended. */
  buffers(type: ArrowType): ColumnBuffers;
  /** Bytes of values without a fixed width that the batch has so far. */
  readonly variableBytes: number;
  /** Bytes that one row needs at most when it comes from the dictionary; 0 where a page bounds it. */
  readonly longest: number;
}

export const isDictionaryEncoding = (encoding: number): boolean =>
  encoding === ENCODING.plainDictionary || encoding === ENCODING.rleDictionary;

/** Indices into a dictionary, none of them beyond its length. */
export class DictionaryIndices {
  readonly #reader = new HybridReader();
  #values = new Int32Array(0);

  start(bytes: Uint8Array, at: number, end: number, dictionaryLength: number): void {
    // a page of nulls alone may have no index bytes at all
    if (at >= end) this.#reader.reset(bytes, at, end, 0, -1);
    else this.#reader.reset(bytes, at + 1, end, bytes[at]!, dictionaryLength - 1);
  }

  read(count: number): Int32Array {
    if (this.#values.length < count) this.#values = new Int32Array(Math.max(count, 1024));
    this.#reader.read(this.#values, 0, count);
    return this.#values;
  }

  skip(count: number): void {
    this.#reader.skip(count);
  }
}

/** Memory seen as bytes, words and doubles: views cost more to make than a short column costs to read. */
class Views {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;

  /** `buffer` is used from its start. */
  constructor(buffer: ArrayBufferLike) {
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    this.doubles = new Float64Array(buffer, 0, buffer.byteLength >> 3);
  }
}

/** Fixed-width values as they are: 4, 8 or any number of bytes. */
export class FixedValues implements ValueReader {
  readonly longest = 0;
  readonly variableBytes = 0;
  readonly width: number;
  readonly #indices = new DictionaryIndices();
  #dictionary = NOTHING;
  #dictionaryLength = 0;
  /** Some entry looks like a NaN, whose payload a move as a double might change. */
  #hasNan = false;
  #bytes: Uint8Array = NOTHING.bytes;
  #at = 0;
  #end = 0;
  #isIndexed = false;
  #out = NOTHING;
  #rows = 0;
  /** All rows of the batch came from dictionaries without a NaN. */
  #noNan = true;

  constructor(width: number) {
    this.width = width;
  }

  /** Little-endian values of the batch, for readers that convert them. */
  get out(): ArrayBufferLike {
    return this.#out.bytes.buffer;
  }

  get rows(): number {
    return this.#rows;
  }

  startDictionary(bytes: Uint8Array, count: number): void {
    if (count * this.width > bytes.length) throw corruptPage('the dictionary is shorter than it says');
    // read through typed arrays, so it must begin at the start of its memory
    const start = bytes.byteOffset === 0 ? bytes : bytes.slice(0, count * this.width);
    if (start.buffer !== this.#dictionary.bytes.buffer) this.#dictionary = new Views(start.buffer);
    this.#dictionaryLength = count;
    this.#hasNan = this.width === 8 && hasNanPattern(this.#dictionary.words, count);
  }

  startPage(bytes: Uint8Array, at: number, end: number, encoding: number): void {
    this.#isIndexed = isDictionaryEncoding(encoding);
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    if (this.#isIndexed) this.#indices.start(bytes, at, end, this.#dictionaryLength);
  }

  begin(rows: number): void {
    this.#rows = 0;
    this.#noNan = true;
    this.#room(rows);
  }

  #room(rows: number): void {
    const size = rows * this.width;
    if (this.#out.bytes.length < size) this.#out = new Views(new ArrayBuffer((size + 7) & ~7));
  }

  grow(rows: number): void {
    const { bytes } = this.#out;
    this.#room(rows);
    if (this.#out.bytes !== bytes) this.#out.bytes.set(bytes);
  }

  append(rows: number, count: number, validity: Uint8Array): void {
    if (this.#isIndexed) this.#gather(this.#indices.read(count), count);
    else this.#copy(count);
    if (count < rows) this.#spread(validity, rows, count);
    this.#noNan &&= this.#isIndexed && !this.#hasNan;
    this.#rows += rows;
  }

  skip(count: number): void {
    if (this.#isIndexed) this.#indices.skip(count);
    else this.#at += count * this.width;
  }

  #copy(count: number): void {
    const end = this.#at + count * this.width;
    if (end > this.#end) throw corruptPage('it has fewer values than it says');
    this.#out.bytes.set(this.#bytes.subarray(this.#at, end), this.#rows * this.width);
    this.#at = end;
  }

  #gather(indices: Int32Array, count: number): void {
    const { width } = this;
    const from = this.#rows;
    const [out, dictionary] = [this.#out, this.#dictionary];
    if (width === 4) gather32(out.words, from, dictionary.words, indices, count);
    else if (width === 8 && !this.#hasNan) gather64(out.doubles, from, dictionary.doubles, indices, count);
    else gatherBytes(out.bytes, from, dictionary.bytes, indices, count, width);
  }

  #spread(validity: Uint8Array, rows: number, count: number): void {
    const { width } = this;
    const from = this.#rows;
    const out = this.#out;
    if (width === 8 && this.#isIndexed && !this.#hasNan) spread64(out.doubles, from, validity, rows, count);
    else if (width === 4) spread32(out.words, from, validity, rows, count);
    else spreadBytes(out.bytes, from, validity, rows, count, width);
  }

  buffers(_type: ArrowType): ColumnBuffers {
    const data = this.#out.bytes.subarray(0, this.#rows * this.width);
    return { offsets: null, data, noNanPattern: this.#noNan };
  }
}

const NOTHING = new Views(new ArrayBuffer(0));

function hasNanPattern(words: Int32Array, count: number): boolean {
  for (let k = 1; k < 2 * count; k += 2) if ((words[k]! & 0x7ff00000) === 0x7ff00000) return true;
  return false;
}

function gather32(
  out: Int32Array,
  from: number,
  dictionary: Int32Array,
  indices: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[from + i] = dictionary[indices[i]!]!;
}

function gather64(
  out: Float64Array,
  from: number,
  dictionary: Float64Array,
  indices: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[from + i] = dictionary[indices[i]!]!;
}

function gatherBytes(
  out: Uint8Array,
  from: number,
  dictionary: Uint8Array,
  indices: Int32Array,
  count: number,
  width: number,
): void {
  for (let i = 0, o = from * width; i < count; i++) {
    let a = indices[i]! * width;
    for (const end = a + width; a < end; ) out[o++] = dictionary[a++]!;
  }
}

// Rows `from <= i < from + rows`, whose values lie at the front. From the back, so that no value is overwritten before it
// has moved; once all that are left are in place, it ends.

function spread64(out: Float64Array, from: number, validity: Uint8Array, rows: number, count: number): void {
  for (let i = from + rows - 1, k = from + count - 1; i > k; i--) {
    if (((validity[i >> 3]! >> (i & 7)) & 1) === 1) out[i] = out[k--]!;
  }
}

function spread32(out: Int32Array, from: number, validity: Uint8Array, rows: number, count: number): void {
  for (let i = from + rows - 1, k = from + count - 1; i > k; i--) {
    if (((validity[i >> 3]! >> (i & 7)) & 1) === 1) out[i] = out[k--]!;
  }
}

function spreadBytes(
  out: Uint8Array,
  from: number,
  validity: Uint8Array,
  rows: number,
  count: number,
  width: number,
): void {
  for (let i = from + rows - 1, k = from + count - 1; i > k; i--) {
    if (((validity[i >> 3]! >> (i & 7)) & 1) === 0) continue;
    out.copyWithin(i * width, k * width, (k + 1) * width);
    k--;
  }
}
