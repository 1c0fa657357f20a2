// The Arrow schema that Arrow's own writers leave in a Parquet file: an IPC message (a flatbuffer) in base64, under the key
// ARROW:schema. It tells types that Parquet lacks: durations, time zones, fixed-size lists. Only advice: what cannot be read
// here is as good as not there.
import type { ArrowField, ArrowType, LogicalType, TimeUnit } from '../model/index.ts';

/** Offsets can point back, so that a short message stands for a tree without end. */
const MOST_FIELDS = 100_000;
const MOST_DEPTH = 100;
const CONTINUATION = 0xffffffff;

const TIME_UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
const text = new TextDecoder();

const EXTENSIONS: Record<string, LogicalType> = {
  'arrow.uuid': 'uuid',
  'arrow.json': 'json',
  'geoarrow.wkb': 'wkb',
  'ogc.wkb': 'wkb',
};

/** One table of a flatbuffer: fields by their position in the schema's source. */
class Table {
  readonly #view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  /** Where a field lies; 0 when it has its default. */
  #field(index: number): number {
    const vtable = this.#at - this.#view.getInt32(this.#at, true);
    const entry = 4 + 2 * index;
    if (entry + 2 > this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + entry, true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  byte(index: number): number {
    const at = this.#field(index);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  short(index: number, missing = 0): number {
    const at = this.#field(index);
    return at === 0 ? missing : this.#view.getInt16(at, true);
  }

  int(index: number, missing = 0): number {
    const at = this.#field(index);
    return at === 0 ? missing : this.#view.getInt32(at, true);
  }

  /** Null when it is not there. */
  string(index: number): string | null {
    const at = this.#field(index);
    if (at === 0) return null;
    const start = at + this.#view.getUint32(at, true);
    const length = this.#view.getUint32(start, true);
    if (length > this.#view.byteLength - start - 4) throw new RangeError('a text is longer than the message');
    return text.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start + 4, length));
  }

  table(index: number): Table | null {
    const at = this.#field(index);
    return at === 0 ? null : new Table(this.#view, at + this.#view.getUint32(at, true));
  }

  tables(index: number): Table[] {
    const at = this.#field(index);
    if (at === 0) return [];
    const vector = at + this.#view.getUint32(at, true);
    const count = this.#view.getUint32(vector, true);
    if (4 * count > this.#view.byteLength - vector)
      throw new RangeError('a vector is longer than the message');
    return Array.from({ length: count }, (_, i) => {
      const entry = vector + 4 + 4 * i;
      return new Table(this.#view, entry + this.#view.getUint32(entry, true));
    });
  }
}

const MESSAGE_HEADER = 2;
const SCHEMA_FIELDS = 1;
/** Positions in the table Field. */
const FIELD = {
  name: 0,
  nullable: 1,
  typeKind: 2,
  type: 3,
  dictionary: 4,
  children: 5,
  metadata: 6,
} as const;

class FieldReader {
  #seen = 0;

  read(table: Table, depth: number): ArrowField {
    if (++this.#seen > MOST_FIELDS || depth > MOST_DEPTH) throw new RangeError('too many fields');
    const children = table.tables(FIELD.children).map((child) => this.read(child, depth + 1));
    const type = typeOf(table.byte(FIELD.typeKind), table.table(FIELD.type), children);
    const extension = table
      .tables(FIELD.metadata)
      .find((pair) => pair.string(0) === 'ARROW:extension:name')
      ?.string(1);
    return {
      name: table.string(FIELD.name) ?? '',
      type,
      nullable: table.byte(FIELD.nullable) !== 0,
      logical: EXTENSIONS[extension ?? ''] ?? null,
    };
  }
}

type Build = (table: Table, children: readonly ArrowField[]) => ArrowType;

const bits = <T extends number>(value: number, allowed: readonly T[]): T => {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new RangeError(`a type of ${value} bits`);
  return found;
};

const unit = (table: Table, missing: number): TimeUnit => {
  const found = TIME_UNITS[table.short(0, missing)];
  if (found === undefined) throw new RangeError('an unknown unit of time');
  return found;
};

const list =
  (large: boolean): Build =>
  (_, [item]) => ({ id: 'list', large, item: item! });

/** By the members of the union Type in Arrow's Schema.fbs. Views hold the same values as what they view. */
const TYPES: Partial<Record<number, Build>> = {
  1: () => ({ id: 'null' }),
  2: (t) => ({ id: 'int', bits: bits(t.int(0), [8, 16, 32, 64]), signed: t.byte(1) !== 0 }),
  3: (t) => ({ id: 'float', bits: bits(16 << t.short(0), [16, 32, 64]) }),
  4: () => ({ id: 'binary', large: false }),
  5: () => ({ id: 'utf8', large: false }),
  6: () => ({ id: 'bool' }),
  7: (t) => ({
    id: 'decimal',
    bits: bits(t.int(2, 128), [32, 64, 128, 256]),
    precision: t.int(0),
    scale: t.int(1),
  }),
  8: (t) => ({ id: 'date', unit: t.short(0, 1) === 0 ? 'day' : 'ms' }),
  9: (t) => ({ id: 'time', unit: unit(t, 1) }),
  10: (t) => ({ id: 'timestamp', unit: unit(t, 0), timezone: t.string(1) || null }),
  12: list(false),
  13: (_, fields) => ({ id: 'struct', fields }),
  15: (t) => ({ id: 'fixedBinary', byteWidth: t.int(0) }),
  16: (t, [item]) => ({ id: 'fixedList', size: t.int(0), item: item! }),
  17: (_, [entries]) => {
    const [key, value] = entries?.type.id === 'struct' ? entries.type.fields : [];
    return { id: 'map', key: key!, value: value! };
  },
  18: (t) => ({ id: 'duration', unit: unit(t, 1) }),
  19: () => ({ id: 'binary', large: true }),
  20: () => ({ id: 'utf8', large: true }),
  21: list(true),
  // run ends and values
  22: (_, [, values]) => values!.type,
  23: () => ({ id: 'binary', large: false }),
  24: () => ({ id: 'utf8', large: false }),
  25: list(false),
  26: list(true),
};

/** Dictionaries are told by another table of the field; its type is that of the values. */
function typeOf(kind: number, table: Table | null, children: readonly ArrowField[]): ArrowType {
  const type = table === null ? undefined : TYPES[kind]?.(table, children);
  const parts = type === undefined ? [undefined] : partsOf(type);
  if (type === undefined || parts.includes(undefined)) throw new RangeError(`type ${kind} is not known here`);
  return type;
}

function partsOf(type: ArrowType): readonly (ArrowField | ArrowType | undefined)[] {
  if (type.id === 'list' || type.id === 'fixedList') return [type.item];
  return type.id === 'map' ? [type.key, type.value] : [type];
}

/** The root fields; null when there is no such schema or it is damaged. `encoded`: the key's value. */
export function readArrowSchema(encoded: string | null): readonly ArrowField[] | null {
  if (encoded === null) return null;
  const bytes = Buffer.from(encoded, 'base64');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    // a message begins with its length, in newer writers behind a marker
    const start = view.getUint32(0, true) === CONTINUATION ? 8 : 4;
    const message = new Table(view, start + view.getUint32(start, true));
    const reader = new FieldReader();
    return (
      message
        .table(MESSAGE_HEADER)
        ?.tables(SCHEMA_FIELDS)
        .map((field) => reader.read(field, 0)) ?? null
    );
  } catch {
    return null;
  }
}
