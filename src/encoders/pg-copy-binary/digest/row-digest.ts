// Order-free checksums over rows of binary COPY, whoever wrote them: our encoder, or the server.
import type { RowDigest } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';
import { valueHashOf } from './forms.ts';
import { hashBytes, lanes, scatter } from './mix.ts';

/** Two words for NULL in any column; a value cannot be told to avoid them, but 64 bits do. */
const NULL_X = 0x4e554c4c;
const NULL_Y = 0x6e756c6c;
/** Column seeds: odd multiples of the golden ratio, so that no two columns of a row are hashed alike. */
const SEED_X = 0x9e3779b9;
const SEED_Y = 0x85ebca77;

/** Adds rows up. One a slice; the sums of several are added by `addDigests`. */
export class RowDigester {
  readonly #hashes;
  readonly #count: number;
  /** The cells of the row at hand. */
  readonly #x: Int32Array;
  readonly #y: Int32Array;
  readonly #isNull: Uint8Array;
  readonly #sumX: Int32Array;
  readonly #sumY: Int32Array;
  readonly #withoutX: Int32Array;
  readonly #withoutY: Int32Array;
  readonly #nulls: Float64Array;
  #wholeX = 0;
  #wholeY = 0;
  #rows = 0;
  #ended = false;

  /** Columns that have no hash of their own count as NULL or not NULL. */
  constructor(types: readonly PgType[]) {
    const n = types.length;
    this.#hashes = types.map(valueHashOf);
    this.#count = n;
    this.#x = new Int32Array(n);
    this.#y = new Int32Array(n);
    this.#isNull = new Uint8Array(n);
    this.#sumX = new Int32Array(n);
    this.#sumY = new Int32Array(n);
    this.#withoutX = new Int32Array(n);
    this.#withoutY = new Int32Array(n);
    this.#nulls = new Float64Array(n);
  }

  get rows(): number {
    return this.#rows;
  }

  /** The trailer was seen: nothing may follow. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whole rows in bytes `from <= p < to`; returns where the first one that is not whole begins. */
  add(u8: Uint8Array, dv: DataView, from: number, to: number): number {
    let o = from;
    while (to - o >= 2) {
      const fields = dv.getInt16(o);
      if (fields === -1) {
        this.#ended = true;
        return o + 2;
      }
      if (fields !== this.#count) throw new Error(`a row of ${fields} fields where ${this.#count} are`);
      const end = this.#readRow(u8, dv, o + 2, to);
      if (end === -1) return o;
      this.#addRow();
      o = end;
    }
    return o;
  }

  /** The cells of one row; returns its end, -1 when it is not whole. */
  #readRow(u8: Uint8Array, dv: DataView, p: number, to: number): number {
    const hashes = this.#hashes;
    const [xs, ys, isNull] = [this.#x, this.#y, this.#isNull];
    const n = this.#count;
    for (let j = 0; j < n; j++) {
      if (p + 4 > to) return -1;
      const length = dv.getInt32(p);
      p += 4;
      let x = NULL_X;
      let y = NULL_Y;
      if (length >= 0) {
        const end = p + length;
        if (end > to) return -1;
        const hash = hashes[j]!;
        if (hash === hashBytes) hashBytes(u8, dv, p, end);
        else if (hash === null) lanes.fill(1);
        else hash(u8, dv, p, end);
        x = lanes[0]!;
        y = lanes[1]!;
        p = end;
      }
      isNull[j] = length < 0 ? 1 : 0;
      x = scatter(x + Math.imul(j + 1, SEED_X));
      xs[j] = x;
      ys[j] = scatter(y ^ x ^ Math.imul(j + 1, SEED_Y));
    }
    return p;
  }

  #addRow(): void {
    const [xs, ys, isNull] = [this.#x, this.#y, this.#isNull];
    const [sumX, sumY, nulls] = [this.#sumX, this.#sumY, this.#nulls];
    const [withoutX, withoutY] = [this.#withoutX, this.#withoutY];
    const n = this.#count;
    let rowX = 0;
    let rowY = 0;
    for (let j = 0; j < n; j++) {
      const [x, y] = [xs[j]!, ys[j]!];
      sumX[j]! += x;
      sumY[j]! += y;
      if (isNull[j] === 1) nulls[j]! += 1;
      rowX = (rowX + x) | 0;
      rowY = (rowY + y) | 0;
    }
    for (let j = 0; j < n; j++) {
      const restX = scatter((rowX - xs[j]!) | 0);
      withoutX[j]! += restX;
      withoutY[j]! += scatter(((rowY - ys[j]!) ^ restX) | 0);
    }
    const x = scatter(rowX);
    this.#wholeX = (this.#wholeX + x) | 0;
    this.#wholeY = (this.#wholeY + scatter(rowY ^ x)) | 0;
    this.#rows++;
  }

  digest(): RowDigest {
    const pairs = (a: Int32Array, b: Int32Array): number[] => Array.from(a).flatMap((x, j) => [x, b[j]!]);
    return {
      rows: this.#rows,
      nulls: Array.from(this.#nulls),
      columns: pairs(this.#sumX, this.#sumY),
      whole: [this.#wholeX, this.#wholeY],
      without: pairs(this.#withoutX, this.#withoutY),
    };
  }
}
