// BYTE_ARRAY: text and binary of any length. Text is not looked at: encoders check it, where column and row are known.
import type { ArrowType } from '../../model/index.ts';
import { copyWords, LONG_BYTES, WORD_SLACK } from './copy-words.ts';
import {
  type ColumnBuffers,
  corruptPage,
  DictionaryIndices,
  isDictionaryEncoding,
  type ValueReader,
} from './values.ts';

export class ByteValues implements ValueReader {
  longest = 0;
  readonly #indices = new DictionaryIndices();
  #dictionary: Uint8Array = new Uint8Array(0);
  /** Of the dictionary, to the end of its memory. */
  #dictionaryView: DataView = new DataView(new ArrayBuffer(0));
  /** Start and end of each entry in the dictionary's bytes. */
  #bounds = new Int32Array(0);
  #dictionaryLength = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #isIndexed = false;
  #data = new Uint8Array(0);
  #dataView: DataView = new DataView(this.#data.buffer);
  /** Rows of the batch so far, and where each one's value ends in `#data`. */
  #rows = 0;
  #ends = new Int32Array(0);
  #wide = new Int32Array(0);

  startDictionary(bytes: Uint8Array, count: number): void {
    // each has four bytes of length at least
    if (4 * count > bytes.length) throw corruptPage('the dictionary is shorter than it says');
    this.#dictionary = bytes;
    this.#dictionaryLength = count;
    if (this.#bounds.length < count * 2) this.#bounds = new Int32Array(count * 2);
    this.longest = 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#dictionaryView = view;
    for (let k = 0, at = 0; k < count; k++) {
      if (at + 4 > bytes.length) throw corruptPage('the dictionary is shorter than it says');
      const length = view.getUint32(at, true);
      if (length > bytes.length - at - 4)
        throw corruptPage('an entry of the dictionary is longer than the page');
      this.#bounds[2 * k] = at + 4;
      at += 4 + length;
      this.#bounds[2 * k + 1] = at;
      this.longest = Math.max(this.longest, length);
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

  begin(rows: number): void {
    this.#rows = 0;
    if (this.#ends.length < rows) this.#ends = new Int32Array(rows);
  }

  grow(rows: number): void {
    if (this.#ends.length >= rows) return;
    const ends = new Int32Array(rows);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  get variableBytes(): number {
    return this.#rows === 0 ? 0 : this.#ends[this.#rows - 1]!;
  }

  append(rows: number, count: number, validity: Uint8Array): void {
    if (this.#isIndexed) this.#gather(this.#indices.read(count), count);
    else this.#copy(count);
    if (count < rows) spreadEnds(this.#ends, this.#rows, validity, rows, count);
    this.#rows += rows;
  }

  /** Keeps what the batch has so far. */
  #room(bytes: number): Uint8Array {
    if (this.#data.length >= bytes + WORD_SLACK) return this.#data;
    const grown = new Uint8Array(Math.max(bytes + WORD_SLACK, Math.ceil(1.25 * this.#data.length)));
    grown.set(this.#data.subarray(0, this.variableBytes));
    this.#data = grown;
    this.#dataView = new DataView(grown.buffer);
    return grown;
  }

  #gather(indices: Int32Array, count: number): void {
    const from = this.#rows;
    const start = this.variableBytes;
    const end = sumEnds(indices, count, this.#bounds, this.#ends, from, start);
    const to = { bytes: this.#room(end), view: this.#dataView };
    const dictionary = { bytes: this.#dictionary, view: this.#dictionaryView };
    copyEntries(indices, count, this.#bounds, this.#ends, from, start, dictionary, to);
  }

  #copy(count: number): void {
    const start = this.variableBytes;
    const to = { bytes: this.#room(start + this.#end - this.#at), view: this.#dataView };
    const page = { bytes: this.#bytes, view: this.#view, at: this.#at, end: this.#end };
    this.#at = copyPlain(page, count, to, this.#ends, this.#rows, start);
  }

  skip(count: number): void {
    if (this.#isIndexed) this.#indices.skip(count);
    else for (let i = 0; i < count; i++) this.#at += 4 + lengthAt(this.#view, this.#at, this.#end);
  }

  buffers(type: ArrowType): ColumnBuffers {
    const rows = this.#rows;
    const stride = 'large' in type && type.large ? 2 : 1;
    const words = (rows + 1) * stride;
    // zero high words stay zero: batches never hold 4 GiB
    if (this.#wide.length < words) this.#wide = new Int32Array(words);
    const offsets = this.#wide;
    const ends = this.#ends;
    offsets[0] = 0;
    for (let i = 0; i < rows; i++) offsets[(i + 1) * stride] = ends[i]!;
    return {
      offsets: new Uint8Array(offsets.buffer, 0, words * 4),
      data: this.#data.subarray(0, this.variableBytes),
    };
  }
}

// Functions of their own: V8 gives up the compiled form of a method again and again when its first loop gets hot before
// its second one has run.

/** Ends of the values one behind the other, the first at `start`; returns the last. */
function sumEnds(
  indices: Int32Array,
  count: number,
  bounds: Int32Array,
  ends: Int32Array,
  from: number,
  start: number,
): number {
  let size = start;
  for (let i = 0; i < count; i++) {
    const k = 2 * indices[i]!;
    size += bounds[k + 1]! - bounds[k]!;
    ends[from + i] = size;
  }
  return size;
}

interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function copyEntries(
  indices: Int32Array,
  count: number,
  bounds: Int32Array,
  ends: Int32Array,
  from: number,
  start: number,
  dictionary: Memory,
  out: Memory,
): void {
  const [source, target] = [dictionary.view, out.view];
  for (let i = 0, o = start; i < count; i++) {
    const a = bounds[2 * indices[i]!]!;
    const length = ends[from + i]! - o;
    if (length > LONG_BYTES) out.bytes.set(dictionary.bytes.subarray(a, a + length), o);
    else copyWords(source, a, target, o, length);
    o += length;
  }
}

interface PlainPage extends Memory {
  readonly at: number;
  readonly end: number;
}

/** PLAIN values: four bytes of length before each. Returns where the next one starts. */
function copyPlain(
  { bytes, view, at, end: pageEnd }: PlainPage,
  count: number,
  out: Memory,
  ends: Int32Array,
  from: number,
  start: number,
): number {
  const target = out.view;
  let o = start;
  for (let i = 0; i < count; i++) {
    const length = lengthAt(view, at, pageEnd);
    at += 4;
    if (length > LONG_BYTES) out.bytes.set(bytes.subarray(at, at + length), o);
    else copyWords(view, at, target, o, length);
    at += length;
    o += length;
    ends[from + i] = o;
  }
  return at;
}

function lengthAt(view: DataView, at: number, pageEnd: number): number {
  if (at + 4 > pageEnd) throw corruptPage('it has fewer values than it says');
  const length = view.getUint32(at, true);
  if (length > pageEnd - at - 4) throw corruptPage('a value is longer than the page');
  return length;
}

/** A null is an empty value: only ends move. From the back, as far as they are not in place. */
function spreadEnds(ends: Int32Array, from: number, validity: Uint8Array, rows: number, count: number): void {
  const before = from === 0 ? 0 : ends[from - 1]!;
  for (let i = from + rows - 1, k = from + count - 1; i > k; i--) {
    ends[i] = k < from ? before : ends[k]!;
    if (((validity[i >> 3]! >> (i & 7)) & 1) === 1) k--;
  }
}
