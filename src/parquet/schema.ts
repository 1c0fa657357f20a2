// The schema of a Parquet file: the flat list of thrift elements as a tree, and what its leaves mean.
import { ParloadError } from '../errors/index.ts';
import type { TimeUnit } from '../model/index.ts';
import { MiB } from '../runtime/index.ts';
import { STOP, T, type ThriftReader } from './thrift.ts';

export const PHYSICAL_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;

export type PhysicalType = (typeof PHYSICAL_TYPES)[number];

/** What the values mean: the logical type, or the converted type of older writers in the same words. */
export type ParquetLogical =
  | { readonly kind: 'string' | 'enum' | 'json' | 'bson' | 'uuid' | 'float16' | 'date' | 'interval' }
  | { readonly kind: 'map' | 'list' | 'null' | 'variant' | 'geometry' | 'geography' | 'unknown' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'time' | 'timestamp'; readonly unit: TimeUnit; readonly utc: boolean }
  | { readonly kind: 'int'; readonly bits: number; readonly signed: boolean };

export interface SchemaNode {
  readonly name: string;
  readonly repetition: 'required' | 'optional' | 'repeated';
  /** Null for groups. */
  readonly physical: PhysicalType | null;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY, 0 otherwise. */
  readonly typeLength: number;
  readonly logical: ParquetLogical | null;
  readonly children: readonly SchemaNode[];
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** Names from the root column down. */
  readonly path: readonly string[];
  readonly stored: StoredType;
}

/** What the element says of its meaning, as it says it. */
export interface StoredType {
  /** ConvertedType; -1: none. */
  readonly converted: number;
  /** The LogicalType union in the footer. */
  readonly logicalAt: { readonly start: number; readonly end: number } | null;
}

export interface ParquetSchema {
  readonly root: SchemaNode;
  /** Primitive columns in the order of every row group's column chunks. */
  readonly leaves: readonly SchemaNode[];
}

/** Groups within groups. Real schemas stay below 20; recursion has to end somewhere. */
const MAX_DEPTH = 200;
/** Fixed-width values are set aside a whole batch at a time, and a batch has at least one row. */
const MOST_FIXED_BYTES = 16 * MiB;
/** The widest decimals have 32; some writers pad them. */
const MOST_DECIMAL_BYTES = 256;

interface Element {
  physical: PhysicalType | null;
  typeLength: number;
  repetition: number;
  name: string;
  childCount: number;
  converted: number;
  scale: number;
  precision: number;
  logical: ParquetLogical | null;
  logicalAt: StoredType['logicalAt'];
}

const TIME_UNITS: readonly TimeUnit[] = ['ms', 'us', 'ns'];

/** The one field that is set in a thrift union whose members are structs; 0 = none. */
function unionMember(r: ThriftReader): number {
  r.struct();
  let member = 0;
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    member = id;
    r.skip();
  }
  return member;
}

function readTimeType(r: ThriftReader, kind: 'time' | 'timestamp'): ParquetLogical {
  let utc = false;
  let unit: TimeUnit | undefined;
  r.struct();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) utc = r.bool();
    else if (id === 2) unit = TIME_UNITS[unionMember(r) - 1];
    else r.skip();
  }
  return unit === undefined ? { kind: 'unknown' } : { kind, unit, utc };
}

/** Decimals (scale, precision) and integers (width, sign) have two fields of the same shape. */
function readPair(r: ThriftReader): { first: number; second: number; flag: boolean } {
  const out = { first: 0, second: 0, flag: false };
  r.struct();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) out.first = r.int();
    else if (id === 2 && (r.type === T.true || r.type === T.false)) out.flag = r.bool();
    else if (id === 2) out.second = r.int();
    else r.skip();
  }
  return out;
}

const PLAIN_LOGICAL: Record<number, ParquetLogical> = {
  1: { kind: 'string' },
  2: { kind: 'map' },
  3: { kind: 'list' },
  4: { kind: 'enum' },
  6: { kind: 'date' },
  11: { kind: 'null' },
  12: { kind: 'json' },
  13: { kind: 'bson' },
  14: { kind: 'uuid' },
  15: { kind: 'float16' },
  16: { kind: 'variant' },
  17: { kind: 'geometry' },
  18: { kind: 'geography' },
};

function readLogical(r: ThriftReader): ParquetLogical | null {
  let logical: ParquetLogical | null = null;
  r.struct();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 5) {
      const { first: scale, second: precision } = readPair(r);
      logical = { kind: 'decimal', precision, scale };
    } else if (id === 7) logical = readTimeType(r, 'time');
    else if (id === 8) logical = readTimeType(r, 'timestamp');
    else if (id === 10) {
      const { first: bits, flag: signed } = readPair(r);
      logical = { kind: 'int', bits, signed };
    } else {
      // a type that is newer than this reader: its order is unknown, its bytes are not
      logical = PLAIN_LOGICAL[id] ?? { kind: 'unknown' };
      r.skip();
    }
  }
  return logical;
}

function convertedLogical(e: Element): ParquetLogical | null {
  const int = (bits: number, signed: boolean): ParquetLogical => ({ kind: 'int', bits, signed });
  // converted times were always in UTC
  const table: Record<number, ParquetLogical> = {
    0: { kind: 'string' },
    1: { kind: 'map' },
    2: { kind: 'map' },
    3: { kind: 'list' },
    4: { kind: 'enum' },
    5: { kind: 'decimal', precision: e.precision, scale: e.scale },
    6: { kind: 'date' },
    7: { kind: 'time', unit: 'ms', utc: true },
    8: { kind: 'time', unit: 'us', utc: true },
    9: { kind: 'timestamp', unit: 'ms', utc: true },
    10: { kind: 'timestamp', unit: 'us', utc: true },
    11: int(8, false),
    12: int(16, false),
    13: int(32, false),
    14: int(64, false),
    15: int(8, true),
    16: int(16, true),
    17: int(32, true),
    18: int(64, true),
    19: { kind: 'json' },
    20: { kind: 'bson' },
    21: { kind: 'interval' },
  };
  return table[e.converted] ?? null;
}

function readElement(r: ThriftReader): Element {
  const e: Element = {
    physical: null,
    typeLength: 0,
    repetition: 0,
    name: '',
    childCount: 0,
    converted: -1,
    scale: 0,
    precision: 0,
    logical: null,
    logicalAt: null,
  };
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) {
      const physical = PHYSICAL_TYPES[r.int()];
      if (physical === undefined) r.fail('a column has an unknown physical type');
      e.physical = physical;
    } else if (id === 2) e.typeLength = r.int();
    else if (id === 3) e.repetition = r.int();
    else if (id === 4) e.name = r.string();
    else if (id === 5) e.childCount = r.int();
    else if (id === 6) e.converted = r.int();
    else if (id === 7) e.scale = r.int();
    else if (id === 8) e.precision = r.int();
    else if (id === 10) {
      const start = r.at;
      e.logical = readLogical(r);
      e.logicalAt = { start, end: r.at };
    } else r.skip();
  }
  return e;
}

const corrupt = (why: string): ParloadError =>
  new ParloadError('PARQUET_CORRUPT', `the footer's schema is inconsistent: ${why}`);

const tooWide = (e: { readonly name: string; readonly typeLength: number }, most: number): ParloadError =>
  new ParloadError(
    'PARQUET_UNSUPPORTED',
    `each value of a column has ${e.typeLength} bytes, and ${most} are the most that is read`,
    { where: { column: e.name } },
  );

/** Turns the depth-first list of elements into the tree. */
class TreeBuilder {
  readonly leaves: SchemaNode[] = [];
  readonly #elements: readonly Element[];
  #next = 0;

  constructor(elements: readonly Element[]) {
    this.#elements = elements;
  }

  get left(): number {
    return this.#elements.length - this.#next;
  }

  build(path: readonly string[], parentDefinition: number, parentRepetition: number): SchemaNode {
    if (path.length > MAX_DEPTH) throw corrupt(`groups are nested more than ${MAX_DEPTH} deep`);
    const e = this.#elements[this.#next++];
    if (e === undefined) throw corrupt('a group has fewer children than it claims');
    const isRoot = this.#next === 1;
    const repetition = (['required', 'optional', 'repeated'] as const)[isRoot ? 0 : e.repetition];
    if (repetition === undefined) throw corrupt('a column has an unknown repetition');
    if (e.childCount < 0 || e.childCount > this.left) {
      throw corrupt(`a group claims ${e.childCount} children`);
    }
    if (e.physical !== null && e.childCount > 0) throw corrupt('a column is a group and a value at once');
    const logical = e.logical ?? convertedLogical(e);
    if (e.typeLength < 0) throw corrupt('a column has a negative width');
    const most = logical?.kind === 'decimal' ? MOST_DECIMAL_BYTES : MOST_FIXED_BYTES;
    if (e.physical === 'FIXED_LEN_BYTE_ARRAY' && e.typeLength > most) throw tooWide(e, most);
    const maxDefinition = parentDefinition + (repetition === 'required' ? 0 : 1);
    const maxRepetition = parentRepetition + (repetition === 'repeated' ? 1 : 0);
    const ownPath = isRoot ? [] : [...path, e.name];
    const children: SchemaNode[] = [];
    for (let i = 0; i < e.childCount; i++) children.push(this.build(ownPath, maxDefinition, maxRepetition));
    const node: SchemaNode = {
      name: e.name,
      repetition,
      physical: e.physical,
      typeLength: e.physical === 'FIXED_LEN_BYTE_ARRAY' ? e.typeLength : 0,
      logical,
      children,
      maxDefinition,
      maxRepetition,
      path: ownPath,
      stored: { converted: e.converted, logicalAt: e.logicalAt },
    };
    if (e.physical !== null && !isRoot) this.leaves.push(node);
    return node;
  }
}

/** Reads field 2 of FileMetaData. */
export function readSchema(r: ThriftReader): ParquetSchema {
  const count = r.listOf(T.struct);
  const elements: Element[] = [];
  for (let i = 0; i < count; i++) elements.push(readElement(r));
  if (elements.length === 0) throw corrupt('it is empty');
  const builder = new TreeBuilder(elements);
  const root = builder.build([], 0, 0);
  if (builder.left > 0) throw corrupt(`${builder.left} elements belong to no group`);
  return { root, leaves: builder.leaves };
}

/** Groups can be empty, or hold empty groups alone: then the file has nothing for them but their names. */
export const hasLeaves = (node: SchemaNode): boolean =>
  node.physical !== null || node.children.some(hasLeaves);
