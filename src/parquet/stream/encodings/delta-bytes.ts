// DELTA_LENGTH_BYTE_ARRAY: all lengths as differences, then all bytes. DELTA_BYTE_ARRAY: how many bytes each value takes
// over from the one before it, and what it has beyond them in that encoding. A short page can become very long this way,
// so lengths are looked at before anything is made.
import { corruptPage } from '../values.ts';
import { DeltaInts } from './delta-ints.ts';
import { Output, type ValueDecoder } from './value-decoder.ts';

/** Lengths that are known ahead. */
const AHEAD = 1024;
/** Bytes of a length in front of a PLAIN value. */
const LENGTH_BYTES = 4;

export interface DeltaBytesOptions {
  /** Values begin with a part of the one before: DELTA_BYTE_ARRAY. */
  readonly hasPrefixes: boolean;
  /** Of FIXED_LEN_BYTE_ARRAY, whose PLAIN values have no length in front; null for BYTE_ARRAY. */
  readonly width: number | null;
}

export class DeltaBytes implements ValueDecoder {
  readonly #options: DeltaBytesOptions;
  readonly #prefixInts = new DeltaInts(32);
  readonly #suffixInts = new DeltaInts(32);
  readonly #prefixes = new Int32Array(AHEAD);
  readonly #suffixes = new Int32Array(AHEAD);
  #known = 0;
  #used = 0;
  readonly #out = new Output();
  /** The value before, in memory of its own. */
  readonly #last = new Output();
  #lastLength = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  constructor(options: DeltaBytesOptions) {
    this.#options = options;
  }

  start(bytes: Uint8Array, at: number, end: number): void {
    const suffixesAt = this.#options.hasPrefixes ? endOf(this.#prefixInts, bytes, at, end) : at;
    this.#at = endOf(this.#suffixInts, bytes, suffixesAt, end);
    if (this.#at > end) throw corruptPage('it ends in the middle of its lengths');
    if (this.#options.hasPrefixes) this.#prefixInts.start(bytes, at, end);
    this.#suffixInts.start(bytes, suffixesAt, end);
    this.#bytes = bytes;
    this.#end = end;
    this.#known = 0;
    this.#used = 0;
    this.#lastLength = 0;
  }

  #lookAhead(): void {
    if (this.#used < this.#known) return;
    const count = Math.min(AHEAD, this.#suffixInts.left);
    if (count === 0) throw corruptPage('it has fewer values than it says');
    this.#suffixInts.read(this.#suffixes, null, 0, count);
    if (this.#options.hasPrefixes) this.#prefixInts.read(this.#prefixes, null, 0, count);
    for (let i = 0; i < count; i++) {
      if (this.#suffixes[i]! < 0 || this.#prefixes[i]! < 0) throw corruptPage('a length is negative');
    }
    this.#known = count;
    this.#used = 0;
  }

  most(bytes: number): number {
    if (this.#suffixInts.left === 0 && this.#used === this.#known) return Number.POSITIVE_INFINITY;
    this.#lookAhead();
    let size = 0;
    for (let i = this.#used; i < this.#known; i++) {
      size += LENGTH_BYTES + this.#prefixes[i]! + this.#suffixes[i]!;
      if (size > bytes) return Math.max(1, i - this.#used);
    }
    return this.#known - this.#used;
  }

  get out(): Uint8Array {
    return this.#out.bytes;
  }

  next(count: number): number {
    let size = 0;
    for (let left = count; left > 0; ) {
      this.#lookAhead();
      const n = Math.min(left, this.#known - this.#used);
      size = this.#append(n, size);
      left -= n;
    }
    return size;
  }

  /** The next `count` of the known lengths, behind `size` bytes of the output; returns its size then. */
  #append(count: number, size: number): number {
    const { hasPrefixes } = this.#options;
    for (let i = this.#used; i < this.#used + count; i++) {
      const prefix = this.#prefixes[i]!;
      const suffix = this.#suffixes[i]!;
      if (suffix > this.#end - this.#at) throw corruptPage('a value is longer than the page');
      if (prefix > this.#lastLength) throw corruptPage('a value takes over more than there is');
      size = this.#write(prefix, suffix, size);
      if (hasPrefixes) this.#keep(prefix, suffix);
      this.#at += suffix;
    }
    this.#used += count;
    return size;
  }

  #write(prefix: number, suffix: number, size: number): number {
    const length = prefix + suffix;
    const { width } = this.#options;
    if (width !== null && length !== width)
      throw corruptPage(`a value of ${length} bytes instead of ${width}`);
    const head = width === null ? LENGTH_BYTES : 0;
    const out = this.#out.space(size + head + length, size);
    if (head > 0) {
      out[size] = length & 255;
      out[size + 1] = (length >> 8) & 255;
      out[size + 2] = (length >> 16) & 255;
      out[size + 3] = (length >> 24) & 255;
    }
    if (prefix > 0) out.set(this.#last.bytes.subarray(0, prefix), size + head);
    out.set(this.#bytes.subarray(this.#at, this.#at + suffix), size + head + prefix);
    return size + head + length;
  }

  #keep(prefix: number, suffix: number): void {
    this.#lastLength = prefix + suffix;
    const last = this.#last.space(this.#lastLength, prefix);
    last.set(this.#bytes.subarray(this.#at, this.#at + suffix), prefix);
  }

  /** Values build on one another, so passing over them is reading them. */
  skip(count: number): void {
    for (let left = count; left > 0; ) {
      this.#lookAhead();
      const n = Math.min(left, this.#known - this.#used, this.most(SKIPPED_BYTES));
      this.#append(n, 0);
      left -= n;
    }
  }
}

const SKIPPED_BYTES = 1 << 20;

/** Where a run of differences ends that begins at `at`. */
function endOf(ints: DeltaInts, bytes: Uint8Array, at: number, end: number): number {
  ints.start(bytes, at, end);
  return ints.findEnd();
}
