// Reads the Arrow C data interface out of WebAssembly memory: pointers in, views out, no copy.
// Layout: https://arrow.apache.org/docs/format/CDataInterface.html, with 4-byte pointers.
import { ParloadError } from '../../src/errors/index.ts';
import type { ArrowColumn, ArrowField, ArrowType, LogicalType } from '../../src/model/index.ts';
import { parseFormat } from './c-format.ts';

const text = new TextDecoder();

const FLAG_NULLABLE = 2;
const MAX_DEPTH = 100;

/** struct ArrowSchema, by byte offset. */
const SCHEMA = { format: 0, name: 4, metadata: 8, flags: 16, childCount: 24, children: 32, dictionary: 36 };
/** struct ArrowArray, by byte offset. */
const ARRAY = {
  length: 0,
  nullCount: 8,
  offset: 16,
  bufferCount: 24,
  childCount: 32,
  buffers: 40,
  children: 44,
  dictionary: 48,
};

const int64 = (view: DataView, at: number): number => Number(view.getBigInt64(at, true));
const pointer = (view: DataView, at: number): number => view.getUint32(at, true);

function cString(bytes: Uint8Array, at: number): string {
  if (at === 0) return '';
  const end = bytes.indexOf(0, at);
  return text.decode(bytes.subarray(at, end));
}

/** Key-value metadata: int32 count, then int32-length-prefixed keys and values. */
function readMetadata(view: DataView, at: number): Map<string, string> {
  const pairs = new Map<string, string>();
  if (at === 0) return pairs;
  const bytes = new Uint8Array(view.buffer);
  let position = at + 4;
  const next = (): string => {
    const length = view.getInt32(position, true);
    const value = text.decode(bytes.subarray(position + 4, position + 4 + length));
    position += 4 + length;
    return value;
  };
  for (let left = view.getInt32(at, true); left > 0; left--) {
    const key = next();
    pairs.set(key, next());
  }
  return pairs;
}

const EXTENSIONS: Record<string, LogicalType> = {
  'arrow.uuid': 'uuid',
  'arrow.json': 'json',
  'geoarrow.wkb': 'wkb',
  'ogc.wkb': 'wkb',
};

/** The field at `address`, with its children; the root of a schema is a struct field. */
export function readField(memory: ArrayBuffer, address: number, depth = 0): ArrowField {
  if (depth > MAX_DEPTH) throw new ParloadError('PARQUET_UNSUPPORTED', 'columns are nested too deeply');
  const view = new DataView(memory);
  const bytes = new Uint8Array(memory);
  const children: ArrowField[] = [];
  const childTable = pointer(view, address + SCHEMA.children);
  for (let i = 0; i < int64(view, address + SCHEMA.childCount); i++) {
    children.push(readField(memory, pointer(view, childTable + 4 * i), depth + 1));
  }
  let type: ArrowType = parseFormat(cString(bytes, pointer(view, address + SCHEMA.format)), children);
  const dictionary = pointer(view, address + SCHEMA.dictionary);
  if (dictionary !== 0) {
    type = { id: 'dictionary', index: type, value: readField(memory, dictionary, depth + 1).type };
  }
  const extension = readMetadata(view, pointer(view, address + SCHEMA.metadata)).get('ARROW:extension:name');
  return {
    name: cString(bytes, pointer(view, address + SCHEMA.name)),
    type,
    nullable: (int64(view, address + SCHEMA.flags) & FLAG_NULLABLE) !== 0,
    logical: extension === undefined ? null : (EXTENSIONS[extension] ?? null),
  };
}

const INTERVAL_BYTES = { month: 4, dayTime: 8, monthDayNano: 16, monthDayMs: 12 } as const;

/** Bytes of the fixed-width values of `count` elements. */
export function valueBytes(type: ArrowType, count: number): number {
  switch (type.id) {
    case 'bool':
      return (count + 7) >> 3;
    case 'int':
    case 'float':
    case 'decimal':
      return (count * type.bits) / 8;
    case 'date':
      return count * (type.unit === 'day' ? 4 : 8);
    case 'time':
      return count * (type.unit === 's' || type.unit === 'ms' ? 4 : 8);
    case 'timestamp':
    case 'duration':
      return count * 8;
    case 'interval':
      return count * INTERVAL_BYTES[type.unit];
    case 'int96':
      return count * 12;
    case 'fixedBinary':
      return count * type.byteWidth;
    case 'dictionary':
      return valueBytes(type.index, count);
    default:
      return 0;
  }
}

const offsetWidth = (type: ArrowType): 0 | 4 | 8 => {
  if (type.id === 'utf8' || type.id === 'binary' || type.id === 'list') return type.large ? 8 : 4;
  return type.id === 'map' ? 4 : 0;
};

const childTypes = (type: ArrowType): readonly ArrowType[] => {
  switch (type.id) {
    case 'list':
    case 'fixedList':
      return [type.item.type];
    case 'struct':
      return type.fields.map((field) => field.type);
    case 'map':
      return [
        {
          id: 'struct',
          fields: [type.key, type.value],
        },
      ];
    default:
      return [];
  }
};

/** The array at `address` as views over `memory`; valid until the memory grows or the array is dropped. */
export function readColumn(memory: ArrayBuffer, address: number, type: ArrowType): ArrowColumn {
  const view = new DataView(memory);
  const length = int64(view, address + ARRAY.length);
  const offset = int64(view, address + ARRAY.offset);
  const nullCount = int64(view, address + ARRAY.nullCount);
  const bufferTable = pointer(view, address + ARRAY.buffers);
  const buffer = (i: number, byteLength: number): Uint8Array =>
    new Uint8Array(memory, pointer(view, bufferTable + 4 * i), byteLength);
  const end = offset + length;

  const hasValidity = type.id !== 'null' && nullCount !== 0 && pointer(view, bufferTable) !== 0;
  const width = offsetWidth(type);
  let offsets: Uint8Array | null = null;
  let data: Uint8Array | null = null;
  if (width !== 0) {
    // an empty array may come without an offsets buffer at all
    const empty = length === 0 || pointer(view, bufferTable + 4) === 0;
    offsets = empty ? new Uint8Array((end + 1) * width) : buffer(1, (end + 1) * width);
    if (type.id === 'utf8' || type.id === 'binary') {
      const last = lastOffset(offsets, end, width);
      data = last === 0 ? new Uint8Array(0) : buffer(2, last);
    }
  } else if (type.id !== 'null' && type.id !== 'struct' && type.id !== 'fixedList') {
    const byteLength = valueBytes(type, end);
    data = byteLength === 0 ? new Uint8Array(0) : buffer(1, byteLength);
  }

  const childTable = pointer(view, address + ARRAY.children);
  const children = childTypes(type).map((childType, i) =>
    readColumn(memory, pointer(view, childTable + 4 * i), childType),
  );
  const dictionary = pointer(view, address + ARRAY.dictionary);
  return {
    type,
    length,
    offset,
    nullCount: type.id === 'null' ? length : nullCount,
    validity: hasValidity ? buffer(0, (end + 7) >> 3) : null,
    offsets,
    data,
    children,
    dictionary:
      type.id === 'dictionary' && dictionary !== 0 ? readColumn(memory, dictionary, type.value) : null,
  };
}

function lastOffset(offsets: Uint8Array, end: number, width: 4 | 8): number {
  const view = new DataView(offsets.buffer, offsets.byteOffset, offsets.byteLength);
  if (width === 4) return view.getUint32(end * 4, true);
  const last = Number(view.getBigUint64(end * 8, true));
  // readers take the low word of an 8-byte offset: WASM memory ends at 4 GiB
  if (last > 0xffffffff)
    throw new ParloadError('DECODER_MEMORY', 'a column of one batch holds over 4 GiB of text');
  return last;
}
