// The Arrow types that docs/types.md is about, each as a field.
import type { ArrowField, ArrowType, LogicalType, TimeUnit } from '../../src/model/index.ts';

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];

const int = (bits: 8 | 16 | 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const float = (bits: 16 | 32 | 64): ArrowType => ({ id: 'float', bits });
const utf8: ArrowType = { id: 'utf8', large: false };
const binary: ArrowType = { id: 'binary', large: false };
const fixedBinary = (byteWidth: number): ArrowType => ({ id: 'fixedBinary', byteWidth });
const decimal = (bits: 128 | 256, precision: number, scale: number): ArrowType => ({
  id: 'decimal',
  bits,
  precision,
  scale,
});

const field = (type: ArrowType, logical: LogicalType | null = null, name = 'x'): ArrowField => ({
  name,
  type,
  nullable: true,
  logical,
});

const list = (item: ArrowType): ArrowType => ({ id: 'list', large: false, item: field(item, null, 'item') });
const fixedList = (size: number, item: ArrowType, nullable = true): ArrowType => ({
  id: 'fixedList',
  size,
  item: { ...field(item, null, 'item'), nullable },
});
const struct: ArrowType = { id: 'struct', fields: [field(int(32), null, 'a'), field(utf8, null, 'b')] };
const map = (value: ArrowType): ArrowType => ({
  id: 'map',
  key: field(utf8, null, 'key'),
  value: field(value, null, 'value'),
});

export const FLAT: readonly ArrowField[] = [
  field({ id: 'null' }),
  field({ id: 'bool' }),
  ...([8, 16, 32, 64] as const).map((bits) => field(int(bits))),
  ...([8, 16, 32, 64] as const).map((bits) => field(int(bits, false))),
  ...([16, 32, 64] as const).map((bits) => field(float(bits))),
  field(decimal(128, 12, 2)),
  field(decimal(256, 76, 38)),
  field(decimal(128, 12, -2)),
  field({ id: 'date', unit: 'day' }),
  field({ id: 'date', unit: 'ms' }),
  ...UNITS.map((unit) => field({ id: 'time', unit })),
  ...UNITS.map((unit) => field({ id: 'timestamp', unit, timezone: null })),
  field({ id: 'int96', timezone: null }),
  ...UNITS.map((unit) => field({ id: 'timestamp', unit, timezone: 'UTC' })),
  ...UNITS.map((unit) => field({ id: 'duration', unit })),
  ...(['month', 'dayTime', 'monthDayNano', 'monthDayMs'] as const).map((unit) =>
    field({ id: 'interval', unit }),
  ),
  field(utf8),
  field(utf8, 'enum'),
  field(utf8, 'json'),
  field({ id: 'dictionary', index: int(32), value: utf8 }),
  field(binary),
  field(binary, 'bson'),
  field(binary, 'wkb'),
  field(fixedBinary(8)),
  field(fixedBinary(16)),
  field(fixedBinary(16), 'uuid'),
];

export const LISTS: readonly ArrowField[] = [
  field(list(int(32))),
  field(list(utf8)),
  field(fixedList(3, float(32))),
  field(list(list(int(32)))),
  field(list(fixedList(3, float(32)))),
  field({
    ...(list(fixedList(3, float(32))) as Extract<ArrowType, { id: 'list' }>),
    item: { ...field(fixedList(3, float(32)), null, 'item'), nullable: false },
  }),
];

/** Of several parts that have a name or a key each. */
export const NESTED: readonly ArrowField[] = [
  field(struct),
  field(list(struct)),
  field(map(utf8)),
  field(map(int(32))),
];
