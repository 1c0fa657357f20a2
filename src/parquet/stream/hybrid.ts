// Parquet's RLE / bit-packing hybrid: runs of one value, or groups of eight values of `bitWidth` bits each.
import { ParloadError } from '../../errors/index.ts';

const corrupt = (why: string): ParloadError =>
  new ParloadError('PARQUET_CORRUPT', `a page cannot be decoded: ${why}`);

export class HybridReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #bitWidth = 0;
  /** Values left of a run of equal ones. */
  #runLeft = 0;
  #runValue = 0;
  /** Values left of a bit-packed run, and the bit where the next one starts. */
  #packedLeft = 0;
  #packedBit = 0;

  /** Starts over on other bytes; readers are kept, because a page is small and there are many. */
  reset(bytes: Uint8Array, at: number, end: number, bitWidth: number): void {
    if (bitWidth > 32) throw corrupt(`values of ${bitWidth} bits`);
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#bitWidth = bitWidth;
    this.#runLeft = 0;
    this.#packedLeft = 0;
  }

  /** The value of all of the next `count`, when they are one run; otherwise -1. Nothing is read. */
  peekRun(count: number): number {
    if (this.#runLeft === 0 && this.#packedLeft === 0) this.#nextRun();
    return this.#runLeft >= count ? this.#runValue : -1;
  }

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

  skip(count: number): void {
    while (count > 0) {
      if (this.#runLeft > 0) {
        const n = Math.min(this.#runLeft, count);
        this.#runLeft -= n;
        count -= n;
      } else if (this.#packedLeft > 0) {
        const n = Math.min(this.#packedLeft, count);
        this.#packedBit += n * this.#bitWidth;
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
    this.#at += width;
    this.#runLeft = count;
    this.#runValue = value;
  }

  #startPacked(groups: number): void {
    const byteLength = groups * this.#bitWidth;
    this.#packedLeft = groups * 8;
    this.#packedBit = this.#at * 8;
    if (this.#at + byteLength > this.#end) {
      // some writers cut the padding of the last group off
      const bits = (this.#end - this.#at) * 8;
      this.#packedLeft = this.#bitWidth === 0 ? this.#packedLeft : Math.floor(bits / this.#bitWidth);
      if (this.#packedLeft <= 0) throw corrupt('a run of packed values is cut off');
    }
    this.#at = Math.min(this.#end, this.#at + byteLength);
  }

  #unpack(out: Int32Array, from: number, count: number): void {
    const width = this.#bitWidth;
    const bytes = this.#bytes;
    let bit = this.#packedBit;
    const to = from + count;
    if (width === 0) {
      out.fill(0, from, to);
    } else if (width === 8 && (bit & 7) === 0) {
      for (let p = bit >> 3; from < to; from++) out[from] = bytes[p++]!;
    } else if (width <= 24) {
      const mask = (1 << width) - 1;
      // four bytes hold up to 24 bits from any bit on; past the end they read as 0
      for (; from < to; from++, bit += width) {
        const p = bit >>> 3;
        const word = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
        out[from] = (word >>> (bit & 7)) & mask;
      }
    } else {
      for (; from < to; from++, bit += width) out[from] = wideValue(bytes, bit, width);
    }
    this.#packedBit += count * width;
    this.#packedLeft -= count;
  }
}

/** Values of 25 to 32 bits: dictionaries of over 16 million entries. */
function wideValue(bytes: Uint8Array, bit: number, width: number): number {
  let value = 0;
  for (let k = 0; k < width; k++) {
    const at = bit + k;
    if (((bytes[at >>> 3]! >> (at & 7)) & 1) === 1) value += 2 ** k;
  }
  return value | 0;
}
