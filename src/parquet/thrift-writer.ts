/** Builds thrift bytes; small, for footers and headers of our own. */
export class ThriftWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  varint(value: number): this {
    while (value >= 128) {
      this.byte((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    return this.byte(value);
  }

  /** A signed integer of any width, as zigzag. */
  int(value: number): this {
    return this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Head of a field; `last` is the id of the field before it, 0 at first. The value follows. */
  field(id: number, type: number, last: number): this {
    const delta = id - last;
    if (delta > 0 && delta <= 15) return this.byte((delta << 4) | type);
    return this.byte(type).int(id);
  }

  list(type: number, count: number): this {
    if (count < 15) return this.byte((count << 4) | type);
    return this.byte(0xf0 | type).varint(count);
  }

  binary(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  stop(): this {
    return this.byte(0);
  }
}
