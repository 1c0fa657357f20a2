// Writes docs/types.md: asks the encoder's own rules for every Arrow type and a list of Postgres types.
import { fieldTypeName } from '../src/arrow/index.ts';
import { defaultPgType, mappingOf, type PgType } from '../src/encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../src/errors/index.ts';
import type { ArrowField, ArrowType, LogicalType, TimeUnit } from '../src/model/index.ts';
import { generated } from './generated.ts';

const BY = 'make gen';
const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
/** Stands for any n in varchar(n); no note holds this number otherwise. */
const ANY_LENGTH = 77;
const MOST_DIGITS = 100;

type Mapping = ReturnType<typeof mappingOf>;

const int = (bits: 8 | 16 | 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const float = (bits: 16 | 32 | 64): ArrowType => ({ id: 'float', bits });
const utf8: ArrowType = { id: 'utf8', large: false };
const binary: ArrowType = { id: 'binary', large: false };
const fixedBinary = (byteWidth: number): ArrowType => ({ id: 'fixedBinary', byteWidth });
const decimal = (bits: 128 | 256, precision: number, scale: number): ArrowType => ({
  id: 'decimal',
  bits,
  precision,
  scale,
});

const field = (type: ArrowType, logical: LogicalType | null = null, name = 'x'): ArrowField => ({
  name,
  type,
  nullable: true,
  logical,
});

const list = (item: ArrowType): ArrowType => ({ id: 'list', large: false, item: field(item, null, 'item') });

const FLAT: readonly ArrowField[] = [
  field({ id: 'null' }),
  field({ id: 'bool' }),
  ...([8, 16, 32, 64] as const).map((bits) => field(int(bits))),
  ...([8, 16, 32, 64] as const).map((bits) => field(int(bits, false))),
  ...([16, 32, 64] as const).map((bits) => field(float(bits))),
  field(decimal(128, 12, 2)),
  field(decimal(256, 76, 38)),
  field({ id: 'date', unit: 'day' }),
  field({ id: 'date', unit: 'ms' }),
  ...UNITS.map((unit) => field({ id: 'time', unit })),
  ...UNITS.map((unit) => field({ id: 'timestamp', unit, timezone: null })),
  ...UNITS.map((unit) => field({ id: 'timestamp', unit, timezone: 'UTC' })),
  ...UNITS.map((unit) => field({ id: 'duration', unit })),
  field(utf8),
  field(utf8, 'json'),
  field(binary),
  field(binary, 'bson'),
  field(binary, 'enum'),
  field(binary, 'wkb'),
  field(fixedBinary(8)),
  field(fixedBinary(16)),
  field(fixedBinary(16), 'uuid'),
  field({ id: 'dictionary', index: int(32), value: utf8 }),
];

const LISTS: readonly ArrowField[] = [
  field(list(int(32))),
  field(list(utf8)),
  field({ id: 'fixedList', size: 3, item: field(float(32), null, 'item') }),
];

/** For now: the tables say themselves what becomes of these. */
const LAST: readonly ArrowField[] = [
  field(decimal(128, 12, -2)),
  ...(['month', 'dayTime', 'monthDayNano'] as const).map((unit) => field({ id: 'interval', unit })),
  field(list(list(int(32)))),
  field(list({ id: 'struct', fields: [field(int(32), null, 'a')] })),
  field({ id: 'struct', fields: [field(int(32), null, 'a')] }),
  field({ id: 'map', key: field(utf8, null, 'key'), value: field(int(32), null, 'value') }),
];

const ALL = [...FLAT, ...LISTS, ...LAST];

const pg = (name: string, more: Partial<PgType> = {}): PgType => ({
  oid: 0,
  name,
  kind: 'base',
  typmod: -1,
  element: null,
  attributes: null,
  display: name,
  ...more,
});

const numeric = (precision: number, scale: number): PgType =>
  pg('numeric', {
    typmod: ((precision << 16) | (scale & 0x7ff)) + 4,
    display: `numeric(${precision},${scale})`,
  });

/** Names in the catalog, with those that DDL has for them. */
const RENAMED = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
};
const SAME_NAME =
  'numeric oid money date time timetz timestamp timestamptz interval text varchar citext xml json jsonb bytea uuid inet geometry geography';

const TARGETS: readonly PgType[] = [
  ...Object.entries(RENAMED).map(([name, display]) => pg(name, { display })),
  ...SAME_NAME.split(' ').map((name) => pg(name)),
  pg('varchar', { typmod: ANY_LENGTH + 4, display: 'varchar(n)' }),
  pg('bpchar', { typmod: ANY_LENGTH + 4, display: 'char(n)' }),
  pg('mood', { kind: 'enum', display: 'enum' }),
];

/** null: refused. */
function ask<T>(rule: () => T): T | null {
  try {
    return rule();
  } catch (error) {
    if (ParloadError.is(error) && error.code === 'TYPE_UNSUPPORTED') return null;
    throw error;
  }
}

const mapping = (from: ArrowField, to: PgType): Mapping | null => ask(() => mappingOf(from, to));

const scaleOf = ({ type }: ArrowField): number => (type.id === 'decimal' ? type.scale : 0);

/** The smallest numeric(p,s) that is accepted, as `numeric(10,0) or wider`. */
function numericFrom(from: ArrowField): string | null {
  const scale = scaleOf(from);
  for (let precision = Math.max(1, scale); precision <= MOST_DIGITS; precision++) {
    const to = numeric(precision, scale);
    if (mapping(from, to) !== null) return `${to.display} or wider`;
  }
  return null;
}

interface Accepted {
  readonly display: string;
  readonly mapping: Mapping;
}

/** Everything that takes this type; arrays of the list's items for lists. */
function acceptedBy(from: ArrowField): Accepted[] {
  const { type } = from;
  const isList = type.id === 'list' || type.id === 'fixedList';
  const targets = isList
    ? TARGETS.map((element) =>
        pg(`_${element.name}`, { kind: 'array', element, display: `${element.display}[]` }),
      )
    : TARGETS;
  const found = targets.flatMap((to): Accepted[] => {
    const rule = mapping(from, to);
    return rule === null ? [] : [{ display: to.display, mapping: rule }];
  });
  const wide = isList ? null : numericFrom(from);
  if (wide === null || found.length === TARGETS.length) return found;
  const at = found.findIndex(({ display }) => display === 'numeric');
  return found.toSpliced(at + 1, 0, { display: wide, mapping: found[at]!.mapping });
}

const noteText = (note: string): string => note.replaceAll(String(ANY_LENGTH), 'n');

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const code = (text: string): string => `\`${text}\``;

/** Types with the same note together: `text`, `xml` (values with a NUL character are refused). */
function targetsText(accepted: readonly Accepted[]): string {
  const byNote = new Map<string, string[]>();
  for (const { display, mapping: rule } of accepted) {
    const note = noteText(rule.note ?? '');
    byNote.set(note, [...(byNote.get(note) ?? []), code(display)]);
  }
  return [...byNote]
    .map(([note, types]) => `${types.join(', ')}${note === '' ? '' : ` (${note})`}`)
    .join('; ');
}

/** A line for each outcome, with all the types that have it. */
function table(
  header: string,
  fields: readonly ArrowField[],
  outcomeOf: (from: ArrowField) => readonly string[],
): string {
  const lines = new Map<string, { types: string[]; outcome: readonly string[] }>();
  for (const from of fields) {
    const outcome = outcomeOf(from);
    const key = outcome.join('|');
    const line = lines.get(key) ?? { types: [], outcome };
    line.types.push(code(fieldTypeName(from)));
    lines.set(key, line);
  }
  const rule = header.replaceAll(/[^|]+/g, '---');
  return [header, rule, ...[...lines.values()].map((l) => row(l.types.join(', '), ...l.outcome))].join('\n');
}

const newTable = (fields: readonly ArrowField[]): string =>
  table('| Arrow type | new column | values | note |', fields, (from) => {
    const to = ask(() => defaultPgType(from));
    if (to === null) return ['refused', '', ''];
    const { exactness, note } = mappingOf(from, to);
    return [code(to.display), exactness, note ?? ''];
  });

const existingTable = (fields: readonly ArrowField[]): string =>
  table('| Arrow type | exact into | checked into |', fields, (from) => {
    const accepted = acceptedBy(from);
    if (accepted.length === TARGETS.length) return ['every type: all values are NULL', ''];
    if (accepted.length === 0) return ['nothing: refused', ''];
    const of = (exactness: Mapping['exactness']): string =>
      targetsText(accepted.filter((a) => a.mapping.exactness === exactness));
    return [of('exact'), of('checked')];
  });

const page = `# Types

<!-- Generated by scripts/gen-types.ts from the encoder's rules. Do not edit. -->

How each Arrow type travels into Postgres. The tables come from the rules that the encoder itself uses
([rules.ts](../src/encoders/pg-copy-binary/rules.ts), [ddl.ts](../src/encoders/pg-copy-binary/ddl.ts)).
\`parload plan\` shows the same for the columns of one file and one table.

- **exact**: every value of the type has its equal in the target type.
- **checked**: each value is looked at. One that does not fit stops the load with \`VALUE_REFUSED\`, with column and row.
- **refused**: the pair is not loaded at all. The command stops with \`TYPE_UNSUPPORTED\` before the first byte.

Nothing is rounded, cut or replaced.

The target column's type decides how a value is written, not the file's. The type of each column is looked up before
the first byte. A domain counts as its base type.

## Into a new table

What a column gets when parload creates the table. \`NOT NULL\` is never set. Create the table first to have another type.

${newTable(ALL)}

Decimals keep precision and scale: \`decimal128(12, 2)\` stands for all of them.

## Into an existing table

Types that are not named are refused.

${existingTable(ALL)}

- \`large_string\` and \`large_binary\` are as \`string\` and \`binary\`; \`large_list\` is as \`list\`.
- A dictionary is written as its values and goes where they go. Partition columns of folders are such dictionaries.
- A list becomes an array of one dimension, and its items go where a column of their type goes. An empty list is an
  empty array; a list that is NULL is NULL; NULL items stay.
- \`numeric(p,s)\` must have room for every digit before the point and after it. More decimals than the file has are
  shown as zeros.
- \`time(p)\`, \`timestamp(p)\` and \`timestamptz(p)\` with p below 6 would round and are refused. So is an \`interval\` with
  fields or precision.

## What else is checked

Also where the table says exact:

- A date or timestamp outside of what Postgres holds (dates 4714-11-24 BC to 5874897-12-31, timestamps 4714-11-24 BC to
  294276-12-31) is refused with column and row. A time must be from 00:00:00 to 24:00:00.
- Text into \`json\`, \`jsonb\`, \`xml\` or an enum is parsed by the server. What it does not accept is \`SINK_REJECTED\`, and the
  slice is rolled back. Labels of an enum must exist.
- Integers, decimals and timestamps never pass through JavaScript numbers that could round them. Floats keep negative
  zero and infinities. A \`double\` into \`double precision\` and a \`float\` into \`real\` keep the payload of a NaN; other float
  pairs keep only that it is a NaN.

## Parquet to Arrow

| Parquet | Arrow |
|---|---|
| \`INT96\` | \`timestamp[ns]\`; values that are not whole microseconds are refused |
| \`STRING\`, string views | \`string\` |
| \`JSON\` | \`string (json)\` |
| \`ENUM\` | \`binary (enum)\`: goes into \`bytea\` only |
| \`BSON\` | \`binary (bson)\` |
| \`UUID\` | \`fixed_size_binary[16] (uuid)\` |
| \`GEOMETRY\`, \`GEOGRAPHY\`, columns that GeoParquet declares as WKB | \`binary (wkb)\` |
| \`INTERVAL\` | an interval: refused |

## What to do with a refused column

- Leave it out: \`parload copy ... --exclude notes\`.
- Create the table with a type that takes it, and load into that. For a \`uint64\` that never exceeds \`bigint\`, a \`bigint\` column
  is checked and faster than the \`numeric(20,0)\` of a new table.
- Struct, map, interval and lists of lists have no target type yet. Write them as JSON text when the file is made.
`;

generated('docs/types.md', page, BY);
