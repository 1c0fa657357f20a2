// Arrow columns of any type out of plain values, for tests that make types and values at random.
import type { ArrowColumn, ArrowField, ArrowType } from '../../src/model/index.ts';
import {
  bigIntBytes,
  boolColumn,
  bytesColumn,
  dictionaryColumn,
  fixedColumn,
  int96Bytes,
} from './columns.ts';

/**
 * bigint for integers, decimals (unscaled), dates, times, timestamps (in their unit; INT96 in nanoseconds) and durations;
 * number for floats; string and bytes; an array for lists and structs (by field), pairs for maps; months, days and the
 * rest for intervals.
 */
export type Plain =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly Plain[]
  | readonly (readonly [Plain, Plain])[];

type Values = readonly Plain[];

const valid = (values: Values): boolean[] => values.map((v) => v !== null);
const fixed = (type: ArrowType, data: ArrayBufferView, values: Values): ArrowColumn =>
  fixedColumn(type, data, valid(values));
const ints = (type: ArrowType, bits: number, values: Values): ArrowColumn =>
  fixed(type, bigIntBytes(values as (bigint | null)[], bits), values);

/** Half precision of a number that is one. */
export function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | Math.round((size / 2 ** exponent - 1) * 1024);
}

function floats(type: Extract<ArrowType, { id: 'float' }>, values: Values): ArrowColumn {
  const numbers = values.map((v) => Number(v ?? 0));
  if (type.bits === 64) return fixed(type, Float64Array.from(numbers), values);
  if (type.bits === 32) return fixed(type, Float32Array.from(numbers), values);
  return fixed(type, Uint16Array.from(numbers, halfBits), values);
}

/** Widths of an interval's parts in bits, in the order of memory. */
const INTERVAL_PARTS = {
  month: [32],
  dayTime: [32, 32],
  monthDayNano: [32, 32, 64],
  monthDayMs: [32, 32, 32],
} as const;

function intervals(type: Extract<ArrowType, { id: 'interval' }>, values: Values): ArrowColumn {
  const parts = INTERVAL_PARTS[type.unit];
  const rows = values.map((v) =>
    parts.map((bits, k) => bigIntBytes([v === null ? 0n : ((v as readonly bigint[])[k] ?? 0n)], bits)),
  );
  return fixed(type, Buffer.concat(rows.flat()), values);
}

function fixedBinary(type: Extract<ArrowType, { id: 'fixedBinary' }>, values: Values): ArrowColumn {
  const rows = values.map((v) => (v as Uint8Array | null) ?? new Uint8Array(type.byteWidth));
  return fixed(type, Buffer.concat(rows), values);
}

function offsets(lengths: readonly number[], large: boolean): Uint8Array {
  const out = large ? new BigInt64Array(lengths.length + 1) : new Int32Array(lengths.length + 1);
  let at = 0;
  lengths.forEach((length, i) => {
    at += length;
    out[i + 1] = large ? BigInt(at) : at;
  });
  return new Uint8Array(out.buffer);
}

const nested = (type: ArrowType, values: Values, rest: Partial<ArrowColumn>): ArrowColumn => ({
  ...fixedColumn(type, new Uint8Array(0), valid(values)),
  data: null,
  ...rest,
});

const itemsOf = (value: Plain): readonly Plain[] => (value === null ? [] : (value as readonly Plain[]));

function lists(type: Extract<ArrowType, { id: 'list' }>, values: Values): ArrowColumn {
  return nested(type, values, {
    offsets: offsets(
      values.map((v) => itemsOf(v).length),
      type.large,
    ),
    children: [columnOf(type.item, values.flatMap(itemsOf))],
  });
}

function fixedLists(type: Extract<ArrowType, { id: 'fixedList' }>, values: Values): ArrowColumn {
  const nothing = Array<null>(type.size).fill(null);
  const items = values.flatMap((v) => (v === null ? nothing : itemsOf(v)));
  return nested(type, values, { children: [columnOf(type.item, items)] });
}

const structs = (type: Extract<ArrowType, { id: 'struct' }>, values: Values): ArrowColumn =>
  nested(type, values, {
    children: type.fields.map((field, k) =>
      columnOf(
        field,
        values.map((v) => (v === null ? null : itemsOf(v)[k]!)),
      ),
    ),
  });

function maps(type: Extract<ArrowType, { id: 'map' }>, values: Values): ArrowColumn {
  const entry: ArrowType = { id: 'struct', fields: [type.key, type.value] };
  return nested(type, values, {
    offsets: offsets(
      values.map((v) => itemsOf(v).length),
      false,
    ),
    children: [structs(entry, values.flatMap(itemsOf))],
  });
}

/** Entries in reverse order, with a null among them; every other null of the rows goes through that. */
function dictionaries(
  field: ArrowField,
  type: Extract<ArrowType, { id: 'dictionary' }>,
  values: Values,
): ArrowColumn {
  const entries: Plain[] = [null, ...values.filter((v) => v !== null)].reverse();
  const indices = values.map((v, i) => (v === null && i % 2 === 0 ? null : entries.indexOf(v)));
  const column = dictionaryColumn(indices, columnOf({ ...field, type: type.value }, entries));
  return {
    ...column,
    type,
    data: bigIntBytes(
      indices.map((i) => BigInt(i ?? 0)),
      (type.index as { bits: number }).bits,
    ),
  };
}

export function columnOf(field: ArrowField, values: Values): ArrowColumn {
  const { type } = field;
  switch (type.id) {
    case 'null':
      return { ...nested(type, values, {}), nullCount: values.length, validity: null };
    case 'bool':
      return boolColumn(values as (boolean | null)[]);
    case 'int':
    case 'decimal':
      return ints(type, type.bits, values);
    case 'float':
      return floats(type, values);
    case 'date':
      return ints(type, type.unit === 'day' ? 32 : 64, values);
    case 'time':
      return ints(type, type.unit === 's' || type.unit === 'ms' ? 32 : 64, values);
    case 'timestamp':
    case 'duration':
      return ints(type, 64, values);
    case 'int96':
      return fixed(type, int96Bytes(values as (bigint | null)[]), values);
    case 'interval':
      return intervals(type, values);
    case 'utf8':
    case 'binary':
      return bytesColumn(type, values as (string | Uint8Array | null)[]);
    case 'fixedBinary':
      return fixedBinary(type, values);
    case 'list':
      return lists(type, values);
    case 'fixedList':
      return fixedLists(type, values);
    case 'struct':
      return structs(type, values);
    case 'map':
      return maps(type, values);
    default:
      return dictionaries(field, type, values);
  }
}

/** The same values behind others that are sliced away, as columns of a batch can be. */
export function slicedColumn(field: ArrowField, before: Values, values: Values): ArrowColumn {
  const column = columnOf(field, [...before, ...values]);
  return { ...column, offset: before.length, length: values.length };
}
