// Arrow columns from plain arrays, for tests of code that takes raw buffers.
import type { ArrowBatch, ArrowColumn, ArrowField, ArrowType } from '../../src/model/index.ts';

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function bitmap(valid: readonly boolean[]): { validity: Uint8Array | null; nullCount: number } {
  const nullCount = valid.filter((v) => !v).length;
  if (nullCount === 0) return { validity: null, nullCount };
  const validity = new Uint8Array((valid.length + 7) >> 3);
  valid.forEach((v, i) => {
    if (v) validity[i >> 3]! |= 1 << (i & 7);
  });
  return { validity, nullCount };
}

const column = (type: ArrowType, valid: readonly boolean[], rest: Partial<ArrowColumn>): ArrowColumn => ({
  type,
  length: valid.length,
  offset: 0,
  offsets: null,
  data: null,
  children: [],
  dictionary: null,
  ...bitmap(valid),
  ...rest,
});

/** Values little-endian in `data`; null rows hold whatever is there. */
export const fixedColumn = (type: ArrowType, data: ArrayBufferView, valid: readonly boolean[]): ArrowColumn =>
  column(type, valid, { data: bytesOf(data) });

export function boolColumn(values: readonly (boolean | null)[]): ArrowColumn {
  const data = new Uint8Array((values.length + 7) >> 3);
  values.forEach((v, i) => {
    if (v === true) data[i >> 3]! |= 1 << (i & 7);
  });
  return column(
    { id: 'bool' },
    values.map((v) => v !== null),
    { data },
  );
}

function offsetsOf(lengths: readonly number[], large: boolean): Uint8Array {
  const offsets = large ? new BigInt64Array(lengths.length + 1) : new Int32Array(lengths.length + 1);
  let at = 0;
  lengths.forEach((length, i) => {
    at += length;
    offsets[i + 1] = large ? BigInt(at) : at;
  });
  return bytesOf(offsets);
}

export function bytesColumn(
  type: Extract<ArrowType, { id: 'utf8' | 'binary' }>,
  values: readonly (string | Uint8Array | null)[],
): ArrowColumn {
  const parts = values.map((v) =>
    v === null ? new Uint8Array(0) : typeof v === 'string' ? new TextEncoder().encode(v) : v,
  );
  return column(
    type,
    values.map((v) => v !== null),
    {
      offsets: offsetsOf(
        parts.map((p) => p.length),
        type.large,
      ),
      data: Buffer.concat(parts),
    },
  );
}

/** `lengths`: elements of each row, null for a null list; the child holds them in order. */
export const listColumn = (
  item: ArrowField,
  lengths: readonly (number | null)[],
  child: ArrowColumn,
  large = false,
): ArrowColumn =>
  column(
    { id: 'list', large, item },
    lengths.map((l) => l !== null),
    {
      offsets: offsetsOf(
        lengths.map((l) => l ?? 0),
        large,
      ),
      children: [child],
    },
  );

export const dictionaryColumn = (indices: readonly (number | null)[], dictionary: ArrowColumn): ArrowColumn =>
  column(
    { id: 'dictionary', index: { id: 'int', bits: 32, signed: true }, value: dictionary.type },
    indices.map((i) => i !== null),
    { data: bytesOf(Int32Array.from(indices, (i) => i ?? 0)), dictionary },
  );

export const field = (name: string, type: ArrowType, logical: ArrowField['logical'] = null): ArrowField => ({
  name,
  type,
  nullable: true,
  logical,
});

export const batchOf = (
  columns: Record<string, ArrowColumn>,
  selection: Int32Array | null = null,
  rowStart = 0,
): ArrowBatch => ({
  schema: { fields: Object.entries(columns).map(([name, c]) => field(name, c.type)) },
  columns: Object.values(columns),
  length: Object.values(columns)[0]?.length ?? 0,
  selection,
  rowStart,
});

/** Two's complement of `bits` bits, little-endian. */
export function bigIntBytes(values: readonly (bigint | null)[], bits: number): Uint8Array {
  const out = new Uint8Array((values.length * bits) / 8);
  values.forEach((value, i) => {
    let v = BigInt.asUintN(bits, value ?? 0n);
    for (let k = 0; k < bits / 8; k++) {
      out[(i * bits) / 8 + k] = Number(v & 255n);
      v >>= 8n;
    }
  });
  return out;
}

/** Nanoseconds since 1970 as Parquet's INT96: nanoseconds of the day, then the Julian day. */
export function int96Bytes(values: readonly (bigint | null)[]): Uint8Array {
  const out = new DataView(new ArrayBuffer(values.length * 12));
  values.forEach((value, i) => {
    const ns = value ?? 0n;
    const inDay = ((ns % 86_400_000_000_000n) + 86_400_000_000_000n) % 86_400_000_000_000n;
    out.setBigInt64(i * 12, inDay, true);
    out.setInt32(i * 12 + 8, Number((ns - inDay) / 86_400_000_000_000n) + 2_440_588, true);
  });
  return new Uint8Array(out.buffer);
}
