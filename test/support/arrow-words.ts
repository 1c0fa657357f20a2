// The cells of Arrow columns as words, one a row: the same that scripts/golden/corpora.py makes of pyarrow's.
import type { ArrowColumn, ArrowField, ArrowType } from '../../src/model/index.ts';

const isValid = (column: ArrowColumn, i: number): boolean => {
  if (column.type.id === 'null') return false;
  const at = column.offset + i;
  return column.validity === null || ((column.validity[at >> 3]! >> (at & 7)) & 1) === 1;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** As Python's json.dumps with ensure_ascii. */
export const jsonWord = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Bytes that are no UTF-8 as lone surrogates, as Python's surrogateescape has them. */
function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  let out = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [4, 3, 2, 1].find((n) => {
      const part = Buffer.from(bytes.subarray(at, at + n));
      const word = part.toString('utf8');
      return part.length === n && [...word].length === 1 && Buffer.from(word, 'utf8').equals(part);
    });
    if (length === undefined) out += String.fromCharCode(0xdc00 + bytes[at]!);
    else out += Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
    at += length ?? 1;
  }
  return out;
}

const PER_UNIT = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n } as const;
const JULIAN_EPOCH = 2_440_588n;
const DAY_NS = 86_400_000_000_000n;

class Values {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(column: ArrowColumn) {
    this.#bytes = column.data ?? new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  }

  bit = (i: number): boolean => ((this.#bytes[i >> 3]! >> (i & 7)) & 1) === 1;
  slice = (start: number, end: number): Uint8Array => this.#bytes.subarray(start, end);

  /** Two's complement or unsigned, little-endian, of any width. */
  int(i: number, bits: number, signed: boolean): bigint {
    const width = bits / 8;
    let value = 0n;
    for (let k = width - 1; k >= 0; k--) value = (value << 8n) | BigInt(this.#view.getUint8(i * width + k));
    return signed ? BigInt.asIntN(bits, value) : value;
  }

  /** Most significant byte first. */
  float(i: number, bits: number): string {
    const bytes = this.slice((i * bits) / 8, ((i + 1) * bits) / 8)
      .slice()
      .reverse();
    const exponent = { 16: 5, 32: 8, 64: 11 }[bits]!;
    const value = BigInt(`0x${hex(bytes)}`);
    const fraction = BigInt(bits - 1 - exponent);
    const ones = (1n << BigInt(exponent)) - 1n;
    const isNan = ((value >> fraction) & ones) === ones && (value & ((1n << fraction) - 1n)) !== 0n;
    return isNan ? '"nan"' : `"${hex(bytes)}"`;
  }
}

function decimalWord(value: bigint, scale: number): string {
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function offsetsOf(column: ArrowColumn): (i: number) => number {
  const bytes = column.offsets!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = 'large' in column.type && column.type.large;
  return (i) => (wide ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true));
}

type Word = (i: number) => string;

function scalarWord(
  { type, logical }: Pick<ArrowField, 'type' | 'logical'>,
  column: ArrowColumn,
): Word | null {
  const values = new Values(column);
  switch (type.id) {
    case 'null':
      return () => 'null';
    case 'bool':
      return (i) => String(values.bit(i));
    case 'int':
      return (i) => String(values.int(i, type.bits, type.signed));
    case 'float':
      return (i) => values.float(i, type.bits);
    case 'decimal':
      return (i) => decimalWord(values.int(i, type.bits, true), type.scale);
    case 'date':
      return (i) =>
        String(type.unit === 'day' ? values.int(i, 32, true) : values.int(i, 64, true) / 86_400_000n);
    case 'time': {
      const bits = type.unit === 's' || type.unit === 'ms' ? 32 : 64;
      return (i) => String(values.int(i, bits, true) * PER_UNIT[type.unit]);
    }
    case 'timestamp':
    case 'duration':
      return (i) => String(values.int(i, 64, true) * PER_UNIT[type.unit]);
    case 'int96':
      return (i) => {
        const raw = values.int(i, 96, false);
        const day = BigInt.asIntN(32, raw >> 64n) - JULIAN_EPOCH;
        return String(day * DAY_NS + BigInt.asIntN(64, raw));
      };
    case 'interval':
      if (type.unit !== 'monthDayMs') return null;
      return (i) => `[${[0, 1, 2].map((k) => values.int(3 * i + k, 32, false)).join(',')}]`;
    case 'fixedBinary':
      return (i) => `"${hex(values.slice(i * type.byteWidth, (i + 1) * type.byteWidth))}"`;
    case 'utf8':
    case 'binary': {
      const at = offsetsOf(column);
      return (i) => {
        const bytes = values.slice(at(i), at(i + 1));
        // pyarrow leaves enumerations as bytes
        return type.id === 'utf8' && logical !== 'enum' ? jsonWord(textOf(bytes)) : `"${hex(bytes)}"`;
      };
    }
    default:
      return null;
  }
}

/** Words of elements counted in the buffers; the offset is in already. */
function wordOf(field: Pick<ArrowField, 'type' | 'logical'>, column: ArrowColumn): Word {
  const { type, logical } = field;
  const scalar = scalarWord(field, column);
  if (scalar !== null) return scalar;
  // children are counted from their own offset
  const child = (k: number, of: ArrowField): Word => {
    const part = column.children[k]!;
    const word = wordOf(of, part);
    return (i) => (isValid(part, i) ? word(part.offset + i) : 'null');
  };
  const span = (from: number, to: number, word: Word): string =>
    Array.from({ length: to - from }, (_, k) => word(from + k)).join(',');
  switch (type.id) {
    case 'dictionary': {
      const dictionary = column.dictionary!;
      const index = new Values(column);
      const { bits } = type.index as Extract<ArrowType, { id: 'int' }>;
      const value = wordOf({ type: type.value, logical }, dictionary);
      return (i) => value(dictionary.offset + Number(index.int(i, bits, false)));
    }
    case 'list': {
      const at = offsetsOf(column);
      const item = child(0, type.item);
      return (i) => `[${span(at(i), at(i + 1), item)}]`;
    }
    case 'fixedList': {
      const item = child(0, type.item);
      return (i) => `[${span(i * type.size, (i + 1) * type.size, item)}]`;
    }
    case 'struct': {
      const parts = type.fields.map((f, k) => [jsonWord(f.name), child(k, f)] as const);
      return (i) => `{${parts.map(([name, word]) => `${name}:${word(i)}`).join(',')}}`;
    }
    case 'map': {
      const at = offsetsOf(column);
      const entries = column.children[0]!;
      const part = (k: number, of: ArrowField): Word => {
        const inner = entries.children[k]!;
        const word = wordOf(of, inner);
        return (i) => {
          const e = entries.offset + i;
          return isValid(inner, e) ? word(inner.offset + e) : 'null';
        };
      };
      const key = part(0, type.key);
      const value = part(1, type.value);
      return (i) => `[${span(at(i), at(i + 1), (e) => `[${key(e)},${value(e)}]`)}]`;
    }
    default:
      throw new Error(`no words for ${type.id}`);
  }
}

/** One word a row. */
export function cellWords(field: ArrowField, column: ArrowColumn): string[] {
  const word = wordOf(field, column);
  return Array.from({ length: column.length }, (_, i) =>
    isValid(column, i) ? word(column.offset + i) : 'null',
  );
}
