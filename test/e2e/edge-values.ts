// alltypes.expected.json (what pyarrow holds) and the columns of a table in the same words, cell by cell.
import { readFileSync } from 'node:fs';
import { isoClock, isoDate, isoTimestamp } from '../support/iso.ts';

/** As the file has them: texts of numbers, hexadecimal bytes, nested lists and objects of these. */
type Cell = string | boolean | null | readonly Cell[] | { readonly [name: string]: Cell };

interface ExpectedColumn {
  /** As pyarrow prints it; what the file itself has can differ in the unit. */
  readonly arrow_type: string;
  readonly values: readonly Cell[];
}

export interface Expected {
  readonly rows: number;
  readonly columns: Readonly<Record<string, ExpectedColumn>>;
}

/** Too large to be listed: 60 nulls, 1 MiB of A, 60 nulls, "é😀" x 174762, then "s". */
const LARGE_TEXTS: readonly Cell[] = [
  ...Array<null>(60).fill(null),
  'A'.repeat(1024 * 1024),
  ...Array<null>(60).fill(null),
  'é😀'.repeat(174_762),
];

export function readExpected(path: string): Expected {
  const { rows, columns } = JSON.parse(readFileSync(path, 'utf8')) as Expected;
  const all = Object.entries(columns).map(([name, column]) => {
    if (Array.isArray(column.values)) return [name, column] as const;
    const values = [...LARGE_TEXTS, ...Array<string>(rows - LARGE_TEXTS.length).fill('s')];
    return [name, { ...column, values }] as const;
  });
  return { rows, columns: Object.fromEntries(all) };
}

/** What a target column shows: a SQL expression over it, and the same of what is expected. */
export interface Form {
  readonly sql: (column: string) => string;
  readonly of: (cell: Exclude<Cell, null>, arrowType: string) => string;
}

const PER_SECOND: Record<string, bigint> = { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n };
const unitOf = (arrowType: string): string => /\[(\w+)/.exec(arrowType)![1]!;
const micros = (value: string, arrowType: string): bigint => {
  const scaled = BigInt(value) * 1_000_000n;
  const per = PER_SECOND[unitOf(arrowType)]!;
  if (scaled % per !== 0n) throw new Error(`${value} ${arrowType} is no whole microsecond`);
  return scaled / per;
};

const bits =
  (width: 4 | 8) =>
  (cell: unknown): string => {
    const value = Number(String(cell).replace('inf', 'Infinity'));
    if (Number.isNaN(value)) return 'NaN';
    const bytes = Buffer.alloc(width);
    if (width === 4) bytes.writeFloatBE(value);
    else bytes.writeDoubleBE(value);
    return bytes.toString('hex');
  };

const text = (cell: unknown): string => String(cell);

/** JSON text with every number as it stands in `cell`. */
const jsonNumbers = (cell: Cell): string => {
  if (cell === null) return 'null';
  if (Array.isArray(cell)) return `[${cell.map(jsonNumbers).join(', ')}]`;
  const word = String(cell);
  return /^-?(nan|inf)$/.test(word) ? `"${word === 'nan' ? 'NaN' : word.replace('inf', 'Infinity')}"` : word;
};
const jsonTexts = (cell: Cell): string =>
  Array.isArray(cell) ? `[${cell.map(jsonTexts).join(', ')}]` : JSON.stringify(cell);

const struct = (cell: Cell): string => {
  const { a, b, c } = cell as Record<string, Cell>;
  const inner = c as Record<string, Cell> | null;
  const shown = inner === null ? 'null' : `{"d": ${JSON.stringify(inner.d)}, "e": ${jsonNumbers(inner.e!)}}`;
  return `{"a": ${jsonNumbers(a!)}, "b": ${JSON.stringify(b)}, "c": ${shown}}`;
};
const structs = (cell: Cell): string =>
  `[${(cell as Cell[])
    .map((item) => {
      if (item === null) return 'null';
      const { x, y } = item as Record<string, Cell>;
      return `{"x": ${jsonNumbers(x!)}, "y": ${JSON.stringify(y)}}`;
    })
    .join(', ')}]`;

const map =
  (value: (cell: Cell) => string) =>
  (cell: Cell): string => {
    const entries = cell as readonly (readonly [string, Cell])[];
    const keys = entries.map(([key]) => key);
    if (new Set(keys).size < keys.length)
      return `[${entries.map(([key, v]) => `[${JSON.stringify(key)}, ${value(v)}]`).join(', ')}]`;
    return `{${entries.map(([key, v]) => `${JSON.stringify(key)}: ${value(v)}`).join(', ')}}`;
  };

const epoch = (column: string): string => `(extract(epoch from ${column}) * 1000000)::numeric(40,0)::text`;
const asText = (column: string): string => `${column}::text`;
/** Through jsonb, which sorts and spaces both sides alike. */
const json = (of: (cell: Cell) => string): Form => ({
  sql: (c) => `to_jsonb(${c})::text`,
  of: (cell) => of(cell as Cell),
});

const FORMS: readonly (readonly [RegExp, Form])[] = [
  [/^list<item: list|^(large_|fixed_size_)?list(_view)?<item: (int|double)/, json(jsonNumbers)],
  [/^list<item: string/, json(jsonTexts)],
  [/^list<item: struct/, json(structs)],
  [/^struct/, json(struct)],
  [/^map<string/, json(map(jsonNumbers))],
  [/^map<int32/, json(map(jsonTexts))],
  [
    /^(halffloat|float)$/,
    { sql: (c) => `case when ${c} = 'nan' then 'NaN' else encode(float4send(${c}), 'hex') end`, of: bits(4) },
  ],
  [
    /^double$/,
    { sql: (c) => `case when ${c} = 'nan' then 'NaN' else encode(float8send(${c}), 'hex') end`, of: bits(8) },
  ],
  [/^date32/, { sql: (c) => `(${c} - date '1970-01-01')::text`, of: text }],
  [
    /^date64/,
    { sql: (c) => `(${c} - date '1970-01-01')::text`, of: (v) => String(BigInt(text(v)) / 86_400_000n) },
  ],
  [/^(time|timestamp|duration)/, { sql: epoch, of: (v, type) => String(micros(text(v), type)) }],
  [/binary/, { sql: (c) => `encode(${c}, 'hex')`, of: text }],
  [/uuid/, { sql: (c) => `replace(${c}::text, '-', '')`, of: text }],
  [/./, { sql: asText, of: text }],
];

/** How the column of a new table shows what Arrow has. */
export const formOf = (arrowType: string): Form => FORMS.find(([type]) => type.test(arrowType))![1];

/** Of the number itself, in whatever unit. */
export const NUMBER: Form = { sql: asText, of: text };
/** Of text as bytes. */
export const BYTES: Form = {
  sql: (c) => `encode(${c}, 'hex')`,
  of: (cell) => Buffer.from(text(cell)).toString('hex'),
};

/** ISO 8601 text of dates, times and timestamps in text columns, nanoseconds and all. */
export const ISO_TEXT: Form = {
  sql: asText,
  of: (cell, arrowType) => {
    const ticks = BigInt(text(cell));
    if (arrowType.startsWith('date32')) return isoDate(ticks);
    const per = PER_SECOND[unitOf(arrowType)]!;
    return arrowType.startsWith('time6')
      ? isoClock(ticks, per)
      : isoTimestamp(ticks, per, arrowType.includes('tz='));
  },
};
