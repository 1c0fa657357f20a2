import type { ArrowField, ArrowType } from '../model/index.ts';

/** As pyarrow prints it: `timestamp[us, tz=UTC]`, `list<item: int32>`, `decimal128(12, 2)`. */
export function typeName(type: ArrowType): string {
  switch (type.id) {
    case 'int':
      return `${type.signed ? '' : 'u'}int${type.bits}`;
    case 'float':
      return { 16: 'halffloat', 32: 'float', 64: 'double' }[type.bits];
    case 'decimal':
      return `decimal${type.bits}(${type.precision}, ${type.scale})`;
    case 'date':
      return type.unit === 'day' ? 'date32[day]' : 'date64[ms]';
    case 'time':
      return `time${type.unit === 's' || type.unit === 'ms' ? 32 : 64}[${type.unit}]`;
    case 'timestamp':
      return type.timezone === null
        ? `timestamp[${type.unit}]`
        : `timestamp[${type.unit}, tz=${type.timezone}]`;
    case 'int96':
      return type.timezone === null ? 'timestamp[int96]' : `timestamp[int96, tz=${type.timezone}]`;
    case 'duration':
      return `duration[${type.unit}]`;
    case 'interval':
      return `interval[${type.unit}]`;
    case 'utf8':
      return type.large ? 'large_string' : 'string';
    case 'binary':
      return type.large ? 'large_binary' : 'binary';
    case 'fixedBinary':
      return `fixed_size_binary[${type.byteWidth}]`;
    case 'list':
      return `${type.large ? 'large_' : ''}list<${fieldName(type.item)}>`;
    case 'fixedList':
      return `fixed_size_list<${fieldName(type.item)}>[${type.size}]`;
    case 'struct':
      return `struct<${type.fields.map(fieldName).join(', ')}>`;
    case 'map':
      return `map<${typeName(type.key.type)}, ${typeName(type.value.type)}>`;
    case 'dictionary':
      return `dictionary<values=${typeName(type.value)}, indices=${typeName(type.index)}>`;
    default:
      return type.id;
  }
}

const fieldName = (field: ArrowField): string =>
  `${field.name}: ${typeName(field.type)}${field.nullable ? '' : ' not null'}`;

/** With what the bytes mean: `binary (json)`. */
export const fieldTypeName = (field: ArrowField): string =>
  field.logical === null ? typeName(field.type) : `${typeName(field.type)} (${field.logical})`;

/** What a column's values are: a dictionary is only how they are kept. */
export function valueTypeName(field: ArrowField): string {
  const { type } = field;
  return type.id === 'dictionary' ? valueTypeName({ ...field, type: type.value }) : fieldTypeName(field);
}
