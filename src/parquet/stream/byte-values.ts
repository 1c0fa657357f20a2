// BYTE_ARRAY: text and binary of any length.
import { isUtf8 } from 'node:buffer';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowType } from '../../model/index.ts';
import {
  type ColumnBuffers,
  corruptPage,
  DictionaryIndices,
  isDictionaryEncoding,
  type ValueReader,
} from './values.ts';

const invalidText = (): ParloadError =>
  new ParloadError('PARQUET_CORRUPT', 'a text column holds bytes that are not UTF-8');

export class ByteValues implements ValueReader {
  longest = 0;
  readonly #isText: boolean;
  readonly #indices = new DictionaryIndices();
  #dictionary: Uint8Array = new Uint8Array(0);
  /** Start and end of each entry in the dictionary's bytes. */
  #bounds = new Int32Array(0);
  #dictionaryLength = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #isIndexed = false;
  #data = new Uint8Array(0);
  /** End of each dense value; after `spread`, of each row. */
  #ends = new Int32Array(0);
  #wide = new Int32Array(0);

  /** Text is checked to be UTF-8, each value by itself. */
  constructor(isText: boolean) {
    this.#isText = isText;
  }

  startDictionary(bytes: Uint8Array, count: number): void {
    this.#dictionary = bytes;
    this.#dictionaryLength = count;
    this.#bounds = new Int32Array(count * 2);
    this.longest = 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let k = 0, at = 0; k < count; k++) {
      if (at + 4 > bytes.length) throw corruptPage('the dictionary is shorter than it says');
      const length = view.getUint32(at, true);
      if (length > bytes.length - at - 4)
        throw corruptPage('an entry of the dictionary is longer than the page');
      this.#bounds[2 * k] = at + 4;
      at += 4 + length;
      this.#bounds[2 * k + 1] = at;
      this.longest = Math.max(this.longest, length);
      if (this.#isText && !isUtf8(bytes.subarray(at - length, at))) throw invalidText();
    }
  }

  startPage(bytes: Uint8Array, at: number, end: number, encoding: number): void {
    this.#isIndexed = isDictionaryEncoding(encoding);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
    this.#end = end;
    if (this.#isIndexed) this.#indices.start(bytes, at, end, this.#dictionaryLength);
  }

  read(count: number, rows: number): void {
    if (this.#ends.length < rows) this.#ends = new Int32Array(rows);
    if (this.#isIndexed) this.#gather(this.#indices.read(count), count);
    else this.#copy(count);
  }

  #room(bytes: number): Uint8Array {
    if (this.#data.length < bytes) this.#data = new Uint8Array(Math.max(bytes, 2 * this.#data.length));
    return this.#data;
  }

  #gather(indices: Int32Array, count: number): void {
    const data = this.#room(sumEnds(indices, count, this.#bounds, this.#ends));
    copyEntries(indices, count, this.#bounds, this.#ends, this.#dictionary, data);
  }

  #copy(count: number): void {
    const start = this.#at;
    this.#room(this.#end - start);
    this.#at = copyPlain(this.#view, this.#bytes, start, this.#end, count, this.#data, this.#ends);
    if (this.#isText) this.#checkText(count, count === 0 ? 0 : this.#ends[count - 1]!);
  }

  /** All at once, natively; then no value may begin in the middle of a character. */
  #checkText(count: number, size: number): void {
    const data = this.#data;
    if (!isUtf8(data.subarray(0, size))) throw invalidText();
    for (let i = 0; i < count; i++) {
      const next = this.#ends[i]!;
      if (next < size && (data[next]! & 0xc0) === 0x80) throw invalidText();
    }
  }

  skip(count: number): void {
    if (this.#isIndexed) this.#indices.skip(count);
    else for (let i = 0; i < count; i++) this.#at += 4 + lengthAt(this.#view, this.#at, this.#end);
  }

  /** Only the ends move: a null is an empty value. */
  spread(validity: Uint8Array, rows: number, count: number): void {
    const ends = this.#ends;
    for (let i = rows - 1, k = count - 1; i > k; i--) {
      ends[i] = k < 0 ? 0 : ends[k]!;
      if (((validity[i >> 3]! >> (i & 7)) & 1) === 1) k--;
    }
  }

  buffers(type: ArrowType, rows: number): ColumnBuffers {
    const stride = 'large' in type && type.large ? 2 : 1;
    const words = (rows + 1) * stride;
    // zero high words stay zero: batches never hold 4 GiB
    if (this.#wide.length < words) this.#wide = new Int32Array(words);
    const offsets = this.#wide;
    const ends = this.#ends;
    offsets[0] = 0;
    for (let i = 0; i < rows; i++) offsets[(i + 1) * stride] = ends[i]!;
    const size = rows === 0 ? 0 : ends[rows - 1]!;
    return { offsets: new Uint8Array(offsets.buffer, 0, words * 4), data: this.#data.subarray(0, size) };
  }
}

// Functions of their own: V8 gives up the compiled form of a method again and again when its first loop gets hot before
// its second one has run.

/** Ends of the values one behind the other; returns the last. */
function sumEnds(indices: Int32Array, count: number, bounds: Int32Array, ends: Int32Array): number {
  let size = 0;
  for (let i = 0; i < count; i++) {
    const k = 2 * indices[i]!;
    size += bounds[k + 1]! - bounds[k]!;
    ends[i] = size;
  }
  return size;
}

/** Values longer than this are copied by a call, shorter ones byte by byte. */
const LONG_BYTES = 64;

function copyEntries(
  indices: Int32Array,
  count: number,
  bounds: Int32Array,
  ends: Int32Array,
  dictionary: Uint8Array,
  data: Uint8Array,
): void {
  for (let i = 0, o = 0; i < count; i++) {
    let a = bounds[2 * indices[i]!]!;
    const end = ends[i]!;
    if (end - o > LONG_BYTES) {
      data.set(dictionary.subarray(a, a + end - o), o);
      o = end;
    } else while (o < end) data[o++] = dictionary[a++]!;
  }
}

/** PLAIN values: four bytes of length before each. Returns where the next one starts. */
function copyPlain(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  pageEnd: number,
  count: number,
  data: Uint8Array,
  ends: Int32Array,
): number {
  let o = 0;
  for (let i = 0; i < count; i++) {
    const length = lengthAt(view, at, pageEnd);
    at += 4;
    if (length > LONG_BYTES) {
      data.set(bytes.subarray(at, at + length), o);
      at += length;
      o += length;
    } else for (const end = at + length; at < end; ) data[o++] = bytes[at++]!;
    ends[i] = o;
  }
  return at;
}

function lengthAt(view: DataView, at: number, pageEnd: number): number {
  if (at + 4 > pageEnd) throw corruptPage('it has fewer values than it says');
  const length = view.getUint32(at, true);
  if (length > pageEnd - at - 4) throw corruptPage('a value is longer than the page');
  return length;
}
