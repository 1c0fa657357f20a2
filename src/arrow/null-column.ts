import type { ArrowColumn, ArrowType } from '../model/index.ts';

/** Bytes of a value of fixed width; null for types that have none. */
function widthOf(type: ArrowType): number | null {
  switch (type.id) {
    case 'int':
    case 'float':
    case 'decimal':
      return type.bits / 8;
    case 'date':
      return type.unit === 'day' ? 4 : 8;
    case 'time':
      return type.unit === 's' || type.unit === 'ms' ? 4 : 8;
    case 'timestamp':
    case 'duration':
      return 8;
    case 'int96':
      return 12;
    case 'interval':
      return { month: 4, dayTime: 8, monthDayNano: 16, monthDayMs: 12 }[type.unit];
    case 'fixedBinary':
      return type.byteWidth;
    default:
      return null;
  }
}

/** A column of `length` NULLs. */
export function nullColumn(type: ArrowType, length: number): ArrowColumn {
  const column: ArrowColumn = {
    type,
    length,
    offset: 0,
    nullCount: length,
    validity: new Uint8Array((length + 7) >> 3),
    offsets: null,
    data: null,
    children: [],
    dictionary: null,
  };
  const offsets = (large: boolean): Uint8Array => new Uint8Array((length + 1) * (large ? 8 : 4));
  const width = widthOf(type);
  if (width !== null) return { ...column, data: new Uint8Array(width * length) };
  switch (type.id) {
    case 'bool':
      return { ...column, data: new Uint8Array((length + 7) >> 3) };
    case 'utf8':
    case 'binary':
      return { ...column, offsets: offsets(type.large), data: new Uint8Array(0) };
    case 'list':
      return { ...column, offsets: offsets(type.large), children: [nullColumn(type.item.type, 0)] };
    case 'fixedList':
      return { ...column, children: [nullColumn(type.item.type, type.size * length)] };
    case 'struct':
      return { ...column, children: type.fields.map((field) => nullColumn(field.type, length)) };
    case 'map': {
      const entries: ArrowType = { id: 'struct', fields: [type.key, type.value] };
      return { ...column, offsets: offsets(false), children: [nullColumn(entries, 0)] };
    }
    case 'dictionary':
      return { ...nullColumn(type.index, length), type, dictionary: nullColumn(type.value, 1) };
    default:
      return column;
  }
}
