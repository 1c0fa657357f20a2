/** Bytes that grow at their end. */
export class ByteSink {
  #bytes: Buffer;
  #view: DataView;
  length = 0;

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = viewOf(this.#bytes);
  }

  /** What is there; lives until more is added. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  #room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, needed));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }

  /** Bytes `from <= p < to` of `source`. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.#room(to - from);
    if (to - from < 32) for (let p = from, o = this.length; p < to; p++, o++) this.#bytes[o] = source[p]!;
    else this.#bytes.set(source.subarray(from, to), this.length);
    this.length += to - from;
  }

  /** The same bytes from the last to the first: the other byte order. */
  copyReversed(source: Uint8Array, from: number, to: number): void {
    this.#room(to - from);
    for (let p = to - 1; p >= from; p--) this.#bytes[this.length++] = source[p]!;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  varint(value: number): void {
    for (; value >= 128; value = Math.floor(value / 128)) this.byte((value % 128) | 128);
    this.byte(value);
  }

  /** 32 bits, low byte first. */
  word(value: number): void {
    this.#room(4);
    this.#view.setInt32(this.length, value, true);
    this.length += 4;
  }

  /** Replaces 32 bits written before. */
  wordAt(at: number, value: number): void {
    this.#view.setInt32(at, value, true);
  }

  /** A whole number of up to 53 bits as 64 bits, low byte first. */
  long(value: number): void {
    const high = Math.floor(value / 4294967296);
    this.word(value - high * 4294967296);
    this.word(high);
  }
}

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
