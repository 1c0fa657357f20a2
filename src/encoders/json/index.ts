// Which JSON each Arrow type becomes. Every type has one, and reading it back gives the value again:
// numbers keep all their digits, text is escaped, bytes are `\x` and hexadecimal digits, dates and times ISO 8601.
import type { ArrowField, ArrowType } from '../../model/index.ts';
import { dictionaryType, listType, mapType, structType } from './nested.ts';
import { boolType, decimalType, floatType, intType } from './numbers.ts';
import { binaryType, fixedBinaryType, textType, uuidType } from './strings.ts';
import { dateType, durationType, int96Type, intervalType, timestampType, timeType } from './temporal.ts';
import { type JsonOptions, type JsonType, nullTest } from './values.ts';

export { fourDecimals, shortest } from './floats.ts';
export { repeatedKey } from './keys.ts';
export { childAt } from './nested.ts';
export type { JsonOptions, JsonType, JsonValues } from './values.ts';
export { nullTest as isNullIn } from './values.ts';

const nullType: JsonType = {
  isQuoted: false,
  touches: [],
  bind: (column) => ({
    text: (_out, o) => o,
    isNull: nullTest(column),
    bound: (from, to) => (to - from) * 5,
  }),
};

const NESTED = new Set<ArrowType['id']>(['list', 'fixedList', 'struct', 'map']);

const isNested = (type: ArrowType): boolean =>
  type.id === 'dictionary' ? isNested(type.value) : NESTED.has(type.id);

export function jsonType(field: ArrowField, options: JsonOptions): JsonType {
  const { type, logical } = field;
  switch (type.id) {
    case 'null':
      return nullType;
    case 'bool':
      return boolType;
    case 'int':
      return intType(type);
    case 'float':
      return floatType(type, options);
    case 'decimal':
      return decimalType(type);
    case 'date':
      return dateType(type);
    case 'time':
      return timeType(type);
    case 'timestamp':
      return timestampType(type);
    case 'int96':
      return int96Type(type);
    case 'duration':
      return durationType(type);
    case 'interval':
      return intervalType(type);
    case 'utf8':
      return textType(options);
    case 'binary':
      return binaryType;
    case 'fixedBinary':
      return logical === 'uuid' ? uuidType : fixedBinaryType(type.byteWidth);
    case 'list':
      return listType(jsonType(type.item, options), null);
    case 'fixedList':
      return listType(jsonType(type.item, options), type.size);
    case 'struct':
      return structType(type.fields.map((f) => ({ name: f.name, type: jsonType(f, options) })));
    case 'map': {
      const scalarKeys = !isNested(type.key.type);
      const key = jsonType(type.key, scalarKeys ? { ...options, words: 'bare' } : options);
      return mapType(key, jsonType(type.value, options), scalarKeys);
    }
    default:
      return dictionaryType(jsonType({ ...field, type: type.value }, options), type.index);
  }
}

/** A field, of this one or a part of it, that an object would have twice; null: none. */
export function repeatedName(field: ArrowField): string | null {
  const { type } = field;
  const parts = partsOf(type);
  if (type.id === 'struct') {
    const seen = new Set<string>();
    for (const { name } of type.fields) {
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  for (const part of parts) {
    const name = repeatedName(part);
    if (name !== null) return name;
  }
  return null;
}

function partsOf(type: ArrowType): readonly ArrowField[] {
  if (type.id === 'list' || type.id === 'fixedList') return [type.item];
  if (type.id === 'struct') return type.fields;
  return type.id === 'map' ? [type.key, type.value] : [];
}
