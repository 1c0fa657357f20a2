// Writes docs/types.md: asks the encoder's own rules for every Arrow type and a list of Postgres types.
import { fieldTypeName } from '../src/arrow/index.ts';
import {
  defaultPgType,
  isRule,
  mappingOf,
  noteText,
  type PgType,
  verdictOn,
} from '../src/encoders/pg-copy-binary/index.ts';
import { type ArrowField, EXACT_POLICIES } from '../src/model/index.ts';
import { generated } from './generated.ts';
import { cratePart } from './types/crate-part.ts';
import { FLAT, LISTS, NESTED } from './types/fields.ts';
import { ANY_LENGTH, arrays, nestedTargets, numericTargets, SCALARS, TEXTS } from './types/targets.ts';

const BY = 'make gen';

const notesText = (note: string | null): string =>
  (noteText(note, EXACT_POLICIES) ?? '')
    .replaceAll(String(ANY_LENGTH), 'n')
    .replace(/number of (s|ms|us|ns)\b/, 'number of units')
    .replaceAll(/more than \d+ digits/g, 'more than p-s digits');

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const code = (text: string): string =>
  /^(a|numeric\(p,s\) of) /.test(text)
    ? text
    : `\`${text.replace(/ or wider$/, '')}\`${text.endsWith(' or wider') ? ' or wider' : ''}`;

/** Whole families by their name. */
function types(fields: readonly ArrowField[]): string {
  let left = fields.map((f) => code(fieldTypeName(f)));
  const out: string[] = [];
  for (const [name, ids] of Object.entries(FAMILIES)) {
    const members = FLAT.filter(({ type }) => ids.includes(type.id)).map((f) => code(fieldTypeName(f)));
    if (!members.every((member) => left.includes(member))) continue;
    out.push(name);
    left = left.filter((member) => !members.includes(member));
  }
  return [...out, ...left].join(', ');
}

const table = (header: string, lines: readonly string[]): string =>
  [header, header.replaceAll(/[^|]+/g, '---'), ...lines].join('\n');

/** What has the same outcome together, in order of first appearance. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function newTable(fields: readonly ArrowField[]): string {
  const outcome = (from: ArrowField): string => {
    const to = defaultPgType(from);
    const { exactness, note } = mappingOf(from, to);
    return row(code(to.display), exactness, notesText(note)).slice(2);
  };
  const lines = grouped(fields, outcome).map((group) => `| ${types(group)} | ${outcome(group[0]!)}`);
  return table('| Arrow type | new column | values | note |', lines);
}

interface Outcome {
  readonly target: PgType;
  /** `exact`, `checked`, or null: refused. */
  readonly values: string | null;
  /** A note, or the reason. */
  readonly note: string;
}

function outcomesOf(from: ArrowField, targets: readonly PgType[]): Outcome[] {
  return targets.map((target) => {
    const verdict = verdictOn(from, target);
    return isRule(verdict)
      ? { target, values: verdict.exactness, note: notesText(verdict.note) }
      : { target, values: null, note: notesText(verdict.refused) };
  });
}

/** A line for each way in which values of a type go into targets. */
function pairsTable(
  fields: readonly ArrowField[],
  targetsOf: (from: ArrowField) => readonly PgType[],
): string {
  const linesOf = (from: ArrowField): string[] =>
    grouped(
      outcomesOf(from, targetsOf(from)).filter(({ values }) => values !== null),
      ({ values, note }) => `${values}|${note}`,
    ).map((group) =>
      row(
        group.map(({ target }) => code(target.display)).join(', '),
        group[0]!.values!,
        group[0]!.note,
      ).slice(2),
    );
  const lines = grouped(fields, (from) => linesOf(from).join('\n')).flatMap((group) =>
    linesOf(group[0]!).map((line) => `| ${types(group)} | ${line}`),
  );
  return table('| Arrow type | goes into | values | note |', lines);
}

/** By reason: which types do not go where. */
function refusedTable(
  fields: readonly ArrowField[],
  targetsOf: (from: ArrowField) => readonly PgType[],
): string {
  const pairs = fields.flatMap((from) =>
    outcomesOf(from, targetsOf(from))
      .filter(({ values }) => values === null)
      .map(({ target, note }) => ({ from, target, note })),
  );
  const lines = grouped(pairs, ({ note }) => note).flatMap((reason) =>
    grouped(
      grouped(reason, ({ from }) => fieldTypeName(from)),
      (group) => group.map(({ target }) => target.display).join('|'),
    ).map((groups) => {
      const targets = groups[0]!.map(({ target }) => code(target.display)).join(', ');
      return row(types(groups.map((group) => group[0]!.from)), targets, reason[0]!.note);
    }),
  );
  return table('| Arrow type | not into | because |', lines);
}

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  integers: ['int'],
  floats: ['float'],
  decimals: ['decimal'],
  dates: ['date'],
  times: ['time'],
  timestamps: ['timestamp', 'int96'],
  durations: ['duration'],
  intervals: ['interval'],
  text: ['utf8', 'dictionary'],
  bytes: ['binary', 'fixedBinary'],
};

const isNumber = ({ type }: ArrowField): boolean => ['int', 'decimal', 'float'].includes(type.id);
const scalarTargets = (from: ArrowField): readonly PgType[] => {
  if (!isNumber(from)) return SCALARS;
  const at = SCALARS.findIndex(({ name }) => name === 'numeric');
  return SCALARS.toSpliced(at + 1, 0, ...numericTargets(from));
};
const isNull = ({ type }: ArrowField): boolean => type.id === 'null';
const VALUES = FLAT.filter((from) => !isNull(from));

const ARRAYS = new Set(['integer[]', 'text[]', 'real[]']);

const page = `# Types

<!-- Generated by scripts/gen-types.ts from the encoder's rules. Do not edit. -->

How each Arrow type travels into Postgres, and [into CrateDB](#cratedb). The tables come from the rules that the encoder itself uses
([rules.ts](../src/encoders/pg-copy-binary/rules.ts), [ddl.ts](../src/encoders/pg-copy-binary/ddl.ts)).
\`parload plan\` shows the same words for the columns of one file and one table.

- **exact**: every value of the type has its equal in the target type.
- **checked**: each value is looked at. What fits arrives exactly. One that does not fit stops the load with
  \`VALUE_REFUSED\`, with column and row.
- **refused**: the pair is not loaded at all. The command stops with \`TYPE_UNSUPPORTED\` and the reason before the first
  byte.

Nothing is rounded, cut or replaced, unless a policy says so: [values.md](values.md).

The target column's type decides how a value is written, not the file's. The type of each column is looked up before
the first byte. A domain counts as its base type, and the server checks its constraints.

## Into a new table

What a column gets when parload creates the table: the narrowest type that holds every value. \`NOT NULL\` is never set.
Create the table first to have another type.

${newTable([...FLAT, ...LISTS, ...NESTED])}

- Decimals keep precision and scale: \`decimal128(12, 2)\` stands for all of them. 1.50 stays 1.50.
- **Lists of lists become \`jsonb\`.** A Postgres array of several dimensions must be rectangular and has no NULL or empty
  rows, which lists in files often have; a load should not fail at row 80,000,000 for that. Only where the type itself
  says that the inner lists have one length and are never NULL, it is an array. For arrays from other lists, as DuckDB and
  Spark users may expect them, create the column as \`integer[]\` first: then each value is checked.
- Structs, maps and lists of them become \`jsonb\`. For composite types create the table first.

## Into an existing table

What is not named here is refused, and the next table says why. Text and JSON columns take everything; see below.
Words like integers or timestamps stand for all types of that family, text for \`string\` and dictionaries of it.

${pairsTable(VALUES, scalarTargets)}

- Types that appear nowhere on this page (ranges, \`bit\`, \`macaddr\`, geometric types, those of other extensions) are refused:
  parload does not write them.
- A column of the type \`null\` goes everywhere: all its values are NULL.
- \`large_string\` and \`large_binary\` are as \`string\` and \`binary\`; \`large_list\` is as \`list\`.
- A dictionary is written as its values and goes where they go. Partition columns of folders are such dictionaries.
- More decimals than the file has are shown as zeros.
- \`time(p)\`, \`timestamp(p)\` and \`timestamptz(p)\` with p below 6 would round and are refused. So is an \`interval\` with
  fields or with precision below 6.
- Well-known binary is written as PostGIS documents it for binary input. No PostGIS was there to test this with. The SRID
  is that of the column; coordinates are neither transformed nor compared with the file's own reference system.

Refused, and why:

${refusedTable(VALUES, scalarTargets)}

### Lists, structs and maps

${pairsTable([...LISTS.slice(0, 4), ...NESTED], (from) => [...arrays.filter((to) => ARRAYS.has(to.display)), ...nestedTargets(from)])}

- The items of a list go where a column of their type goes, as \`integer[]\` stands for here. An empty list is an empty
  array; a list that is NULL is NULL; NULL items stay. Lists of lists of up to six levels go into one array; Postgres does
  not distinguish \`integer[]\` from \`integer[][]\`.
- A struct goes into a composite type by the names of its fields. Every field needs an attribute that takes it.

### Text and JSON columns

${pairsTable(VALUES, () => TEXTS)}

JSON is written so that Postgres reads each value back as it was:

| Arrow | JSON |
|---|---|
| integers, decimals | a number with all its digits: \`18446744073709551615\`, \`1.50\` |
| floats | the shortest number that reads back as the same float: \`0.1\`; \`"NaN"\`, \`"Infinity"\`, \`"-Infinity"\` |
| text, UUID | a string |
| JSON within another type | a string that holds the text |
| date, time, timestamp | \`"2024-02-29"\`, \`"13:45:00.000000001"\`, \`"2024-02-29T13:45:00"\`; with a time zone in UTC, \`+00:00\`; the year before 1 is \`0001-12-31 BC\` |
| duration, interval | ISO 8601: \`"P1M2DT3.5S"\` |
| binary | \`"\\\\x00ff"\`, which \`::bytea\` reads |
| list | an array |
| struct | an object |
| map | an object, keys as text; a map with a key twice, or with structs or lists as keys, is a list of pairs: \`[["a",1],["a",2]]\` |

\`jsonb\` keeps numbers, but not the sign of zero, and neither the order nor the repetition of names. It cannot hold a NUL
character; \`json\` can.

## What else is checked

- Ranges: dates 4714-11-24 BC to 5874897-12-31, timestamps 4714-11-24 BC to 294276-12-31, times 00:00:00 to 24:00:00.
  **No value becomes \`infinity\`**: Arrow has no such date, and the largest and smallest integers, which some writers use
  for it, are outside of the range and refused. In text and JSON columns every value has room.
- Text into \`json\`, \`jsonb\`, \`xml\` or an enum is parsed by the server. What it does not accept is \`SINK_REJECTED\`, and the
  slice is rolled back. Labels of an enum must exist.
- Integers, decimals and timestamps never pass through JavaScript numbers that could round them. Floats keep negative
  zero and infinities where the target has them. A \`double\` into \`double precision\` and a \`float\` into \`real\` keep the
  payload of a NaN; other float pairs keep only that it is a NaN.
- Infinite floats into \`numeric\` need Postgres 14 or later; an older server refuses them.
- Empty text is empty text, and NULL is NULL.

${cratePart({ table, row, code, types, grouped })}
## Parquet to Arrow

| Parquet | Arrow |
|---|---|
| \`INT96\` | \`timestamp[int96]\`: day and nanoseconds as they are stored, so the year 9999 is no problem |
| \`INTERVAL\` | \`interval[monthDayMs]\`: months, days and milliseconds |
| \`STRING\`, \`ENUM\`, string views | \`string\`, \`string (enum)\` |
| \`JSON\` | \`string (json)\` |
| \`BSON\` | \`binary (bson)\` |
| \`UUID\` | \`fixed_size_binary[16] (uuid)\` |
| \`GEOMETRY\`, \`GEOGRAPHY\`, columns that GeoParquet declares as WKB | \`binary (wkb)\` |
| \`MAP\`, \`LIST\`, groups | \`map\`, \`list\`, \`struct\` |

## What to do with a refused column

- Leave it out: \`parload copy ... --exclude notes\`.
- Create the table with a type that takes it, and load into that. Nanoseconds stay in \`bigint\` and in \`text\`; text with NUL
  characters stays in \`bytea\`. For a \`uint64\` that never exceeds \`bigint\`, a \`bigint\` column is checked and faster than the
  \`numeric(20,0)\` of a new table.
`;

generated('docs/types.md', page, BY);
