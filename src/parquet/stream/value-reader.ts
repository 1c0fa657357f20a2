// Which reader turns the values of a leaf into which Arrow type. The types come from leaf-type.ts.
import type { ArrowType } from '../../model/index.ts';
import type { SchemaNode } from '../schema.ts';
import { ByteDecimals } from './byte-decimals.ts';
import { ByteValues } from './byte-values.ts';
import { BoolValues, DecimalValues, NarrowValues } from './converted-values.ts';
import { NullValues } from './null-values.ts';
import { FixedValues, type ValueReader } from './values.ts';

function int32Reader(type: ArrowType): ValueReader | null {
  switch (type.id) {
    case 'int':
      if (type.bits === 32) return new FixedValues(4);
      return type.bits < 32 ? new NarrowValues(type.bits as 8 | 16) : null;
    case 'date':
      return type.unit === 'day' ? new FixedValues(4) : null;
    case 'time':
      return type.unit === 's' || type.unit === 'ms' ? new FixedValues(4) : null;
    case 'decimal':
      return new DecimalValues(4, false, type.bits);
    default:
      return null;
  }
}

function int64Reader(type: ArrowType): ValueReader | null {
  switch (type.id) {
    case 'int':
      return type.bits === 64 ? new FixedValues(8) : null;
    case 'date':
      return type.unit === 'ms' ? new FixedValues(8) : null;
    case 'time':
      return type.unit === 'us' || type.unit === 'ns' ? new FixedValues(8) : null;
    case 'timestamp':
    case 'duration':
      return new FixedValues(8);
    case 'decimal':
      return type.bits >= 64 ? new DecimalValues(8, false, type.bits) : null;
    default:
      return null;
  }
}

function bytesReader(type: ArrowType): ValueReader | null {
  if (type.id === 'utf8' || type.id === 'binary') return new ByteValues();
  return type.id === 'decimal' ? new ByteDecimals(type.bits) : null;
}

function fixedReader(width: number, type: ArrowType): ValueReader | null {
  switch (type.id) {
    case 'fixedBinary':
      return type.byteWidth === width ? new FixedValues(width) : null;
    case 'interval':
      return type.unit === 'monthDayMs' && width === 12 ? new FixedValues(12) : null;
    case 'float':
      return type.bits === 16 && width === 2 ? new FixedValues(2) : null;
    case 'decimal':
      return width > 0 ? new DecimalValues(width, true, type.bits) : new NullValues(type.bits / 8);
    default:
      return null;
  }
}

/** Null when the type is not one that the leaf can have. */
export function valueReader(leaf: SchemaNode, type: ArrowType): ValueReader | null {
  if (type.id === 'null') return new NullValues(0);
  switch (leaf.physical) {
    case 'INT32':
      return int32Reader(type);
    case 'INT64':
      return int64Reader(type);
    case 'FLOAT':
      return type.id === 'float' && type.bits === 32 ? new FixedValues(4) : null;
    case 'DOUBLE':
      return type.id === 'float' && type.bits === 64 ? new FixedValues(8) : null;
    case 'BOOLEAN':
      return type.id === 'bool' ? new BoolValues() : null;
    case 'BYTE_ARRAY':
      return bytesReader(type);
    case 'FIXED_LEN_BYTE_ARRAY':
      return fixedReader(leaf.typeLength, type);
    case 'INT96':
      return type.id === 'int96' ? new FixedValues(12) : null;
    default:
      return null;
  }
}
