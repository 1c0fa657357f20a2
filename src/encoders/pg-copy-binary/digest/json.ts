// JSON by meaning, as jsonb has it: no order of members, the last of two of one name, numbers by value, escapes resolved.
// The server stores jsonb in its own normal form, so the bytes that were sent never come back.
import { hashBytes, lanes, Parts, roundX, roundY, scatter } from './mix.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const NUMBER_TAG = 0x6e;
const ESCAPED: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9 };
/** Objects up to this size are looked through pair by pair for names given twice. */
const FEW_MEMBERS = 24;

/** Reads one text. Made once and used for every value; not re-entrant. */
export class JsonHasher {
  #u8: Uint8Array = new Uint8Array(0);
  #dv: DataView = new DataView(new ArrayBuffer(0));
  #p = 0;
  /** Unescaped text and digits of numbers. */
  #scratch = Buffer.alloc(256);
  #scratchView = new DataView(this.#scratch.buffer, this.#scratch.byteOffset, this.#scratch.byteLength);
  /** Name and value, two words each, of the members of all objects that are open. */
  #members = new Int32Array(256);
  #top = 0;

  /** Text at `a <= p < e`, into `lanes`. It was JSON for the server, so what is none is not looked for. */
  hash(u8: Uint8Array, dv: DataView, a: number, e: number): void {
    this.#u8 = u8;
    this.#dv = dv;
    this.#p = a;
    this.#top = 0;
    this.#value(e);
  }

  #blanks(e: number): void {
    const u8 = this.#u8;
    while (this.#p < e && u8[this.#p]! <= 0x20) this.#p++;
  }

  #value(e: number): void {
    this.#blanks(e);
    const first = this.#u8[this.#p]!;
    if (first === OBJECT) this.#object(e);
    else if (first === ARRAY) this.#array(e);
    else if (first === QUOTE) {
      this.#string(e);
      this.#tag(QUOTE);
    } else if (first === 0x2d || (first >= 0x30 && first <= 0x39)) this.#number(e);
    else this.#word(e);
  }

  /** What kind the hash in `lanes` is of: "1" is not 1. */
  #tag(tag: number): void {
    const parts = new Parts(tag);
    parts.addLanes();
    parts.seal();
  }

  #array(e: number): void {
    const parts = new Parts(ARRAY);
    this.#p++;
    for (;;) {
      this.#blanks(e);
      const next = this.#u8[this.#p]!;
      if (next === COMMA) this.#p++;
      else if (next === ARRAY_END || this.#p >= e) break;
      else {
        this.#value(e);
        parts.addLanes();
      }
    }
    this.#p++;
    parts.seal();
  }

  #object(e: number): void {
    const base = this.#top;
    this.#p++;
    for (;;) {
      this.#blanks(e);
      const next = this.#u8[this.#p]!;
      if (next === COMMA || next === COLON) this.#p++;
      else if (next === OBJECT_END || this.#p >= e) break;
      else this.#member(e);
    }
    this.#p++;
    this.#sum(base);
    this.#top = base;
  }

  #member(e: number): void {
    this.#string(e);
    const [kx, ky] = [lanes[0]!, lanes[1]!];
    this.#blanks(e);
    // the colon
    this.#p++;
    this.#value(e);
    if (this.#members.length < this.#top + 4) {
      const more = new Int32Array(2 * this.#members.length);
      more.set(this.#members);
      this.#members = more;
    }
    this.#members[this.#top++] = kx;
    this.#members[this.#top++] = ky;
    this.#members[this.#top++] = lanes[0]!;
    this.#members[this.#top++] = lanes[1]!;
  }

  #sum(base: number): void {
    const m = this.#members;
    const last = this.#lastOnes(base);
    let [a, b, count] = [0, 0, 0];
    for (let k = base; k < this.#top; k += 4) {
      if (last === null ? this.#comesAgain(k) : last.get(`${m[k]},${m[k + 1]}`) !== k) continue;
      a += scatter(roundX(roundX(m[k]!, m[k + 2]!), m[k + 3]!));
      b += scatter(roundY(roundY(m[k + 1]!, m[k + 2]!), m[k + 3]!));
      count++;
    }
    const parts = new Parts(OBJECT);
    parts.add(count);
    parts.add(a | 0);
    parts.add(b | 0);
    parts.seal();
  }

  /** Where each name stands last; null for objects that are small enough to look at pairs. */
  #lastOnes(base: number): Map<string, number> | null {
    if (this.#top - base <= 4 * FEW_MEMBERS) return null;
    const m = this.#members;
    const last = new Map<string, number>();
    for (let k = base; k < this.#top; k += 4) last.set(`${m[k]},${m[k + 1]}`, k);
    return last;
  }

  #comesAgain(k: number): boolean {
    const m = this.#members;
    for (let l = k + 4; l < this.#top; l += 4) if (m[l] === m[k] && m[l + 1] === m[k + 1]) return true;
    return false;
  }

  /** Leaves the hash of its bytes, escapes resolved. */
  #string(e: number): void {
    const u8 = this.#u8;
    const a = this.#p + 1;
    let p = a;
    while (p < e && u8[p] !== QUOTE && u8[p] !== BACKSLASH) p++;
    if (u8[p] === QUOTE || p >= e) {
      hashBytes(u8, this.#dv, a, p);
      this.#p = p + 1;
      return;
    }
    let n = 0;
    for (p = a; p < e && u8[p] !== QUOTE; ) {
      this.#room(n + 4);
      if (u8[p] !== BACKSLASH) this.#scratch[n++] = u8[p++]!;
      else if (u8[p + 1] === 0x75) {
        const point = this.#codePoint(p + 2);
        n += this.#scratch.write(String.fromCodePoint(point), n);
        p += point > 0xffff ? 12 : 6;
      } else {
        this.#scratch[n++] = ESCAPED[u8[p + 1]!] ?? u8[p + 1]!;
        p += 2;
      }
    }
    this.#p = p + 1;
    hashBytes(this.#scratch, this.#scratchView, 0, n);
  }

  #unit(p: number): number {
    return Number.parseInt(Buffer.from(this.#u8.buffer, this.#u8.byteOffset + p, 4).toString('latin1'), 16);
  }

  /** Of `\uXXXX`, with its second half where it is a surrogate. */
  #codePoint(p: number): number {
    const high = this.#unit(p);
    if (high < 0xd800 || high > 0xdbff) return high;
    return 0x10000 + ((high - 0xd800) << 10) + (this.#unit(p + 6) - 0xdc00);
  }

  #room(bytes: number): void {
    if (this.#scratch.length >= bytes) return;
    const more = Buffer.alloc(2 * bytes);
    this.#scratch.copy(more);
    this.#scratch = more;
    this.#scratchView = new DataView(more.buffer, more.byteOffset, more.byteLength);
  }

  /** Sign, digits without zeros at either end, power of ten. */
  #number(e: number): void {
    const u8 = this.#u8;
    let p = this.#p;
    const negative = u8[p] === 0x2d;
    if (negative) p++;
    let [n, point, isFraction] = [0, 0, false];
    for (; p < e; p++) {
      const c = u8[p]!;
      if (c === 0x2e) isFraction = true;
      else if (c >= 0x30 && c <= 0x39) {
        if (isFraction) point--;
        if (n === 0 && c === 0x30) continue;
        this.#room(n + 1);
        this.#scratch[n++] = c;
      } else break;
    }
    let exponent = 0;
    if (u8[p] === 0x65 || u8[p] === 0x45) {
      const from = ++p;
      while (p < e && (u8[p] === 0x2b || u8[p] === 0x2d || (u8[p]! >= 0x30 && u8[p]! <= 0x39))) p++;
      exponent = Number(Buffer.from(u8.buffer, u8.byteOffset + from, p - from).toString('latin1'));
    }
    this.#p = p;
    let power = exponent + point;
    while (n > 0 && this.#scratch[n - 1] === 0x30) {
      n--;
      power++;
    }
    hashBytes(this.#scratch, this.#scratchView, 0, n);
    const parts = new Parts(NUMBER_TAG);
    parts.addLanes();
    parts.add(n > 0 && negative ? 1 : 0);
    parts.add(n > 0 ? power : 0);
    parts.seal();
  }

  /** true, false, null. */
  #word(e: number): void {
    const a = this.#p;
    const u8 = this.#u8;
    while (this.#p < e && u8[this.#p]! >= 0x61 && u8[this.#p]! <= 0x7a) this.#p++;
    if (this.#p === a) this.#p = e;
    hashBytes(u8, this.#dv, a, this.#p);
  }
}
