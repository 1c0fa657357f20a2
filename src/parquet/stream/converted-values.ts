// Columns whose Arrow values are narrower or wider than what Parquet stores: small integers, decimals, booleans.
import type { ArrowType } from '../../model/index.ts';
import { HybridReader } from './hybrid.ts';
import { turnDecimal } from './turn-decimal.ts';
import { type ColumnBuffers, corruptPage, ENCODING, FixedValues, type ValueReader } from './values.ts';

/** INT32 as 8 or 16 bits: the low bytes. */
export class NarrowValues extends FixedValues {
  readonly #bits: 8 | 16;
  #narrow = new ArrayBuffer(0);

  constructor(bits: 8 | 16) {
    super(4);
    this.#bits = bits;
  }

  override buffers(_type: ArrowType): ColumnBuffers {
    const { rows } = this;
    const width = this.#bits / 8;
    if (this.#narrow.byteLength < rows * width) this.#narrow = new ArrayBuffer(rows * width);
    const from = new Int32Array(this.out, 0, rows);
    const to = this.#bits === 8 ? new Int8Array(this.#narrow) : new Int16Array(this.#narrow);
    for (let i = 0; i < rows; i++) to[i] = from[i]!;
    return { offsets: null, data: new Uint8Array(this.#narrow, 0, rows * width) };
  }
}

/** Decimals: INT32 or INT64 extended by their sign, or big-endian bytes turned around. */
export class DecimalValues extends FixedValues {
  readonly #bigEndian: boolean;
  /** 32-bit words of an Arrow value. */
  readonly #words: number;
  #wide = new Int32Array(0);

  constructor(storedBytes: number, bigEndian: boolean, bits: number) {
    super(storedBytes);
    this.#bigEndian = bigEndian;
    this.#words = bits / 32;
  }

  override append(rows: number, count: number, validity: Uint8Array): void {
    // where there is no value, nothing may be left that does not fit
    if (this.width > 4 * this.#words && count < rows) {
      new Uint8Array(this.out).fill(0, this.rows * this.width, (this.rows + rows) * this.width);
    }
    super.append(rows, count, validity);
  }

  override buffers(_type: ArrowType): ColumnBuffers {
    const { rows } = this;
    if (this.#wide.length < rows * this.#words) this.#wide = new Int32Array(rows * this.#words);
    if (this.#bigEndian) this.#turn(rows);
    else this.#extend(rows);
    return { offsets: null, data: new Uint8Array(this.#wide.buffer, 0, rows * this.#words * 4) };
  }

  #extend(rows: number): void {
    const stored = this.width / 4;
    const from = new Int32Array(this.out, 0, rows * stored);
    const to = this.#wide;
    for (let i = 0, o = 0; i < rows; i++) {
      const sign = from[i * stored + stored - 1]! >> 31;
      for (let w = 0; w < this.#words; w++) to[o++] = w < stored ? from[i * stored + w]! : sign;
    }
  }

  #turn(rows: number): void {
    const { width } = this;
    const from = new Uint8Array(this.out, 0, rows * width);
    const to = new Uint8Array(this.#wide.buffer);
    const bytes = this.#words * 4;
    if (width > bytes) {
      for (let i = 0; i < rows; i++) turnDecimal(from, i * width, (i + 1) * width, to, i * bytes, bytes);
      return;
    }
    for (let i = 0; i < rows; i++) {
      const sign = (from[i * width]! & 0x80) === 0 ? 0 : 255;
      const last = i * width + width - 1;
      for (let k = 0; k < bytes; k++) to[i * bytes + k] = k < width ? from[last - k]! : sign;
    }
  }
}

/** BOOLEAN: PLAIN is a bit each, least significant first, as in Arrow; RLE is a hybrid of width 1 behind its length. */
export class BoolValues implements ValueReader {
  readonly longest = 0;
  readonly variableBytes = 0;
  readonly #runs = new HybridReader();
  #values = new Int32Array(0);
  #isRuns = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #bit = 0;
  #endBit = 0;
  /** One byte a row. */
  #out = new Uint8Array(0);
  #bits = new Uint8Array(0);
  #rows = 0;

  startDictionary(): void {
    throw corruptPage('booleans have no dictionary');
  }

  startPage(bytes: Uint8Array, at: number, end: number, encoding: number): void {
    this.#isRuns = encoding === ENCODING.rle;
    if (this.#isRuns) this.#runs.reset(bytes, Math.min(end, at + 4), end, 1, 1);
    this.#bytes = bytes;
    this.#bit = at * 8;
    this.#endBit = end * 8;
  }

  begin(rows: number): void {
    this.#rows = 0;
    if (this.#out.length < rows) this.#out = new Uint8Array(rows);
  }

  grow(rows: number): void {
    const before = this.#out;
    if (before.length >= rows) return;
    this.#out = new Uint8Array(rows);
    this.#out.set(before);
  }

  append(rows: number, count: number, validity: Uint8Array): void {
    if (this.#isRuns) this.#readRuns(count);
    else this.#readPlain(count);
    if (count < rows) this.#spread(validity, rows, count);
    this.#rows += rows;
  }

  #readRuns(count: number): void {
    if (this.#values.length < count) this.#values = new Int32Array(Math.max(1024, count));
    this.#runs.read(this.#values, 0, count);
    for (let i = 0; i < count; i++) this.#out[this.#rows + i] = this.#values[i]!;
  }

  #readPlain(count: number): void {
    if (this.#bit + count > this.#endBit) throw corruptPage('it has fewer values than it says');
    for (let i = 0, bit = this.#bit; i < count; i++, bit++)
      this.#out[this.#rows + i] = (this.#bytes[bit >>> 3]! >> (bit & 7)) & 1;
    this.#bit += count;
  }

  skip(count: number): void {
    if (this.#isRuns) this.#runs.skip(count);
    this.#bit += count;
  }

  #spread(validity: Uint8Array, rows: number, count: number): void {
    const out = this.#out;
    const from = this.#rows;
    for (let i = from + rows - 1, k = from + count - 1; i > k; i--) {
      if (((validity[i >> 3]! >> (i & 7)) & 1) === 1) out[i] = out[k--]!;
    }
  }

  buffers(_type: ArrowType): ColumnBuffers {
    const rows = this.#rows;
    const size = (rows + 7) >> 3;
    if (this.#bits.length < size) this.#bits = new Uint8Array(size);
    const data = this.#bits.subarray(0, size).fill(0);
    for (let i = 0; i < rows; i++) data[i >> 3]! |= (this.#out[i]! & 1) << (i & 7);
    return { offsets: null, data };
  }
}
