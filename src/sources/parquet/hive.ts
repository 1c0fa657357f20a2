// `year=2024/month=01/` in a path -> columns. Pure.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowColumn, ArrowField, ArrowType, ColumnStats } from '../../model/index.ts';

/** Hive's word for NULL in a path. */
const NULL_NAME = '__HIVE_DEFAULT_PARTITION__';
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const DAY_MS = 86_400_000;

/** One file's values, by key in path order; null = NULL. */
export type PartitionValues = readonly { readonly key: string; readonly value: string | null }[];

/** What the path says `off` to; a file's values are then empty. */
export interface PartitionColumns {
  readonly fields: readonly ArrowField[];
  readonly note: string | null;
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    // a percent sign that encodes nothing stands for itself
    return text;
  }
};

/** `["year=2024", "city=a%2Fb"]` -> values. A key that comes twice keeps the innermost. */
export function parsePartitions(segments: readonly string[]): PartitionValues {
  const values = new Map<string, string | null>();
  for (const segment of segments) {
    const at = segment.indexOf('=');
    const text = segment.slice(at + 1);
    values.set(decode(segment.slice(0, at)), text === NULL_NAME ? null : decode(text));
  }
  return [...values].map(([key, value]) => ({ key, value }));
}

/** Canonical integers, and two digits with a leading zero (months, days, hours); `007` is a name. */
const isInteger = (text: string): boolean => {
  if (!/^(0\d|-?[1-9]\d{0,18}|0)$/.test(text)) return false;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX;
};

const dayNumber = (text: string): number | null => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // Date accepts 2024-02-30 in some forms; only what comes back the same is a date
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? null : ms / DAY_MS;
};

function inferType(values: readonly (string | null)[]): ArrowType {
  const known = values.filter((v) => v !== null);
  if (known.length === 0) return { id: 'utf8', large: false };
  if (known.every(isInteger)) return { id: 'int', bits: 64, signed: true };
  if (known.every((v) => dayNumber(v) !== null)) return { id: 'date', unit: 'day' };
  return { id: 'utf8', large: false };
}

const keysOf = (values: PartitionValues): string => JSON.stringify(values.map((v) => v.key));

const NONE: PartitionColumns = { fields: [], note: null };

/**
 * The partition columns of all files. The type is the narrowest that holds every file's value, so it never depends on
 * the order of the files.
 */
export function partitionColumns(
  mode: 'auto' | 'on' | 'off',
  files: readonly { readonly uri: string; readonly many: boolean; readonly values: PartitionValues }[],
): PartitionColumns {
  const first = files[0];
  if (mode === 'off' || first === undefined) return NONE;
  if (mode === 'auto' && files.every((f) => f.values.length === 0 || !f.many)) return NONE;
  const keys = keysOf(first.values);
  const odd = files.find((f) => keysOf(f.values) !== keys || (mode === 'auto' && !f.many));
  if (odd !== undefined) {
    const why = `partition folders differ between ${first.uri} and ${odd.uri}`;
    if (mode === 'auto') return { fields: [], note: `${why}: they do not become columns` };
    throw new ParloadError('SCHEMA_MISMATCH', why, {
      where: { input: odd.uri, option: 'hivePartitioning' },
      hint: 'Load the two layouts as two jobs, or give --hive-partitioning off.',
    });
  }
  const fields = first.values.map(({ key }, i): ArrowField => {
    const values = files.map((f) => f.values[i]?.value ?? null);
    const type: ArrowType = {
      id: 'dictionary',
      index: { id: 'int', bits: 32, signed: true },
      value: inferType(values),
    };
    return { name: key, type, nullable: values.some((v) => v === null), logical: null };
  });
  return { fields, note: null };
}

const valueTypeOf = (field: ArrowField): ArrowType =>
  field.type.id === 'dictionary' ? field.type.value : field.type;

function dictionaryOf(type: ArrowType, value: string | null): ArrowColumn {
  let data: Uint8Array;
  let offsets: Uint8Array | null = null;
  if (type.id === 'int') data = new Uint8Array(BigInt64Array.of(BigInt(value ?? 0)).buffer);
  else if (type.id === 'date') data = new Uint8Array(Int32Array.of(dayNumber(value ?? '') ?? 0).buffer);
  else {
    data = new TextEncoder().encode(value ?? '');
    offsets = new Uint8Array(Int32Array.of(0, data.length).buffer);
  }
  return {
    type,
    length: 1,
    offset: 0,
    nullCount: 0,
    validity: null,
    offsets,
    data,
    children: [],
    dictionary: null,
  };
}

/** Makes columns that hold one value in every row: indices of a dictionary of one, all zero. */
export class ConstantColumn {
  readonly #field: ArrowField;
  readonly #dictionary: ArrowColumn;
  readonly #isNull: boolean;
  /** Serves as indices and, for NULL, as validity. */
  #zeros = new Uint8Array(0);

  constructor(field: ArrowField, value: string | null) {
    this.#field = field;
    this.#dictionary = dictionaryOf(valueTypeOf(field), value);
    this.#isNull = value === null;
  }

  column(length: number): ArrowColumn {
    if (this.#zeros.length < length * 4) this.#zeros = new Uint8Array(length * 4);
    return {
      type: this.#field.type,
      length,
      offset: 0,
      nullCount: this.#isNull ? length : 0,
      validity: this.#isNull ? this.#zeros.subarray(0, (length + 7) >> 3) : null,
      offsets: null,
      data: this.#zeros.subarray(0, length * 4),
      children: [],
      dictionary: this.#dictionary,
    };
  }
}

/** The same for pruning: a file whose path cannot pass a filter need not be read. */
export function constantStats(field: ArrowField, value: string | null, rowCount: number): ColumnStats {
  if (value === null) return { min: null, max: null, nullCount: rowCount, rowCount };
  const type = valueTypeOf(field);
  const bound =
    type.id === 'int'
      ? BigInt(value)
      : type.id === 'date'
        ? dayNumber(value)
        : new TextEncoder().encode(value);
  return { min: bound, max: bound, nullCount: 0, rowCount };
}
