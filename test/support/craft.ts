// Parquet files made by hand, byte by byte: whatever a writer or a thief of bits might have left.
import { T, ThriftWriter } from '../../src/parquet/thrift.ts';

/** A thrift value: its wire type and its bytes. */
export interface Thrift {
  readonly type: number;
  readonly bytes: Uint8Array;
}

const utf8 = new TextEncoder();
const written = (write: (w: ThriftWriter) => unknown): Uint8Array => {
  const w = new ThriftWriter();
  write(w);
  return w.finish();
};

export const i32 = (value: number): Thrift => ({ type: T.i32, bytes: written((w) => w.int(value)) });
export const i64 = (value: number): Thrift => ({ type: T.i64, bytes: written((w) => w.int(value)) });
export const bool = (value: boolean): Thrift => ({
  type: value ? T.true : T.false,
  bytes: new Uint8Array(0),
});
export const binary = (value: string | Uint8Array): Thrift => ({
  type: T.binary,
  bytes: written((w) => w.binary(typeof value === 'string' ? utf8.encode(value) : value)),
});
export const list = (type: number, items: readonly Thrift[]): Thrift => ({
  type: T.list,
  bytes: written((w) => {
    w.list(type, items.length);
    for (const item of items) w.raw(item.bytes);
  }),
});
/** Fields by number, undefined ones left out. */
export const struct = (fields: Readonly<Record<number, Thrift | undefined>>): Thrift => ({
  type: T.struct,
  bytes: written((w) => {
    let last = 0;
    for (const [key, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      w.field(Number(key), value.type, last).raw(value.bytes);
      last = Number(key);
    }
    w.stop();
  }),
});

export const PHYSICAL = {
  boolean: 0,
  int32: 1,
  int64: 2,
  int96: 3,
  float: 4,
  double: 5,
  bytes: 6,
  fixed: 7,
} as const;
export const CODEC = { none: 0, snappy: 1, gzip: 2, lzo: 3, brotli: 4, lz4: 5, zstd: 6, lz4raw: 7 } as const;
export const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  bitPacked: 4,
  deltaBinary: 5,
  deltaLength: 6,
  deltaBytes: 7,
  dictionary: 8,
  split: 9,
} as const;

/** One SchemaElement; `more` overrides or adds fields of the struct. */
export const element = (
  name: string,
  options: {
    readonly physical?: number;
    readonly repetition?: number;
    readonly children?: number;
    readonly width?: number;
    readonly more?: Readonly<Record<number, Thrift | undefined>>;
  },
): Thrift =>
  struct({
    1: options.physical === undefined ? undefined : i32(options.physical),
    2: options.width === undefined ? undefined : i32(options.width),
    3: options.repetition === undefined ? undefined : i32(options.repetition),
    4: binary(name),
    5: options.children === undefined ? undefined : i32(options.children),
    ...options.more,
  });

export interface CraftedPage {
  /** Default: a version 1 data page. */
  readonly kind?: 'data' | 'dictionary' | 'data-v2' | 'index';
  /** As stored, levels and all. */
  readonly body: Uint8Array;
  readonly values: number;
  readonly encoding?: number;
  /** Default: the body's length. */
  readonly uncompressed?: number;
  readonly compressed?: number;
  readonly crc?: number;
  readonly levelEncoding?: number;
  /** Of version 2. */
  readonly rows?: number;
  readonly nulls?: number;
  readonly definitionBytes?: number;
  readonly repetitionBytes?: number;
  readonly isCompressed?: boolean;
  /** Replaces fields of the page header. */
  readonly more?: Readonly<Record<number, Thrift | undefined>>;
}

const PAGE_KIND = { data: 0, index: 1, dictionary: 2, 'data-v2': 3 } as const;

export function pageBytes(page: CraftedPage): Uint8Array {
  const { kind = 'data', body, values, encoding = ENCODING.plain } = page;
  const data = struct({
    1: i32(values),
    2: i32(encoding),
    3: i32(page.levelEncoding ?? ENCODING.rle),
    4: i32(ENCODING.rle),
  });
  const v2 = struct({
    1: i32(values),
    2: i32(page.nulls ?? 0),
    3: i32(page.rows ?? values),
    4: i32(encoding),
    5: i32(page.definitionBytes ?? 0),
    6: i32(page.repetitionBytes ?? 0),
    7: bool(page.isCompressed ?? true),
  });
  const header = struct({
    1: i32(PAGE_KIND[kind]),
    2: i32(page.uncompressed ?? body.length),
    3: i32(page.compressed ?? body.length),
    4: page.crc === undefined ? undefined : i32(page.crc | 0),
    5: kind === 'data' ? data : undefined,
    7: kind === 'dictionary' ? struct({ 1: i32(values), 2: i32(encoding) }) : undefined,
    8: kind === 'data-v2' ? v2 : undefined,
    ...page.more,
  });
  return Buffer.concat([header.bytes, body]);
}

export interface CraftedColumn {
  readonly path: readonly string[];
  readonly physical: number;
  readonly pages: readonly CraftedPage[];
  readonly codec?: number;
  readonly encodings?: readonly number[];
  /** Default: of all data pages. */
  readonly values?: number;
  /** Replaces fields of ColumnMetaData, of ColumnChunk. */
  readonly more?: (at: {
    readonly start: number;
    readonly end: number;
  }) => Readonly<Record<number, Thrift | undefined>>;
  readonly chunk?: Readonly<Record<number, Thrift | undefined>>;
}

export interface CraftedFile {
  /** Root first. */
  readonly schema: readonly Thrift[];
  readonly rowGroups: readonly {
    readonly rows: number;
    readonly columns: readonly CraftedColumn[];
    readonly more?: Readonly<Record<number, Thrift | undefined>>;
  }[];
  /** Default: of all row groups. */
  readonly rows?: number;
  /** Replaces fields of FileMetaData. */
  readonly more?: Readonly<Record<number, Thrift | undefined>>;
}

/** Pages one behind the other from `at` on, and the ColumnChunk that says where they are. */
function chunkOf(column: CraftedColumn, at: number): { readonly bytes: Uint8Array; readonly chunk: Thrift } {
  const pages = column.pages.map(pageBytes);
  const bytes = Buffer.concat(pages);
  const dictionary = column.pages.findIndex((page) => page.kind === 'dictionary');
  const first = column.pages.findIndex((page) => page.kind !== 'dictionary');
  const start = (index: number): number =>
    at + pages.slice(0, Math.max(0, index)).reduce((sum, page) => sum + page.length, 0);
  const values = column.pages.reduce((sum, p) => sum + (p.kind === 'dictionary' ? 0 : p.values), 0);
  const encodings = column.encodings ?? [ENCODING.plain, ENCODING.rle];
  const chunk = struct({
    2: i64(at),
    3: struct({
      1: i32(column.physical),
      2: list(T.i32, encodings.map(i32)),
      3: list(T.binary, column.path.map(binary)),
      4: i32(column.codec ?? CODEC.none),
      5: i64(column.values ?? values),
      6: i64(column.pages.reduce((sum, p) => sum + (p.uncompressed ?? p.body.length), 0)),
      7: i64(bytes.length),
      9: i64(start(first)),
      11: dictionary === -1 ? undefined : i64(start(dictionary)),
      ...column.more?.({ start: at, end: at + bytes.length }),
    }),
    ...column.chunk,
  });
  return { bytes, chunk };
}

const MAGIC = utf8.encode('PAR1');

export function craft(file: CraftedFile): Uint8Array {
  const parts: Uint8Array[] = [MAGIC];
  let at = MAGIC.length;
  const groups = file.rowGroups.map(({ rows, columns, more }) => {
    const chunks = columns.map((column) => {
      const { bytes, chunk } = chunkOf(column, at);
      parts.push(bytes);
      at += bytes.length;
      return chunk;
    });
    return struct({ 1: list(T.struct, chunks), 2: i64(at), 3: i64(rows), ...more });
  });
  const footer = struct({
    1: i32(1),
    2: list(T.struct, file.schema),
    3: i64(file.rows ?? file.rowGroups.reduce((sum, group) => sum + group.rows, 0)),
    4: list(T.struct, groups),
    6: binary('crafted'),
    ...file.more,
  });
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(footer.bytes.length);
  tail.set(MAGIC, 4);
  return Buffer.concat([...parts, footer.bytes, tail]);
}

/** PLAIN values. */
export const int64s = (values: readonly (number | bigint)[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(values, (v) => BigInt(v)).buffer);
export const int32s = (values: readonly number[]): Uint8Array =>
  new Uint8Array(Int32Array.from(values).buffer);
export const texts = (values: readonly (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(
    values.flatMap((value) => {
      const bytes = typeof value === 'string' ? utf8.encode(value) : value;
      return [int32s([bytes.length]), bytes];
    }),
  );

/** The RLE / bit-packing hybrid as one run a value, behind its length. */
export function levels(values: readonly number[]): Uint8Array {
  const runs = hybrid(values);
  return Buffer.concat([int32s([runs.length]), runs]);
}

export const hybrid = (values: readonly number[], width = 1): Uint8Array =>
  written((w) => {
    for (const value of values) {
      w.varint(2);
      for (let k = 0; k < (width + 7) >> 3; k++) w.byte((value >> (8 * k)) & 255);
    }
  });

/** A file of one required INT64 column `a`, for tests that change one thing. */
export const oneColumn = (
  column: Partial<CraftedColumn> & { readonly pages: readonly CraftedPage[] },
  options: {
    readonly rows: number;
    readonly element?: Thrift;
    readonly more?: CraftedFile['more'];
    readonly physical?: number;
  },
): Uint8Array => {
  const physical = options.physical ?? PHYSICAL.int64;
  return craft({
    schema: [
      element('schema', { children: 1 }),
      options.element ?? element('a', { physical, repetition: 0 }),
    ],
    rowGroups: [{ rows: options.rows, columns: [{ path: ['a'], physical, ...column }] }],
    ...(options.more === undefined ? {} : { more: options.more }),
  });
};
