// Arrow batches from plain arrays, as raw buffers: tests need no file and no Arrow library.
import type { ArrowBatch, ArrowColumn, ArrowField, ArrowSchema, ArrowType } from '../../src/model/index.ts';

type Value = number | bigint | string | boolean | null;

export type TestType = 'int32' | 'int64' | 'float64' | 'utf8' | 'bool' | 'timestamp';

export interface TestColumn {
  readonly name: string;
  readonly type: TestType;
  /** int64 and timestamp (microseconds, no zone) as bigint or number. */
  readonly values: readonly Value[];
}

const TYPES: Readonly<Record<TestType, ArrowType>> = {
  int32: { id: 'int', bits: 32, signed: true },
  int64: { id: 'int', bits: 64, signed: true },
  float64: { id: 'float', bits: 64 },
  utf8: { id: 'utf8', large: false },
  bool: { id: 'bool' },
  timestamp: { id: 'timestamp', unit: 'us', timezone: null },
};

export const testField = (name: string, type: TestType): ArrowField => ({
  name,
  type: TYPES[type],
  nullable: true,
  logical: null,
});

const bitmap = (bits: readonly boolean[]): Uint8Array => {
  const bytes = new Uint8Array(Math.max(1, Math.ceil(bits.length / 8)));
  bits.forEach((bit, i) => {
    if (bit) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return bytes;
};

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function dataOf(type: TestType, values: readonly Value[]): { data: Uint8Array; offsets: Uint8Array | null } {
  switch (type) {
    case 'int32':
      return { data: bytesOf(Int32Array.from(values, (v) => Number(v ?? 0))), offsets: null };
    case 'int64':
    case 'timestamp':
      return {
        data: bytesOf(BigInt64Array.from(values, (v) => BigInt((v ?? 0) as bigint | number))),
        offsets: null,
      };
    case 'float64':
      return { data: bytesOf(Float64Array.from(values, (v) => Number(v ?? 0))), offsets: null };
    case 'bool':
      return { data: bitmap(values.map((v) => v === true)), offsets: null };
    case 'utf8': {
      const texts = values.map((v) => new TextEncoder().encode(v === null ? '' : String(v)));
      const offsets = new Int32Array(values.length + 1);
      texts.forEach((t, i) => {
        offsets[i + 1] = offsets[i]! + t.length;
      });
      const data = new Uint8Array(offsets[values.length]!);
      texts.forEach((t, i) => {
        data.set(t, offsets[i]!);
      });
      return { data, offsets: bytesOf(offsets) };
    }
  }
}

export function testColumn({ type, values }: TestColumn): ArrowColumn {
  const nullCount = values.filter((v) => v === null).length;
  return {
    type: TYPES[type],
    length: values.length,
    offset: 0,
    nullCount,
    validity: nullCount === 0 ? null : bitmap(values.map((v) => v !== null)),
    ...dataOf(type, values),
    children: [],
    dictionary: null,
  };
}

export const testSchema = (columns: readonly Pick<TestColumn, 'name' | 'type'>[]): ArrowSchema => ({
  fields: columns.map((c) => testField(c.name, c.type)),
});

export function testBatch(
  columns: readonly TestColumn[],
  options: { readonly rowStart?: number; readonly selection?: readonly number[] } = {},
): ArrowBatch {
  return {
    schema: testSchema(columns),
    columns: columns.map(testColumn),
    length: columns[0]?.values.length ?? 0,
    selection: options.selection === undefined ? null : Int32Array.from(options.selection),
    rowStart: options.rowStart ?? 0,
  };
}

/** The columns of `numberedBatch`: enough types to see a wrong buffer. */
export const NUMBERED: readonly Pick<TestColumn, 'name' | 'type'>[] = [
  { name: 'id', type: 'int64' },
  { name: 'small', type: 'int32' },
  { name: 'ratio', type: 'float64' },
  { name: 'label', type: 'utf8' },
  { name: 'even', type: 'bool' },
  { name: 'at', type: 'timestamp' },
];

/** Rows `start <= id < start + count`; every seventh label is null. */
export function numberedBatch(start: number, count: number, selection?: readonly number[]): ArrowBatch {
  const ids = Array.from({ length: count }, (_, i) => start + i);
  const valuesOf: Readonly<Record<string, (id: number) => Value>> = {
    id: (id) => id,
    small: (id) => id % 1000,
    ratio: (id) => id / 4,
    label: (id) => (id % 7 === 0 ? null : `row ${id} ü`),
    even: (id) => id % 2 === 0,
    at: (id) => id * 1_000_000,
  };
  const columns = NUMBERED.map((c) => ({ ...c, values: ids.map((id) => valuesOf[c.name]!(id)) }));
  return testBatch(columns, { rowStart: start, ...(selection === undefined ? {} : { selection }) });
}
