// Which columns are decoded here, straight from their pages, and by which reader. Everything else goes through the
// decoder library: nested columns, and types that need a cast.
import type { ArrowType } from '../../model/index.ts';
import type { SchemaNode } from '../schema.ts';
import { ByteValues } from './byte-values.ts';
import { BoolValues, DecimalValues, NarrowValues } from './converted-values.ts';
import { FixedValues, type ValueReader } from './values.ts';

/** Flat: no repetition, no struct around it. What encodings a footer lists does not matter: each page says its own. */
export const isStreamable = (leaf: SchemaNode): boolean =>
  leaf.path.length === 1 && leaf.maxRepetition === 0 && leaf.maxDefinition <= 1;

const unitOf = (leaf: SchemaNode): string | null =>
  leaf.logical?.kind === 'timestamp' || leaf.logical?.kind === 'time' ? leaf.logical.unit : null;

function int32Reader(leaf: SchemaNode, type: ArrowType): ValueReader | null {
  if (type.id === 'int' && type.bits === 32) return new FixedValues(4);
  if (type.id === 'int' && type.bits < 32) return new NarrowValues(type.bits as 8 | 16);
  if (type.id === 'date' && type.unit === 'day') return new FixedValues(4);
  if (type.id === 'time' && type.unit === 'ms' && unitOf(leaf) === 'ms') return new FixedValues(4);
  return type.id === 'decimal' ? new DecimalValues(4, false, type.bits) : null;
}

function int64Reader(leaf: SchemaNode, type: ArrowType): ValueReader | null {
  if (type.id === 'int' && type.bits === 64) return new FixedValues(8);
  if (type.id === 'timestamp' && type.unit === unitOf(leaf)) return new FixedValues(8);
  if (type.id === 'time' && type.unit === unitOf(leaf) && type.unit !== 'ms') return new FixedValues(8);
  return type.id === 'decimal' && type.bits >= 64 ? new DecimalValues(8, false, type.bits) : null;
}

function fixedReader(leaf: SchemaNode, type: ArrowType): ValueReader | null {
  const width = leaf.typeLength;
  if (type.id === 'fixedBinary' && type.byteWidth === width) return new FixedValues(width);
  if (type.id === 'interval' && type.unit === 'monthDayMs' && width === 12) return new FixedValues(12);
  if (type.id === 'float' && type.bits === 16 && width === 2) return new FixedValues(2);
  const fits = type.id === 'decimal' && width > 0 && width * 8 <= type.bits;
  return fits ? new DecimalValues(width, true, type.bits) : null;
}

/** Null when the column's values would need more than copying, narrowing or widening. */
export function valueReader(leaf: SchemaNode, type: ArrowType): ValueReader | null {
  switch (leaf.physical) {
    case 'INT32':
      return int32Reader(leaf, type);
    case 'INT64':
      return int64Reader(leaf, type);
    case 'FLOAT':
      return type.id === 'float' && type.bits === 32 ? new FixedValues(4) : null;
    case 'DOUBLE':
      return type.id === 'float' && type.bits === 64 ? new FixedValues(8) : null;
    case 'BOOLEAN':
      return type.id === 'bool' ? new BoolValues() : null;
    case 'BYTE_ARRAY':
      return type.id === 'utf8' || type.id === 'binary' ? new ByteValues() : null;
    case 'FIXED_LEN_BYTE_ARRAY':
      return fixedReader(leaf, type);
    case 'INT96':
      return type.id === 'int96' ? new FixedValues(12) : null;
    default:
      return null;
  }
}
