// DELTA_BINARY_PACKED: blocks of a smallest difference and, in a few miniblocks of a bit width each, what every difference
// has beyond it. Sums wrap around at the width of the type, as two 32-bit words.
import { corruptPage } from '../values.ts';

/** A block has at most so many values; real ones have 128 or 256. */
const MOST_BLOCK_VALUES = 1 << 20;
const MOST_MINIBLOCKS = 1 << 10;

export class DeltaInts {
  readonly #bits: 32 | 64;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** Values that the header promises and that were not given out. */
  #left = 0;
  #perMiniblock = 0;
  #miniblocks = 0;
  /** The first value stands in the header. */
  #isFirst = true;
  #low = 0;
  #high = 0;
  #minLow = 0;
  #minHigh = 0;
  /** Where the bit widths of the block are, and which one is next. */
  #widthsAt = 0;
  #miniblock = 0;
  #width = 0;
  #bit = 0;
  #miniblockLeft = 0;
  /** The last varint that was read, as two words. */
  #varLow = 0;
  #varHigh = 0;

  constructor(bits: 32 | 64) {
    this.#bits = bits;
  }

  /** Values left. */
  get left(): number {
    return this.#left;
  }

  /** Reads the header at `at`. */
  start(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#isFirst = true;
    this.#miniblockLeft = 0;
    // a page of nulls alone may have no bytes at all
    this.#left = 0;
    if (at >= end) return;
    const blockValues = this.#count();
    this.#miniblocks = this.#count();
    this.#left = this.#count();
    this.#perMiniblock = blockValues / this.#miniblocks;
    const isSound =
      blockValues > 0 &&
      blockValues <= MOST_BLOCK_VALUES &&
      this.#miniblocks > 0 &&
      this.#miniblocks <= MOST_MINIBLOCKS &&
      this.#perMiniblock % 8 === 0;
    if (!isSound) throw corruptPage('its blocks of differences have an impossible size');
    this.#zigzag();
    this.#low = this.#varLow;
    this.#high = this.#varHigh;
    this.#miniblock = this.#miniblocks;
  }

  /** `count` values into `low`, and their high words into `high` when the type has 64 bits. */
  read(low: Int32Array, high: Int32Array | null, from: number, count: number): void {
    if (count > this.#left) throw corruptPage('it has fewer values than it says');
    this.#left -= count;
    const to = from + count;
    if (this.#isFirst && from < to) {
      this.#isFirst = false;
      low[from] = this.#low;
      if (high !== null) high[from] = this.#high;
      from++;
    }
    while (from < to) {
      if (this.#miniblockLeft === 0) this.#nextMiniblock(to - from);
      const n = Math.min(this.#miniblockLeft, to - from);
      if (high === null) this.#sum32(low, from, from + n);
      else this.#sum64(low, high, from, from + n);
      this.#miniblockLeft -= n;
      from += n;
    }
  }

  /** Where the bytes end, whatever was read: the next part of the page begins there. */
  findEnd(): number {
    let left = this.#left - (this.#isFirst ? 1 : 0) - this.#miniblockLeft;
    // widths that the block still has
    while (left > 0) {
      if (this.#miniblock === this.#miniblocks) this.#startBlock();
      this.#at += (this.#takeWidth() * this.#perMiniblock) / 8;
      left -= this.#perMiniblock;
    }
    return this.#at;
  }

  #startBlock(): void {
    this.#zigzag();
    this.#minLow = this.#varLow;
    this.#minHigh = this.#varHigh;
    this.#widthsAt = this.#at;
    this.#at += this.#miniblocks;
    if (this.#at > this.#end) throw corruptPage('it ends in the middle of a block of differences');
    this.#miniblock = 0;
  }

  #takeWidth(): number {
    const width = this.#bytes[this.#widthsAt + this.#miniblock++]!;
    if (width > this.#bits) throw corruptPage(`differences of ${width} bits in a type of ${this.#bits}`);
    return width;
  }

  #nextMiniblock(wanted: number): void {
    if (this.#miniblock === this.#miniblocks) this.#startBlock();
    this.#width = this.#takeWidth();
    this.#bit = this.#at * 8;
    this.#miniblockLeft = this.#perMiniblock;
    const needed = Math.min(wanted + this.#left, this.#perMiniblock);
    if (this.#bit + needed * this.#width > this.#end * 8) {
      throw corruptPage('it ends in the middle of a block of differences');
    }
    this.#at += (this.#width * this.#perMiniblock) / 8;
  }

  #sum32(low: Int32Array, from: number, to: number): void {
    const width = this.#width;
    const min = this.#minLow;
    let value = this.#low;
    let bit = this.#bit;
    for (let i = from; i < to; i++, bit += width) {
      value = (value + min + bitsAt(this.#bytes, bit, width)) | 0;
      low[i] = value;
    }
    this.#low = value;
    this.#bit = bit;
  }

  #sum64(low: Int32Array, high: Int32Array, from: number, to: number): void {
    const width = this.#width;
    const wide = Math.max(0, width - 32);
    const narrow = Math.min(32, width);
    const minLow = this.#minLow >>> 0;
    const minHigh = this.#minHigh;
    let [l, h, bit] = [this.#low >>> 0, this.#high, this.#bit];
    for (let i = from; i < to; i++, bit += width) {
      const sum = l + minLow + (bitsAt(this.#bytes, bit, narrow) >>> 0);
      const more = wide === 0 ? 0 : bitsAt(this.#bytes, bit + 32, wide);
      h = (h + minHigh + more + Math.floor(sum / 4_294_967_296)) | 0;
      l = sum >>> 0;
      low[i] = l;
      high[i] = h;
    }
    this.#low = l | 0;
    this.#high = h;
    this.#bit = bit;
  }

  /** An unsigned number of up to 64 bits into `#varLow` and `#varHigh`. */
  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw corruptPage('it ends in the middle of a number');
      const byte = this.#bytes[this.#at++]!;
      const part = byte & 127;
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= part << 28;
        high |= part >>> 4;
      } else high |= part << (shift - 32);
      if (byte < 128) {
        this.#varLow = low;
        this.#varHigh = high;
        return;
      }
    }
    throw corruptPage('a number has too many bytes');
  }

  #count(): number {
    this.#varint();
    if (this.#varHigh !== 0 || this.#varLow < 0)
      throw corruptPage('it claims an impossible number of values');
    return this.#varLow;
  }

  #zigzag(): void {
    this.#varint();
    const sign = -(this.#varLow & 1);
    this.#varLow = ((this.#varLow >>> 1) | (this.#varHigh << 31)) ^ sign;
    this.#varHigh = (this.#varHigh >>> 1) ^ sign;
  }
}

/** `width` bits, at most 32, from bit `bit` on; least significant first. Bytes behind the end read as 0. */
function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  if (width === 0) return 0;
  const p = Math.floor(bit / 8);
  const shift = bit & 7;
  let value = (bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)) >>> shift;
  if (shift + width > 32) value |= bytes[p + 4]! << (32 - shift);
  return width === 32 ? value | 0 : value & (2 ** width - 1);
}
