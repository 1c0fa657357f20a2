// Thrift's compact protocol, as far as Parquet uses it: a cursor that never reads outside of its bytes.
// Every count is checked against the bytes that are left, so hostile input cannot make anything large.
import { ParloadError } from '../errors/index.ts';
import { SKIP_FAILURES, skipElements, skipValue, T } from './thrift-skip.ts';

export { T } from './thrift-skip.ts';
export { ThriftWriter } from './thrift-writer.ts';

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
    this.#skipTo(skipValue(this.bytes, this.at, this.#end, this.type, 0));
  }

  /** Steps over `count` elements of a list; their type is in `type`. */
  skipElements(count: number): void {
    this.#skipTo(skipElements(this.bytes, this.at, this.#end, this.type, count, 0));
  }

  #skipTo(at: number): void {
    if (at >= 0) this.at = at;
    else this.fail(SKIP_FAILURES[at]!);
  }
}
