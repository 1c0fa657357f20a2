// Parquet files of types that the usual writers do not make any more, byte by byte: one row group, PLAIN values, no codec.
import { T, ThriftWriter } from '../../src/parquet/thrift.ts';

const MAGIC = Buffer.from('PAR1');
const utf8 = new TextEncoder();

/** PhysicalType in parquet.thrift. */
export const PHYSICAL = { int32: 1, int96: 3, bytes: 6, fixed: 7 } as const;

export interface Leaf {
  readonly physical: number;
  readonly typeLength?: number;
  /** ConvertedType: 4 = ENUM, 21 = INTERVAL. */
  readonly converted?: number;
  /** PLAIN bytes of one value. */
  readonly plain: (value: unknown) => Uint8Array;
}

/** `values`: null or a value for each row; for lists null or an array of these. */
export interface PlainColumn {
  readonly name: string;
  readonly leaf: Leaf;
  readonly isList?: boolean;
  readonly values: readonly unknown[];
}

/** Levels as runs of one, behind their length. */
function levels(values: readonly number[]): Uint8Array {
  const runs = Uint8Array.from(values.flatMap((level) => [2, level]));
  const out = new Uint8Array(4 + runs.length);
  new DataView(out.buffer).setUint32(0, runs.length, true);
  out.set(runs, 4);
  return out;
}

interface Shredded {
  readonly repetition: readonly number[] | null;
  readonly definition: readonly number[];
  readonly present: readonly unknown[];
}

function shred({ values, isList }: PlainColumn): Shredded {
  if (isList !== true) {
    return {
      repetition: null,
      definition: values.map((v) => (v === null ? 0 : 1)),
      present: values.filter((v) => v !== null),
    };
  }
  const repetition: number[] = [];
  const definition: number[] = [];
  const present: unknown[] = [];
  for (const row of values as readonly (readonly unknown[] | null)[]) {
    if (row === null || row.length === 0) {
      repetition.push(0);
      definition.push(row === null ? 0 : 1);
      continue;
    }
    row.forEach((item, i) => {
      repetition.push(i === 0 ? 0 : 1);
      definition.push(item === null ? 2 : 3);
      if (item !== null) present.push(item);
    });
  }
  return { repetition, definition, present };
}

function page(column: PlainColumn): { readonly bytes: Buffer; readonly valueCount: number } {
  const { repetition, definition, present } = shred(column);
  const body = Buffer.concat([
    ...(repetition === null ? [] : [levels(repetition)]),
    levels(definition),
    ...present.map((v) => column.leaf.plain(v)),
  ]);
  const w = new ThriftWriter();
  w.field(1, T.i32, 0).int(0);
  w.field(2, T.i32, 1).int(body.length);
  w.field(3, T.i32, 2).int(body.length);
  w.field(5, T.struct, 3);
  w.field(1, T.i32, 0).int(definition.length);
  for (let id = 2; id <= 4; id++) w.field(id, T.i32, id - 1).int(id === 2 ? 0 : 3);
  w.stop().stop();
  return { bytes: Buffer.concat([w.finish(), body]), valueCount: definition.length };
}

const path = ({ name, isList }: PlainColumn): string[] =>
  isList === true ? [name, 'list', 'element'] : [name];

function group(w: ThriftWriter, name: string, repetition: number, converted: number | null): void {
  w.field(3, T.i32, 0).int(repetition);
  w.field(4, T.binary, 3).binary(utf8.encode(name));
  w.field(5, T.i32, 4).int(1);
  if (converted !== null) w.field(6, T.i32, 5).int(converted);
  w.stop();
}

function elements(w: ThriftWriter, column: PlainColumn): void {
  if (column.isList === true) {
    group(w, column.name, 1, 3);
    group(w, 'list', 2, null);
  }
  const { physical, typeLength, converted } = column.leaf;
  let last = 1;
  w.field(1, T.i32, 0).int(physical);
  if (typeLength !== undefined) {
    w.field(2, T.i32, last).int(typeLength);
    last = 2;
  }
  w.field(3, T.i32, last).int(1);
  w.field(4, T.binary, 3).binary(utf8.encode(path(column).at(-1)!));
  if (converted !== undefined) w.field(6, T.i32, 4).int(converted);
  w.stop();
}

function chunk(w: ThriftWriter, column: PlainColumn, at: number, bytes: number, valueCount: number): void {
  w.field(2, T.i64, 0).int(at);
  w.field(3, T.struct, 2);
  w.field(1, T.i32, 0).int(column.leaf.physical);
  w.field(2, T.list, 1).list(T.i32, 2).int(0).int(3);
  const names = path(column);
  w.field(3, T.list, 2).list(T.binary, names.length);
  for (const name of names) w.binary(utf8.encode(name));
  w.field(4, T.i32, 3).int(0);
  w.field(5, T.i64, 4).int(valueCount);
  w.field(6, T.i64, 5).int(bytes);
  w.field(7, T.i64, 6).int(bytes);
  w.field(9, T.i64, 7).int(at);
  w.stop().stop();
}

export function plainParquet(columns: readonly PlainColumn[]): Buffer {
  const rows = columns[0]!.values.length;
  const pages = columns.map(page);
  const w = new ThriftWriter();
  w.field(1, T.i32, 0).int(1);
  w.field(2, T.list, 1).list(T.struct, 1 + columns.reduce((sum, c) => sum + path(c).length, 0));
  w.field(4, T.binary, 0).binary(utf8.encode('root')).field(5, T.i32, 4).int(columns.length).stop();
  for (const column of columns) elements(w, column);
  w.field(3, T.i64, 2).int(rows);
  w.field(4, T.list, 3).list(T.struct, 1);
  w.field(1, T.list, 0).list(T.struct, columns.length);
  let at = MAGIC.length;
  columns.forEach((column, i) => {
    const { bytes, valueCount } = pages[i]!;
    chunk(w, column, at, bytes.length, valueCount);
    at += bytes.length;
  });
  w.field(2, T.i64, 1).int(at);
  w.field(3, T.i64, 2).int(rows);
  w.stop().stop();
  const footer = w.finish();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([MAGIC, ...pages.map(({ bytes }) => bytes), footer, length, MAGIC]);
}
