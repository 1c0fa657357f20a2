// Arrow columns from a few plain values, for what the run itself has to say. Never for rows of data.
import type { ArrowColumn, ArrowType } from '../model/index.ts';

function column(type: ArrowType, values: readonly unknown[], buffers: Partial<ArrowColumn>): ArrowColumn {
  const validity = new Uint8Array((values.length + 7) >> 3);
  let nullCount = 0;
  values.forEach((value, i) => {
    if (value === null) nullCount++;
    else validity[i >> 3]! |= 1 << (i & 7);
  });
  return {
    type,
    length: values.length,
    offset: 0,
    nullCount,
    validity,
    offsets: null,
    data: null,
    children: [],
    dictionary: null,
    ...buffers,
  };
}

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

export function textColumn(values: readonly (string | null)[]): ArrowColumn {
  const texts = values.map((value) => Buffer.from(value ?? ''));
  const offsets = new Int32Array(values.length + 1);
  texts.forEach((text, i) => {
    offsets[i + 1] = offsets[i]! + text.length;
  });
  const buffers = { offsets: bytesOf(offsets), data: Buffer.concat(texts) };
  return column({ id: 'utf8', large: false }, values, buffers);
}

export const int32Column = (values: readonly (number | null)[]): ArrowColumn =>
  column({ id: 'int', bits: 32, signed: true }, values, {
    data: bytesOf(Int32Array.from(values, (value) => value ?? 0)),
  });

/** Whole numbers of up to 53 bits, not negative. */
export function int64Column(values: readonly (number | null)[]): ArrowColumn {
  const words = new Uint32Array(2 * values.length);
  values.forEach((value, i) => {
    words[2 * i] = (value ?? 0) % 4294967296;
    words[2 * i + 1] = Math.floor((value ?? 0) / 4294967296);
  });
  return column({ id: 'int', bits: 64, signed: true }, values, { data: bytesOf(words) });
}
