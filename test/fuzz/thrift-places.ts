// Where a struct in thrift's compact protocol has its numbers, so that one can be changed and the rest stays readable.
// A walker of its own: the project's reader is what is tested.

export interface NumberPlace {
  readonly at: number;
  readonly bytes: number;
  readonly value: bigint;
}

const T = {
  stop: 0,
  yes: 1,
  no: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
};
const MOST_DEPTH = 32;

class Walker {
  readonly #bytes: Uint8Array;
  readonly places: NumberPlace[] = [];
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Error('past the end');
    return byte;
  }

  #varint(): bigint {
    const start = this.at;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    this.places.push({ at: start, bytes: this.at - start, value });
    return value;
  }

  struct(depth = 0): void {
    if (depth > MOST_DEPTH) throw new Error('too deep');
    for (;;) {
      const head = this.#byte();
      if (head === T.stop) return;
      if (head >> 4 === 0) this.#varint();
      this.#value(head & 15, depth, true);
    }
  }

  #value(type: number, depth: number, isField: boolean): void {
    if (type === T.yes || type === T.no) {
      if (!isField) this.at += 1;
    } else if (type === T.byte) this.at += 1;
    else if (type === T.i16 || type === T.i32 || type === T.i64) this.#varint();
    else if (type === T.double) this.at += 8;
    else if (type === T.binary) this.at += Number(this.#varint());
    else if (type === T.struct) this.struct(depth + 1);
    else if (type === T.list || type === T.set) this.#list(depth);
    else throw new Error(`type ${type}`);
  }

  #list(depth: number): void {
    const head = this.#byte();
    const count = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    for (let i = 0; i < count; i++) this.#value(head & 15, depth + 1, false);
  }
}

/** Of the struct that begins at `start`: values, lengths of texts, sizes of long lists. */
export function numbersOf(bytes: Uint8Array, start: number): NumberPlace[] {
  const walker = new Walker(bytes, start);
  try {
    walker.struct();
  } catch {
    // What was found until then will do.
  }
  return walker.places;
}
