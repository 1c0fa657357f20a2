// Parquet's RLE / bit-packing hybrid: runs of one value, or groups of eight values of `bitWidth` bits each.
import { ParloadError } from '../../errors/index.ts';
import { copyBits, setBits } from './bits.ts';
import { groupReach, unpackGroups, WIDEST_GROUP_BITS } from './unpack.ts';

const corrupt = (why: string): ParloadError =>
  new ParloadError('PARQUET_CORRUPT', `a page cannot be decoded: ${why}`);

const NOTHING = new Uint8Array(0);

export class HybridReader {
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #at = 0;
  #end = 0;
  #bitWidth = 0;
  /** No value may be greater: what the values stand for ends there. */
  #most = 0;
  /** Values left of a run of equal ones. */
  #runLeft = 0;
  #runValue = 0;
  /** Values left of a bit-packed run, how many were taken, and where the run starts. */
  #packedLeft = 0;
  #packedTaken = 0;
  #packedAt = 0;

  /** Starts over on other bytes; readers are kept, because a page is small and there are many. */
  reset(bytes: Uint8Array, at: number, end: number, bitWidth: number, most: number): void {
    if (bitWidth > 32) throw corrupt(`values of ${bitWidth} bits`);
    if (this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#at = at;
    this.#end = end;
    this.#bitWidth = bitWidth;
    this.#most = most;
    this.#runLeft = 0;
    this.#packedLeft = 0;
  }

  /** Throws PARQUET_CORRUPT when values are missing or too great. */
  read(out: Int32Array, from: number, count: number): void {
    const to = from + count;
    while (from < to) {
      if (this.#runLeft > 0) {
        const n = Math.min(this.#runLeft, to - from);
        out.fill(this.#runValue, from, from + n);
        this.#runLeft -= n;
        from += n;
      } else if (this.#packedLeft > 0) {
        const n = Math.min(this.#packedLeft, to - from);
        this.#unpack(out, from, n);
        from += n;
      } else {
        this.#nextRun();
      }
    }
  }

  /** Values of one bit into the bits `from <= i < from + count` of `out`, which are 0 before. Returns how many are 1. */
  readBits(out: Uint8Array, from: number, count: number): number {
    const to = from + count;
    let ones = 0;
    while (from < to) {
      const n = Math.min(this.#runLeft > 0 ? this.#runLeft : this.#packedLeft, to - from);
      if (n === 0) {
        this.#nextRun();
      } else if (this.#runLeft > 0) {
        if (this.#runValue === 1) setBits(out, from, n);
        ones += this.#runValue * n;
        this.#runLeft -= n;
      } else {
        ones += copyBits(out, from, this.#bytes, this.#packedAt * 8 + this.#packedTaken, n);
        this.#packedTaken += n;
        this.#packedLeft -= n;
      }
      from += n;
    }
    return ones;
  }

  skip(count: number): void {
    while (count > 0) {
      if (this.#runLeft > 0) {
        const n = Math.min(this.#runLeft, count);
        this.#runLeft -= n;
        count -= n;
      } else if (this.#packedLeft > 0) {
        const n = Math.min(this.#packedLeft, count);
        this.#packedTaken += n;
        this.#packedLeft -= n;
        count -= n;
      } else {
        this.#nextRun();
      }
    }
  }

  #nextRun(): void {
    let header = 0;
    let factor = 1;
    for (;;) {
      if (this.#at >= this.#end || factor > 2 ** 35) throw corrupt('it has fewer values than it says');
      const b = this.#bytes[this.#at++]!;
      header += (b & 127) * factor;
      if (b < 128) break;
      factor *= 128;
    }
    if (header % 2 === 1) this.#startPacked((header - 1) / 2);
    else this.#startRun(header / 2);
  }

  #startRun(count: number): void {
    const width = (this.#bitWidth + 7) >> 3;
    if (this.#at + width > this.#end) throw corrupt('a run has no value');
    let value = 0;
    for (let k = 0; k < width; k++) value |= this.#bytes[this.#at + k]! << (8 * k);
    if (count > 0) this.#check(value >>> 0);
    this.#at += width;
    this.#runLeft = count;
    this.#runValue = value;
  }

  #startPacked(groups: number): void {
    const byteLength = groups * this.#bitWidth;
    this.#packedLeft = groups * 8;
    this.#packedTaken = 0;
    this.#packedAt = this.#at;
    if (this.#at + byteLength > this.#end) {
      // some writers cut the padding of the last group off
      const bits = (this.#end - this.#at) * 8;
      this.#packedLeft = this.#bitWidth === 0 ? this.#packedLeft : Math.floor(bits / this.#bitWidth);
      if (this.#packedLeft <= 0) throw corrupt('a run of packed values is cut off');
    }
    this.#at = Math.min(this.#end, this.#at + byteLength);
  }

  /** Whole groups at once; what is before and behind them one by one. */
  #unpack(out: Int32Array, from: number, count: number): void {
    const width = this.#bitWidth;
    let taken = this.#packedTaken;
    const end = taken + count;
    this.#packedTaken = end;
    this.#packedLeft -= count;
    if (width === 0) {
      this.#check(0);
      out.fill(0, from, from + count);
      return;
    }
    if (width <= WIDEST_GROUP_BITS && count >= 8) {
      while ((taken & 7) !== 0) out[from++] = this.#valueAt(taken++);
      const p = this.#packedAt + (taken >>> 3) * width;
      const readable = Math.floor((this.#bytes.length - p - groupReach(width)) / width) + 1;
      const values = 8 * Math.max(0, Math.min((end - taken) >>> 3, readable));
      const bad = unpackGroups(this.#view, p, width, out, from, from + values, this.#most);
      if (bad < 0) this.#check(Number.POSITIVE_INFINITY);
      taken += values;
      from += values;
    }
    while (taken < end) out[from++] = this.#valueAt(taken++);
  }

  /** Value `index` of the packed run. */
  #valueAt(index: number): number {
    const width = this.#bitWidth;
    const bit = (index % 8) * width;
    let at = this.#packedAt + Math.floor(index / 8) * width + (bit >> 3);
    let value = 0;
    // bytes behind the end read as 0: they are padding that was cut off
    for (let k = -(bit & 7); k < width; k += 8, at++) {
      const byte = at < this.#bytes.length ? this.#bytes[at]! : 0;
      value += k < 0 ? byte >> -k : byte * 2 ** k;
    }
    value %= 2 ** width;
    this.#check(value);
    return value | 0;
  }

  #check(value: number): void {
    if (value > this.#most) throw corrupt('it refers to an entry that is not there');
  }
}
