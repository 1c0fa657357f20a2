// How values of an Arrow type are stored: physical type, annotation, and PLAIN bytes from Arrow's buffers.
import { int8Values, int16Values, int32Values, offsetWords, words } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowColumn, ArrowField, ArrowType, TimeUnit } from '../../model/index.ts';
import { PHYSICAL_TYPES, type PhysicalType } from '../schema.ts';
import { T, type ThriftWriter } from '../thrift.ts';
import type { ByteSink } from './byte-sink.ts';

/** Appends values of a column at `indices` (of non-null rows, counted from the column's own start). */
export type ValueAppender = (column: ArrowColumn, indices: Int32Array, count: number, out: ByteSink) => void;

export interface LeafType {
  readonly physical: PhysicalType;
  /** Bytes of FIXED_LEN_BYTE_ARRAY, 0 otherwise. */
  readonly width: number;
  /** ConvertedType, for readers of old; -1: none. */
  readonly converted: number;
  /** Writes the member of the LogicalType union that is set; null: none. */
  readonly logical: ((w: ThriftWriter) => void) | null;
  /** Of decimals. */
  readonly digits: { readonly precision: number; readonly scale: number } | null;
  readonly append: ValueAppender;
}

const leaf = (physical: PhysicalType, append: ValueAppender, rest: Partial<LeafType> = {}): LeafType => ({
  physical,
  width: 0,
  converted: -1,
  logical: null,
  digits: null,
  append,
  ...rest,
});

export const physicalCode = ({ physical }: LeafType): number => PHYSICAL_TYPES.indexOf(physical);

/** A member without fields: `STRING: {}`. */
const plain =
  (member: number) =>
  (w: ThriftWriter): void => {
    w.field(member, T.struct, 0).stop().stop();
  };

const integer = (bits: number, signed: boolean) => (w: ThriftWriter) => {
  w.field(10, T.struct, 0);
  w.field(1, T.i8, 0).byte(bits);
  w.field(2, signed ? T.true : T.false, 1);
  w.stop().stop();
};

const MEMBER = { time: 7, timestamp: 8 } as const;
const UNIT_MEMBER: Record<TimeUnit, number> = { s: 1, ms: 1, us: 2, ns: 3 };

const clock = (kind: 'time' | 'timestamp', utc: boolean, unit: TimeUnit) => (w: ThriftWriter) => {
  w.field(MEMBER[kind], T.struct, 0);
  w.field(1, utc ? T.true : T.false, 0);
  w.field(2, T.struct, 1).field(UNIT_MEMBER[unit], T.struct, 0).stop().stop();
  w.stop().stop();
};

const decimal = (precision: number, scale: number) => (w: ThriftWriter) => {
  w.field(5, T.struct, 0);
  w.field(1, T.i32, 0).int(scale);
  w.field(2, T.i32, 1).int(precision);
  w.stop().stop();
};

/** Bytes of fixed width as they are. */
const fixed =
  (width: number): ValueAppender =>
  (column, indices, count, out) => {
    const data = column.data ?? new Uint8Array(0);
    for (let k = 0; k < count; k++) {
      const at = (column.offset + indices[k]!) * width;
      out.copy(data, at, at + width);
    }
  };

/** Whole numbers that `read` makes, as 32 bits. */
const int32 =
  (read: (column: ArrowColumn) => ArrayLike<number>, factor = 1): ValueAppender =>
  (column, indices, count, out) => {
    const values = read(column);
    for (let k = 0; k < count; k++) out.word(values[column.offset + indices[k]!]! * factor);
  };

const bytes: ValueAppender = (column, indices, count, out) => {
  const { values, stride } = offsetWords(column);
  const data = column.data ?? new Uint8Array(0);
  for (let k = 0; k < count; k++) {
    const at = (column.offset + indices[k]!) * stride;
    out.word(values[at + stride]! - values[at]!);
    out.copy(data, values[at]!, values[at + stride]!);
  }
};

/** Bit after bit; PLAIN booleans of one page are packed together, so the page packs them. */
const bools: ValueAppender = (column, indices, count, out) => {
  for (let k = 0; k < count; k++) {
    const at = column.offset + indices[k]!;
    out.byte((column.data![at >> 3]! >> (at & 7)) & 1);
  }
};

/** Two's complement, high byte first; Arrow's has the low byte first. */
const reversed =
  (width: number): ValueAppender =>
  (column, indices, count, out) => {
    for (let k = 0; k < count; k++) {
      const at = (column.offset + indices[k]!) * width;
      out.copyReversed(column.data!, at, at + width);
    }
  };

/** The low 32 or 64 bits of a decimal whose digits fit into them. */
const lowBytes =
  (width: number, kept: number): ValueAppender =>
  (column, indices, count, out) => {
    for (let k = 0; k < count; k++) {
      const at = (column.offset + indices[k]!) * width;
      out.copy(column.data!, at, at + kept);
    }
  };

/** Seconds as milliseconds. Beyond 2^53 there is no such date. */
const secondsAsMs: ValueAppender = (column, indices, count, out) => {
  const v = words(column);
  for (let k = 0; k < count; k++) {
    const at = 2 * (column.offset + indices[k]!);
    out.long((v[at + 1]! * 4294967296 + (v[at]! >>> 0)) * 1000);
  }
};

const MS_A_DAY = 86_400_000;
/** Days from milliseconds; a time of day cannot be kept. */
const msAsDays: ValueAppender = (column, indices, count, out) => {
  const v = words(column);
  for (let k = 0; k < count; k++) {
    const at = 2 * (column.offset + indices[k]!);
    const days = (v[at + 1]! * 4294967296 + (v[at]! >>> 0)) / MS_A_DAY;
    if (!Number.isInteger(days)) throw new ParloadError('VALUE_REFUSED', 'a date has a time of day');
    out.word(days);
  }
};

const nothing: ValueAppender = () => undefined;

const INT_CONVERTED: Readonly<Record<number, number>> = { 8: 0, 16: 1, 32: 2, 64: 3 };

function intLeaf({ bits, signed }: Extract<ArrowType, { id: 'int' }>): LeafType {
  const said = {
    converted: INT_CONVERTED[bits]! + (signed ? 15 : 11),
    logical: integer(bits, signed),
  };
  if (bits === 64) return leaf('INT64', fixed(8), signed ? {} : said);
  if (bits === 32) return leaf('INT32', fixed(4), signed ? {} : said);
  const uint = bits === 8 ? (c: ArrowColumn) => c.data! : uint16;
  const int = bits === 8 ? int8Values : int16Values;
  return leaf('INT32', int32(signed ? int : uint), said);
}

const uint16 = (c: ArrowColumn): Uint16Array => {
  const v = int16Values(c);
  return new Uint16Array(v.buffer, v.byteOffset, v.length);
};

function decimalLeaf({ bits, precision, scale }: Extract<ArrowType, { id: 'decimal' }>): LeafType {
  const width = bits / 8;
  const said = { converted: 5, logical: decimal(precision, scale), digits: { precision, scale } };
  if (precision <= 9) return leaf('INT32', lowBytes(width, 4), said);
  if (precision <= 18) return leaf('INT64', lowBytes(width, 8), said);
  return leaf('FIXED_LEN_BYTE_ARRAY', reversed(width), { width, ...said });
}

function timestampLeaf({ unit, timezone }: Extract<ArrowType, { id: 'timestamp' }>): LeafType {
  const utc = timezone !== null;
  const converted = utc && unit !== 'ns' ? (unit === 'us' ? 10 : 9) : -1;
  return leaf('INT64', unit === 's' ? secondsAsMs : fixed(8), {
    converted,
    logical: clock('timestamp', utc, unit),
  });
}

function timeLeaf({ unit }: Extract<ArrowType, { id: 'time' }>): LeafType {
  const logical = clock('time', false, unit);
  if (unit === 's') return leaf('INT32', int32(int32Values, 1000), { logical });
  return unit === 'ms' ? leaf('INT32', fixed(4), { logical }) : leaf('INT64', fixed(8), { logical });
}

const TEXT: Readonly<Record<string, Partial<LeafType>>> = {
  json: { converted: 19, logical: plain(12) },
  enum: { converted: 4, logical: plain(4) },
};

/** Types that are made of others are not asked for. */
export function leafTypeOf({ name, type, logical }: ArrowField): LeafType {
  switch (type.id) {
    case 'null':
      return leaf('INT32', nothing, { logical: plain(11) });
    case 'bool':
      return leaf('BOOLEAN', bools);
    case 'int':
      return intLeaf(type);
    case 'float':
      if (type.bits === 16) return leaf('FIXED_LEN_BYTE_ARRAY', fixed(2), { width: 2, logical: plain(15) });
      return type.bits === 32 ? leaf('FLOAT', fixed(4)) : leaf('DOUBLE', fixed(8));
    case 'decimal':
      return decimalLeaf(type);
    case 'date':
      return leaf('INT32', type.unit === 'day' ? fixed(4) : msAsDays, { converted: 6, logical: plain(6) });
    case 'time':
      return timeLeaf(type);
    case 'timestamp':
      return timestampLeaf(type);
    case 'duration':
      return leaf('INT64', fixed(8));
    case 'int96':
      return leaf('INT96', fixed(12));
    case 'interval':
      if (type.unit !== 'monthDayMs') break;
      return leaf('FIXED_LEN_BYTE_ARRAY', fixed(12), { width: 12, converted: 21 });
    case 'utf8':
      return leaf('BYTE_ARRAY', bytes, TEXT[logical ?? ''] ?? { converted: 0, logical: plain(1) });
    case 'binary':
      return leaf('BYTE_ARRAY', bytes, logical === 'bson' ? { converted: 20, logical: plain(13) } : {});
    case 'fixedBinary': {
      const isUuid = logical === 'uuid' && type.byteWidth === 16;
      return leaf('FIXED_LEN_BYTE_ARRAY', fixed(type.byteWidth), {
        width: type.byteWidth,
        logical: isUuid ? plain(14) : null,
      });
    }
    case 'dictionary':
      return dictionaryLeaf(leafTypeOf({ name, type: type.value, nullable: true, logical }));
  }
  throw new ParloadError('TYPE_UNSUPPORTED', `Parquet has no type for ${type.id}`, {
    where: { column: name },
  });
}

/** Values looked up: each page has them as they are. */
function dictionaryLeaf(value: LeafType): LeafType {
  let places = new Int32Array(0);
  const append: ValueAppender = (column, indices, count, out) => {
    if (places.length < count) places = new Int32Array(2 * count);
    const keys = keysOf(column);
    for (let k = 0; k < count; k++) places[k] = keys[column.offset + indices[k]!]!;
    value.append(column.dictionary!, places, count, out);
  };
  return { ...value, append };
}

function keysOf(column: ArrowColumn): ArrayLike<number> {
  const index = column.type.id === 'dictionary' ? column.type.index : null;
  const bits = index?.id === 'int' ? index.bits : 32;
  if (bits === 8) return column.data!;
  if (bits === 16) return uint16(column);
  if (bits === 32) return int32Values(column);
  // no dictionary has more entries than 32 bits count: low words
  const v = words(column);
  return Int32Array.from({ length: v.length >> 1 }, (_, k) => v[2 * k]!);
}
