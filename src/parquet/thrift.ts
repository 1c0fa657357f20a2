// Thrift's compact protocol, as far as Parquet uses it: a cursor that never reads outside of its bytes, and a writer.
// Every count is checked against the bytes that are left, so hostile input cannot make anything large.
import { ParloadError } from '../errors/index.ts';

/** Wire types of the compact protocol. */
export const T = {
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

/** Structs and containers within one another; Parquet itself needs about six. */
const MAX_DEPTH = 64;

const text = new TextDecoder();

/** `field()` returns this at the end of a struct. */
export const STOP = -1;

export class ThriftReader {
  readonly bytes: Uint8Array;
  /** Next byte to read. */
  at: number;
  /** Wire type of the field that `field()` found last. */
  type = 0;
  readonly #end: number;
  /** What is being read, for messages. */
  readonly #what: string;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length, what = 'footer') {
    this.bytes = bytes;
    this.at = at;
    this.#end = end;
    this.#what = what;
  }

  fail(why: string): never {
    throw new ParloadError(
      'PARQUET_CORRUPT',
      `the ${this.#what} cannot be decoded: ${why} at byte ${this.at}`,
    );
  }

  #byte(): number {
    if (this.at >= this.#end) this.fail('it ends in the middle of a value');
    return this.bytes[this.at++]!;
  }

  /** Unsigned, up to 2^53 - 1; more is refused. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const b = this.#byte();
      value += (b & 127) * factor;
      if (b < 128) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail('a number is out of range');
        return value;
      }
      factor *= 128;
    }
    return this.fail('a number has too many bytes');
  }

  #skipVarint(): void {
    for (let i = 0; i < 10; i++) if (this.#byte() < 128) return;
    this.fail('a number has too many bytes');
  }

  #advance(count: number): void {
    if (count > this.#end - this.at) this.fail('it ends in the middle of a value');
    this.at += count;
  }

  /** The id of the next field of a struct, or STOP; its type is in `type`. `last`: the id before it, 0 at first. */
  field(last: number): number {
    const head = this.#byte();
    if (head === 0) return STOP;
    this.type = head & 15;
    const delta = head >> 4;
    const id = delta === 0 ? this.#zigzag() : last + delta;
    if (id <= 0 || id > 32_767) this.fail('a field has an impossible number');
    return id;
  }

  #zigzag(): number {
    const raw = this.#varint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  #expect(ok: boolean): void {
    if (!ok) this.fail(`a field has the unexpected type ${this.type}`);
  }

  /** i8 to i64, within the safe integers. */
  int(): number {
    if (this.type === T.i8) return (this.#byte() << 24) >> 24;
    this.#expect(this.type >= T.i16 && this.type <= T.i64);
    return this.#zigzag();
  }

  bool(): boolean {
    this.#expect(this.type === T.true || this.type === T.false);
    return this.type === T.true;
  }

  /** A view, not a copy. */
  binary(): Uint8Array {
    this.#expect(this.type === T.binary);
    const length = this.#varint();
    const start = this.at;
    this.#advance(length);
    return this.bytes.subarray(start, this.at);
  }

  string(): string {
    return text.decode(this.binary());
  }

  /** Announces that a struct follows; then call `field(0)` until STOP. */
  struct(): void {
    this.#expect(this.type === T.struct);
  }

  /** Number of elements; `type` is then the elements' type. */
  list(): number {
    this.#expect(this.type === T.list || this.type === T.set);
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    // every element takes at least one byte
    if (count > this.#end - this.at) this.fail(`a list claims ${count} elements`);
    this.type = head & 15;
    return count;
  }

  listOf(type: number): number {
    const count = this.list();
    if (count > 0 && this.type !== type) this.fail(`a list has elements of the unexpected type ${this.type}`);
    this.type = type;
    return count;
  }

  /** Steps over the value of the field that `field()` found. */
  skip(): void {
    this.#skip(this.type, 0, false);
  }

  #skip(type: number, depth: number, element: boolean): void {
    if (depth > MAX_DEPTH) this.fail('values are nested too deeply');
    // a field holds its boolean in its type, an element of a list takes a byte
    if (type === T.i8 || ((type === T.true || type === T.false) && element)) this.#byte();
    else if (type === T.true || type === T.false) return;
    else if (type >= T.i16 && type <= T.i64) this.#skipVarint();
    else if (type === T.double) this.#advance(8);
    else if (type === T.binary) this.#advance(this.#varint());
    else if (type === T.list || type === T.set) this.#skipList(type, depth);
    else if (type === T.struct) this.#skipStruct(depth);
    else if (type === T.map) this.#skipMap(depth);
    else if (type === T.uuid) this.#advance(16);
    else this.fail(`a field has the unknown type ${type}`);
  }

  #skipStruct(depth: number): void {
    for (;;) {
      const head = this.#byte();
      if (head === 0) return;
      if (head >> 4 === 0) this.#skipVarint();
      this.#skip(head & 15, depth + 1, false);
    }
  }

  #skipList(type: number, depth: number): void {
    this.type = type;
    const count = this.list();
    const element = this.type;
    for (let i = 0; i < count; i++) this.#skip(element, depth + 1, true);
  }

  #skipMap(depth: number): void {
    const count = this.#varint();
    if (count === 0) return;
    if (count > this.#end - this.at) this.fail(`a map claims ${count} entries`);
    const types = this.#byte();
    for (let i = 0; i < count; i++) {
      this.#skip(types >> 4, depth + 1, true);
      this.#skip(types & 15, depth + 1, true);
    }
  }
}

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
