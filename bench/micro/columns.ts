// Arrow columns made by hand, with any type: what the encoder gets without a decoder before it.
import type { ArrowBatch, ArrowColumn, ArrowField, ArrowType, LogicalType } from '../../src/model/index.ts';
import { Random } from '../datasets/random.ts';

export const ROWS = 16_384;

export interface ColumnShape {
  readonly name: string;
  readonly type: ArrowType;
  /** Bytes of one value, or of one text on average. */
  readonly width: number;
  readonly logical?: LogicalType;
  /** Every n-th value is null. */
  readonly nullEvery?: number;
}

const int = (bits: 16 | 32 | 64): ArrowType => ({ id: 'int', bits, signed: true });
const float = (bits: 32 | 64): ArrowType => ({ id: 'float', bits });
const decimal = (precision: number, scale: number): ArrowType => ({
  id: 'decimal',
  bits: 128,
  precision,
  scale,
});
const text: ArrowType = { id: 'utf8', large: false };

export const SHAPES: readonly ColumnShape[] = [
  { name: 'bool', type: { id: 'bool' }, width: 1 },
  { name: 'int16', type: int(16), width: 2 },
  { name: 'int32', type: int(32), width: 4 },
  { name: 'int64', type: int(64), width: 8 },
  { name: 'int64 with nulls', type: int(64), width: 8, nullEvery: 7 },
  { name: 'float32', type: float(32), width: 4 },
  { name: 'float64', type: float(64), width: 8 },
  { name: 'decimal(15,2)', type: decimal(15, 2), width: 16 },
  { name: 'decimal(38,10)', type: decimal(38, 10), width: 16 },
  { name: 'date', type: { id: 'date', unit: 'day' }, width: 4 },
  { name: 'timestamp us', type: { id: 'timestamp', unit: 'us', timezone: null }, width: 8 },
  { name: 'text of 8', type: text, width: 8 },
  { name: 'text of 200', type: text, width: 200 },
  { name: 'binary of 32', type: { id: 'binary', large: false }, width: 32 },
  { name: 'uuid', type: { id: 'fixedBinary', byteWidth: 16 }, width: 16, logical: 'uuid' },
];

export const shapeOf = (name: string): ColumnShape => SHAPES.find((shape) => shape.name === name)!;

const isText = ({ type }: ColumnShape): boolean => type.id === 'utf8' || type.id === 'binary';

/** Small numbers: every type takes them. Decimals of some 30 digits where the precision allows them. */
function fixedData({ type, width }: ColumnShape, random: Random): Uint8Array {
  const data = new Uint8Array(ROWS * width);
  const view = new DataView(data.buffer);
  for (let i = 0; i < ROWS; i++) {
    const at = i * width;
    if (type.id === 'float' && type.bits === 32) view.setFloat32(at, random.unit() * 1000, true);
    else if (type.id === 'float') view.setFloat64(at, Math.round(random.unit() * 1e5) / 100, true);
    else if (width === 1) data[at] = random.below(256);
    else if (width === 2) view.setInt16(at, random.below(30_000), true);
    else {
      view.setInt32(at, random.below(20_000), true);
      if (width === 8 && type.id === 'timestamp') view.setInt32(at + 4, 390_000, true);
      if (type.id === 'decimal' && type.precision > 18) view.setInt32(at + 8, random.below(1e6), true);
    }
  }
  return data;
}

function textData({ width }: ColumnShape, random: Random): { offsets: Uint8Array; data: Uint8Array } {
  const ends = new Int32Array(ROWS + 1);
  for (let i = 0; i < ROWS; i++) ends[i + 1] = ends[i]! + 1 + random.below(2 * width - 1);
  const data = new Uint8Array(ends[ROWS]!);
  for (let i = 0; i < data.length; i++) data[i] = 97 + (i % 26);
  return { offsets: new Uint8Array(ends.buffer), data };
}

function validity(every: number): Uint8Array {
  const bits = new Uint8Array((ROWS + 7) >> 3).fill(255);
  for (let i = 0; i < ROWS; i += every) bits[i >> 3]! &= ~(1 << (i & 7));
  return bits;
}

function columnOf(shape: ColumnShape, random: Random): ArrowColumn {
  const { type, nullEvery } = shape;
  return {
    type,
    length: ROWS,
    offset: 0,
    nullCount: nullEvery === undefined ? 0 : Math.ceil(ROWS / nullEvery),
    validity: nullEvery === undefined ? null : validity(nullEvery),
    ...(isText(shape) ? textData(shape, random) : { offsets: null, data: fixedData(shape, random) }),
    children: [],
    dictionary: null,
  };
}

/** One batch with a column for each shape. */
export function batchOf(shapes: readonly ColumnShape[]): ArrowBatch {
  const random = new Random(5);
  const fields = shapes.map(
    (shape, i): ArrowField => ({
      name: `c${i}`,
      type: shape.type,
      nullable: true,
      logical: shape.logical ?? null,
    }),
  );
  const columns = shapes.map((shape) => columnOf(shape, random));
  return { schema: { fields }, columns, length: ROWS, selection: null, rowStart: 0 };
}
