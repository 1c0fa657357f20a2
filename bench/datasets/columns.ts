// Arrow columns of one batch, filled without an object a value.
import {
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';

const LITTLE_WORDS = 2;
const DECIMAL_WORDS = 4;

/** A column of `rows` values. Setters take the row; what is not set is 0, or an empty text. */
export abstract class Column {
  readonly field: Field;
  protected readonly rows: number;
  #validity: Uint8Array | null = null;
  #nulls = 0;

  constructor(name: string, type: DataType, rows: number, nullable: boolean) {
    this.field = new Field(name, type, nullable);
    this.rows = rows;
  }

  setNull(row: number): void {
    this.#validity ??= new Uint8Array((this.rows + 7) >> 3).fill(255);
    this.#validity[row >> 3]! &= ~(1 << (row & 7));
    this.#nulls++;
  }

  protected nulls(): { nullCount: number; nullBitmap?: Uint8Array } {
    return this.#validity === null
      ? { nullCount: 0 }
      : { nullCount: this.#nulls, nullBitmap: this.#validity };
  }

  abstract data(): Data;
}

export class Int32Column extends Column {
  readonly values: Int32Array;
  constructor(name: string, rows: number, nullable = true, type: DataType = new Int32()) {
    super(name, type, rows, nullable);
    this.values = new Int32Array(rows);
  }
  set(row: number, value: number): void {
    this.values[row] = value;
  }
  data(): Data {
    return makeData({
      type: this.field.type as Int32,
      length: this.rows,
      ...this.nulls(),
      data: this.values,
    });
  }
}

/** Days since 1970. */
export const dateColumn = (name: string, rows: number): Int32Column =>
  new Int32Column(name, rows, true, new DateDay());

export class Float64Column extends Column {
  readonly values: Float64Array;
  constructor(name: string, rows: number, nullable = true) {
    super(name, new Float64(), rows, nullable);
    this.values = new Float64Array(rows);
  }
  set(row: number, value: number): void {
    this.values[row] = value;
  }
  data(): Data {
    return makeData({
      type: this.field.type as Float64,
      length: this.rows,
      ...this.nulls(),
      data: this.values,
    });
  }
}

/** 64-bit integers and timestamps from whole numbers below 2^53: two words, because a bigint a value is slow. */
export class Int64Column extends Column {
  readonly words: Int32Array;
  constructor(name: string, rows: number, nullable = true, type: DataType = new Int64()) {
    super(name, type, rows, nullable);
    this.words = new Int32Array(rows * LITTLE_WORDS);
  }
  set(row: number, value: number): void {
    this.words[LITTLE_WORDS * row] = value | 0;
    this.words[LITTLE_WORDS * row + 1] = Math.floor(value / 0x1_0000_0000);
  }
  data(): Data {
    const data = new BigInt64Array(this.words.buffer);
    return makeData({ type: this.field.type as Int64, length: this.rows, ...this.nulls(), data });
  }
}

/** Microseconds since 1970, without time zone. */
export const timestampColumn = (name: string, rows: number): Int64Column =>
  new Int64Column(name, rows, true, new TimestampMicrosecond());

/** decimal128; `set` takes the unscaled value, below 2^53 and not negative. */
export class DecimalColumn extends Column {
  readonly words: Uint32Array;
  constructor(name: string, rows: number, precision: number, scale: number) {
    super(name, new Decimal(scale, precision, 128), rows, true);
    this.words = new Uint32Array(rows * DECIMAL_WORDS);
  }
  set(row: number, unscaled: number): void {
    this.words[DECIMAL_WORDS * row] = unscaled >>> 0;
    this.words[DECIMAL_WORDS * row + 1] = Math.floor(unscaled / 0x1_0000_0000);
  }
  data(): Data {
    const type = this.field.type as Decimal;
    return makeData({ type, length: this.rows, ...this.nulls(), data: this.words });
  }
}

/** Rows in order; `set` appends. ASCII only. */
export class TextColumn extends Column {
  readonly #offsets: Int32Array;
  #bytes: Buffer;
  #end = 0;
  #next = 0;
  constructor(name: string, rows: number, bytesEach = 16) {
    super(name, new Utf8(), rows, true);
    this.#offsets = new Int32Array(rows + 1);
    this.#bytes = Buffer.alloc(rows * bytesEach + 64);
  }
  set(row: number, text: string): void {
    this.#room(text.length);
    this.#skipTo(row);
    this.#end += this.#bytes.write(text, this.#end, 'latin1');
    this.#offsets[++this.#next] = this.#end;
  }
  setBytes(row: number, bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#skipTo(row);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#offsets[++this.#next] = this.#end;
  }
  #skipTo(row: number): void {
    while (this.#next < row) this.#offsets[++this.#next] = this.#end;
  }
  #room(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const grown = Buffer.alloc(2 * (this.#end + bytes));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
  data(): Data {
    this.#skipTo(this.rows);
    return makeData({
      type: this.field.type as Utf8,
      length: this.rows,
      ...this.nulls(),
      valueOffsets: this.#offsets,
      data: this.#bytes.subarray(0, this.#end),
    });
  }
}
