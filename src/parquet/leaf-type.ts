// The Arrow type of a primitive column: from what Parquet says of it, and from what the writer had where that fits.
import { ParloadError } from '../errors/index.ts';
import type { ArrowField, ArrowType, LogicalType } from '../model/index.ts';
import type { ParquetLogical, PhysicalType, SchemaNode } from './schema.ts';

/** Digits that 128 and 256 bits hold. */
const DECIMAL128_DIGITS = 38;
const DECIMAL256_DIGITS = 76;
/** Digits that the format allows in integers. */
const INTEGER_DIGITS: Partial<Record<PhysicalType, number>> = { INT32: 9, INT64: 18 };
const INTERVAL_BYTES = 12;

const refuse = (leaf: SchemaNode, code: 'PARQUET_CORRUPT' | 'PARQUET_UNSUPPORTED', why: string) =>
  new ParloadError(code, `the column "${leaf.path.join('.')}" ${why}`, {
    where: { column: leaf.path.join('.') },
  });

const mislabelled = (leaf: SchemaNode, kind: string): ParloadError =>
  refuse(leaf, 'PARQUET_CORRUPT', `is of physical type ${leaf.physical}, which cannot be ${kind}`);

/** What the bytes mean beyond the type that holds them. */
const MEANINGS: Partial<Record<ParquetLogical['kind'], LogicalType>> = {
  uuid: 'uuid',
  json: 'json',
  bson: 'bson',
  enum: 'enum',
  geometry: 'wkb',
  geography: 'wkb',
};

function decimalType(leaf: SchemaNode, precision: number, scale: number): ArrowType {
  const most = INTEGER_DIGITS[leaf.physical!];
  const hasBytes = leaf.physical === 'BYTE_ARRAY' || leaf.physical === 'FIXED_LEN_BYTE_ARRAY';
  if (!hasBytes && most === undefined) throw mislabelled(leaf, 'decimal');
  if (precision < 1 || scale < 0 || scale > precision || (most !== undefined && precision > most)) {
    throw refuse(leaf, 'PARQUET_CORRUPT', `has the impossible decimal type (${precision}, ${scale})`);
  }
  if (precision > DECIMAL256_DIGITS) {
    throw refuse(
      leaf,
      'PARQUET_UNSUPPORTED',
      `has decimals of ${precision} digits; ${DECIMAL256_DIGITS} are read`,
    );
  }
  return { id: 'decimal', bits: precision > DECIMAL128_DIGITS ? 256 : 128, precision, scale };
}

const PLAIN: Record<PhysicalType, ArrowType> = {
  BOOLEAN: { id: 'bool' },
  INT32: { id: 'int', bits: 32, signed: true },
  INT64: { id: 'int', bits: 64, signed: true },
  INT96: { id: 'int96', timezone: null },
  FLOAT: { id: 'float', bits: 32 },
  DOUBLE: { id: 'float', bits: 64 },
  BYTE_ARRAY: { id: 'binary', large: false },
  FIXED_LEN_BYTE_ARRAY: { id: 'fixedBinary', byteWidth: 0 },
};

const plainType = (leaf: SchemaNode): ArrowType =>
  leaf.physical === 'FIXED_LEN_BYTE_ARRAY'
    ? { id: 'fixedBinary', byteWidth: leaf.typeLength }
    : PLAIN[leaf.physical!];

/** Parquet's own word. */
function ownType(leaf: SchemaNode): ArrowType {
  const { physical, logical } = leaf;
  if (logical === null) return plainType(leaf);
  const of = (type: ArrowType, ...allowed: PhysicalType[]): ArrowType => {
    if (!allowed.includes(physical!)) throw mislabelled(leaf, logical.kind);
    return type;
  };
  switch (logical.kind) {
    case 'string':
    case 'json':
    case 'enum':
      return of({ id: 'utf8', large: false }, 'BYTE_ARRAY');
    case 'bson':
    case 'geometry':
    case 'geography':
      return of({ id: 'binary', large: false }, 'BYTE_ARRAY');
    case 'uuid':
      if (leaf.typeLength !== 16) throw mislabelled(leaf, 'uuid');
      return plainType(leaf);
    case 'float16':
      if (leaf.typeLength !== 2) throw mislabelled(leaf, 'float16');
      return { id: 'float', bits: 16 };
    case 'interval':
      if (leaf.typeLength !== INTERVAL_BYTES) throw mislabelled(leaf, 'interval');
      return { id: 'interval', unit: 'monthDayMs' };
    case 'decimal':
      return decimalType(leaf, logical.precision, logical.scale);
    case 'date':
      return of({ id: 'date', unit: 'day' }, 'INT32');
    case 'time':
      return of({ id: 'time', unit: logical.unit }, logical.unit === 'ms' ? 'INT32' : 'INT64');
    case 'timestamp':
      return of({ id: 'timestamp', unit: logical.unit, timezone: logical.utc ? 'UTC' : null }, 'INT64');
    case 'int':
      return intType(leaf, logical.bits, logical.signed);
    case 'null':
      return { id: 'null' };
    case 'unknown':
      // newer than this reader: what the bytes mean is unknown, what they are is not
      return plainType(leaf);
    default:
      throw mislabelled(leaf, logical.kind);
  }
}

function intType(leaf: SchemaNode, bits: number, signed: boolean): ArrowType {
  const fits = bits === 64 ? leaf.physical === 'INT64' : leaf.physical === 'INT32';
  if (!fits || ![8, 16, 32, 64].includes(bits)) throw mislabelled(leaf, `an integer of ${bits} bits`);
  return { id: 'int', bits: bits as 8 | 16 | 32 | 64, signed };
}

/** What the writer had, where the same bytes can be read as it; otherwise Parquet's word stands. */
function advised(own: ArrowType, hint: ArrowType, leaf: SchemaNode): ArrowType {
  switch (own.id) {
    case 'utf8':
    case 'binary': {
      const same = hint.id === own.id || (hint.id === 'utf8' && leaf.logical === null);
      return same && 'large' in hint ? ({ id: hint.id, large: hint.large } as ArrowType) : own;
    }
    case 'timestamp': {
      if (hint.id !== 'timestamp') return own;
      // old writers could only say UTC
      const said = leaf.stored.logicalAt === null || own.timezone !== null;
      return said && (hint.timezone !== null || leaf.stored.logicalAt === null)
        ? { ...own, timezone: hint.timezone }
        : own;
    }
    case 'int96':
      return hint.id === 'timestamp' ? { id: 'int96', timezone: hint.timezone } : own;
    case 'decimal':
      return hint.id === 'decimal' && hint.scale === own.scale && hint.bits > own.bits
        ? { ...own, bits: hint.bits }
        : own;
    case 'int':
      return leaf.logical === null ? advisedInt(own.bits, hint, own) : own;
    default:
      return own;
  }
}

/** Integers without a meaning of their own. */
function advisedInt(bits: number, hint: ArrowType, own: ArrowType): ArrowType {
  const wide = bits === 64;
  const isSeconds = hint.id === 'time' && hint.unit === 's';
  if (hint.id === 'duration' || hint.id === 'timestamp') return wide ? hint : own;
  if (hint.id === 'date') return wide === (hint.unit === 'ms') ? hint : own;
  if (hint.id === 'time')
    return wide === (hint.unit === 'us' || hint.unit === 'ns') || (isSeconds && !wide) ? hint : own;
  return own;
}

/** `hint`: the writer's own field for this one. */
export function leafType(
  leaf: SchemaNode,
  hint: ArrowField | null,
): { readonly type: ArrowType; readonly logical: LogicalType | null } {
  const own = ownType(leaf);
  const type = hint === null ? own : advised(own, hint.type, leaf);
  const meaning = leaf.logical === null ? undefined : MEANINGS[leaf.logical.kind];
  return { type, logical: meaning ?? fitting(hint?.logical ?? null, type) };
}

/** A meaning that Arrow's extensions give; only to what can have it. */
function fitting(logical: LogicalType | null, type: ArrowType): LogicalType | null {
  if (logical === 'uuid') return type.id === 'fixedBinary' && type.byteWidth === 16 ? logical : null;
  if (logical === 'wkb') return type.id === 'binary' ? logical : null;
  return logical === 'json' ? (type.id === 'utf8' ? logical : null) : null;
}
