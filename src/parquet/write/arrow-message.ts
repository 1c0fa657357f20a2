// The Arrow schema as Arrow's own writers leave it beside the data (key ARROW:schema): an IPC message, a flatbuffer, in
// base64. Parquet itself has no durations, no seconds, no large lists: readers of Arrow find these again by it.
// The buffer is written forwards: each table first, then what it points at.
import type { ArrowField, ArrowSchema, ArrowType, TimeUnit } from '../../model/index.ts';
import { ByteSink } from './byte-sink.ts';

/** A number, or something further on: its position when it has been written. */
type Slot = number | (() => number) | null;

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
/** Seconds are stored as milliseconds; saying otherwise here would cost readers the time zone. */
const clockUnit = (unit: TimeUnit): number => Math.max(1, UNITS.indexOf(unit));
const METADATA_V5 = 4;
const SCHEMA_MESSAGE = 1;
const CONTINUATION = -1;

class MessageWriter {
  readonly out = new ByteSink();

  #align(at: number): void {
    while ((this.out.length + at) % 4 !== 0) this.out.byte(0);
  }

  #short(value: number): void {
    this.out.byte(value & 255);
    this.out.byte((value >> 8) & 255);
  }

  /** Position of a table whose fields take four bytes each; null: not set. */
  table(slots: readonly Slot[]): number {
    const vtableBytes = 4 + 2 * slots.length;
    this.#align(vtableBytes);
    const vtable = this.out.length;
    this.#short(vtableBytes);
    this.#short(4 + 4 * slots.filter((slot) => slot !== null).length);
    let at = 4;
    for (const slot of slots) {
      this.#short(slot === null ? 0 : at);
      if (slot !== null) at += 4;
    }
    const table = this.out.length;
    this.out.word(table - vtable);
    const open: [number, () => number][] = [];
    for (const slot of slots) {
      if (slot === null) continue;
      if (typeof slot === 'function') open.push([this.out.length, slot]);
      this.out.word(typeof slot === 'number' ? slot : 0);
    }
    this.#point(open);
    return table;
  }

  /** Places that hold the distance to what stands further on. */
  #point(open: readonly [number, () => number][]): void {
    for (const [at, write] of open) {
      const position = write();
      this.out.wordAt(at, position - at);
    }
  }

  string(text: string): number {
    const bytes = Buffer.from(text);
    this.#align(0);
    const at = this.out.length;
    this.out.word(bytes.length);
    this.out.copy(bytes, 0, bytes.length);
    this.out.byte(0);
    return at;
  }

  vector(items: readonly (() => number)[]): number {
    this.#align(0);
    const at = this.out.length;
    this.out.word(items.length);
    const open = items.map((item): [number, () => number] => {
      const place = this.out.length;
      this.out.word(0);
      return [place, item];
    });
    this.#point(open);
    return at;
  }

  /** Member of the union Type, its table, and the fields below. */
  #type(type: ArrowType): [kind: number, slots: readonly Slot[], children: readonly ArrowField[]] {
    switch (type.id) {
      case 'null':
        return [1, [], []];
      case 'int':
        return [2, [type.bits, type.signed ? 1 : 0], []];
      case 'float':
        return [3, [type.bits >> 5], []];
      case 'binary':
        return [type.large ? 19 : 4, [], []];
      case 'utf8':
        return [type.large ? 20 : 5, [], []];
      case 'bool':
        return [6, [], []];
      case 'decimal':
        return [7, [type.precision, type.scale, type.bits], []];
      case 'date':
        return [8, [type.unit === 'day' ? 0 : 1], []];
      case 'time':
        return [9, [clockUnit(type.unit), type.unit === 's' || type.unit === 'ms' ? 32 : 64], []];
      case 'timestamp': {
        const { timezone } = type;
        const zone = timezone === null ? null : (): number => this.string(timezone);
        return [10, [clockUnit(type.unit), zone], []];
      }
      case 'int96':
        return this.#type({ id: 'timestamp', unit: 'ns', timezone: type.timezone });
      case 'interval':
        // the twelve bytes that Parquet has, for which Arrow has no interval
        return [15, [12], []];
      case 'list':
        return [type.large ? 21 : 12, [], [type.item]];
      case 'struct':
        return [13, [], type.fields];
      case 'fixedBinary':
        return [15, [type.byteWidth], []];
      case 'fixedList':
        return [16, [type.size], [type.item]];
      case 'map':
        return [17, [0], [entriesOf(type)]];
      case 'duration':
        return [18, [UNITS.indexOf(type.unit)], []];
      case 'dictionary':
        return this.#type(type.value);
    }
  }

  field(field: ArrowField): number {
    const [kind, slots, children] = this.#type(field.type);
    return this.table([
      () => this.string(field.name),
      field.nullable ? 1 : 0,
      kind,
      () => this.table(slots),
      null,
      () => this.vector(children.map((child) => () => this.field(child))),
    ]);
  }
}

const entriesOf = ({ key, value }: Extract<ArrowType, { id: 'map' }>): ArrowField => ({
  name: 'key_value',
  type: { id: 'struct', fields: [key, value] },
  nullable: false,
  logical: null,
});

export function arrowSchemaText(schema: ArrowSchema): string {
  const w = new MessageWriter();
  // room for the marker, the length, and the position of the root
  for (let k = 0; k < 3; k++) w.out.word(0);
  const root = w.table([
    METADATA_V5,
    SCHEMA_MESSAGE,
    () => w.table([0, () => w.vector(schema.fields.map((field) => () => w.field(field)))]),
  ]);
  while (w.out.length % 8 !== 0) w.out.byte(0);
  w.out.wordAt(0, CONTINUATION);
  w.out.wordAt(4, w.out.length - 8);
  w.out.wordAt(8, root - 8);
  return Buffer.from(w.out.written).toString('base64');
}
