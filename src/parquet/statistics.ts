// A column chunk's statistics as bounds that may be compared with values. What is not certain is unknown: a row group
// that is skipped wrongly loses rows without a trace.
import type { ArrowType, ColumnStats } from '../model/index.ts';
import type { ColumnChunk, RawStatistics } from './column-chunk.ts';
import { isTrusted } from './known-writers.ts';
import type { ColumnOrder, ParquetMetadata } from './metadata.ts';
import type { ParquetLogical, SchemaNode } from './schema.ts';

type Bound = number | bigint | Uint8Array | boolean;
type Decode = (bytes: Uint8Array) => Bound | null;

/** How a column's bounds are decoded, and whether its order is that of signed numbers. */
interface Reading {
  readonly decode: Decode;
  /** The deprecated fields, and fields without a declared order, can be trusted. */
  readonly signed: boolean;
  readonly float: boolean;
}

const viewOf = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

const fixed =
  (width: number, get: (v: DataView) => Bound): Decode =>
  (b) =>
    b.length === width ? get(viewOf(b)) : null;

const int32 = fixed(4, (v) => v.getInt32(0, true));
const uint32 = fixed(4, (v) => v.getUint32(0, true));
const int64 = fixed(8, (v) => v.getBigInt64(0, true));
const uint64 = fixed(8, (v) => v.getBigUint64(0, true));

/** Two's complement, most significant byte first, of any length. */
const bigEndian: Decode = (bytes) => {
  if (bytes.length === 0) return null;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
};

const widen =
  (decode: Decode): Decode =>
  (bytes) => {
    const value = decode(bytes);
    return typeof value === 'number' ? BigInt(value) : value;
  };

const float16: Decode = fixed(2, (v) => {
  const half = v.getUint16(0, true);
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
});

const signedReading = (decode: Decode): Reading => ({ decode, signed: true, float: false });
const unsignedReading = (decode: Decode): Reading => ({ decode, signed: false, float: false });
const floatReading = (decode: Decode, signed = true): Reading => ({ decode, signed, float: true });
const bytesReading: Reading = unsignedReading((bytes) => bytes);

function intReading(type: ArrowType & { id: 'int' }, leaf: SchemaNode): Reading | null {
  const logical = leaf.logical;
  if (logical !== null && logical.kind !== 'int') return null;
  if ((logical === null || logical.signed) !== type.signed) return null;
  const wide = leaf.physical === 'INT64';
  // 64-bit columns give bigint and narrower ones numbers, as the batches' own types do
  if ((!wide && leaf.physical !== 'INT32') || wide !== (type.bits === 64)) return null;
  if (type.signed) return signedReading(wide ? int64 : int32);
  return unsignedReading(wide ? uint64 : uint32);
}

function decimalReading(type: ArrowType & { id: 'decimal' }, leaf: SchemaNode): Reading | null {
  if (leaf.logical?.kind !== 'decimal' || leaf.logical.scale !== type.scale) return null;
  if (leaf.physical === 'INT32') return signedReading(widen(int32));
  if (leaf.physical === 'INT64') return signedReading(int64);
  const isBytes = leaf.physical === 'BYTE_ARRAY' || leaf.physical === 'FIXED_LEN_BYTE_ARRAY';
  return isBytes ? unsignedReading(bigEndian) : null;
}

const hasUnit = (
  logical: ParquetLogical | null,
  kind: 'time' | 'timestamp',
  unit: string,
): logical is ParquetLogical => logical?.kind === kind && 'unit' in logical && logical.unit === unit;

/** Text and bytes compare byte by byte; types with an order of their own, or none, do not. */
const BYTEWISE = new Set(['string', 'enum', 'json', 'bson', 'uuid']);

/** Null: the bounds of this column are not understood, or its Arrow values are not what is stored. */
function readingOf(type: ArrowType, leaf: SchemaNode): Reading | null {
  const { physical, logical } = leaf;
  switch (type.id) {
    case 'bool':
      return physical === 'BOOLEAN' ? signedReading((b) => (b.length === 1 ? b[0] !== 0 : null)) : null;
    case 'int':
      return intReading(type, leaf);
    case 'float':
      if (physical === 'FLOAT' && type.bits === 32)
        return floatReading(fixed(4, (v) => v.getFloat32(0, true)));
      if (physical === 'DOUBLE' && type.bits === 64)
        return floatReading(fixed(8, (v) => v.getFloat64(0, true)));
      return logical?.kind === 'float16' && type.bits === 16 ? floatReading(float16, false) : null;
    case 'decimal':
      return decimalReading(type, leaf);
    case 'date':
      return type.unit === 'day' && physical === 'INT32' && logical?.kind === 'date'
        ? signedReading(int32)
        : null;
    case 'time':
      if (!hasUnit(logical, 'time', type.unit)) return null;
      return physical === 'INT32' ? signedReading(int32) : physical === 'INT64' ? signedReading(int64) : null;
    case 'timestamp':
      // INT96 has no logical type, and its statistics no defined order
      return hasUnit(logical, 'timestamp', type.unit) && physical === 'INT64' ? signedReading(int64) : null;
    case 'utf8':
    case 'binary':
    case 'fixedBinary': {
      const isBytes = physical === 'BYTE_ARRAY' || physical === 'FIXED_LEN_BYTE_ARRAY';
      return isBytes && (logical === null || BYTEWISE.has(logical.kind)) ? bytesReading : null;
    }
    case 'dictionary':
      return readingOf(type.value, leaf);
    default:
      return null;
  }
}

function rawBounds(
  s: RawStatistics,
  order: ColumnOrder,
  reading: Reading,
): readonly [Uint8Array | null, Uint8Array | null] {
  const ordered = order === 'type-defined' || (order === 'ieee754-total' && reading.float);
  const hasNew = s.minValue !== null || s.maxValue !== null;
  if (hasNew && (ordered || (order === 'undefined' && reading.signed))) return [s.minValue, s.maxValue];
  if (!hasNew && reading.signed && order !== 'ieee754-total') return [s.oldMin, s.oldMax];
  return [null, null];
}

const compare = (a: Bound, b: Bound): number => {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
};

/**
 * What is certain about the values of one chunk, in the units of the Arrow type: numbers for up to 32 bits, floats,
 * days and time32; bigint for 64 bits, timestamps and decimals (scaled); bytes for text. Text bounds may be truncated,
 * so they are bounds and not values. Bounds of floats say nothing about NaN, which may be there in any case.
 */
export function columnStats(
  meta: ParquetMetadata,
  chunk: ColumnChunk,
  type: ArrowType,
  rowCount: number,
): ColumnStats {
  const unknown: ColumnStats = { min: null, max: null, nullCount: null, rowCount };
  const s = chunk.statistics;
  const leaf = meta.schema.leaves[chunk.leaf];
  // inside lists and structs, values and nulls are not rows
  if (s === null || leaf === undefined || leaf.path.length !== 1 || leaf.maxRepetition > 0) return unknown;
  if (!isTrusted(meta.createdBy, meta.keyValue('ARROW:schema') !== null, chunk, type)) return unknown;
  const nullCount = s.nullCount !== null && s.nullCount <= rowCount ? s.nullCount : null;
  const reading = readingOf(type, leaf);
  if (reading === null) return { ...unknown, nullCount };
  const [rawMin, rawMax] = rawBounds(s, meta.columnOrders[chunk.leaf] ?? 'undefined', reading);
  let min = rawMin === null ? null : reading.decode(rawMin);
  let max = rawMax === null ? null : reading.decode(rawMax);
  const broken = min !== null && max !== null && compare(min, max) > 0;
  if (broken || Number.isNaN(min) || Number.isNaN(max)) return { ...unknown, nullCount };
  // writers did not agree on the sign of zero
  if (reading.float && min === 0) min = -0;
  if (reading.float && max === 0) max = 0;
  return { min, max, nullCount, rowCount };
}
