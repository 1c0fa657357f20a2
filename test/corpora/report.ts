// Outcomes of the foreign test files -> docs/foreign-files.md.
import type { GoldenFile } from './golden.ts';
import { LIMIT_BYTES, type Outcome } from './read-all.ts';

export interface Result {
  /** `corpora/project/file` or `corrupt/file`. */
  readonly name: string;
  readonly golden: GoldenFile;
  readonly outcome: Outcome;
}

/** Why a file is refused, by what its message says: the first that matches. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/is not Parquet|is empty/, 'Not Parquet'],
  [/has no footer|its footer has/, 'Cut off, or a wrong length of the footer'],
  [/encrypted/, 'Encrypted'],
  [/footer cannot be decoded/, 'A damaged footer'],
  [/schema is inconsistent/, 'A footer whose schema contradicts itself'],
  [
    /no valid number of rows|rows, but its row groups|values, but the row group/,
    'A footer whose row counts are wrong',
  ],
  [
    /^the footer's entry|should end at byte|should (begin|start)/,
    'A footer whose columns do not fit the schema or the file',
  ],
  [/of physical type|impossible decimal|digits; \d+ are read|no bytes/, 'A type that the column cannot have'],
  [/compressed by/, 'An unknown codec'],
  [/page header cannot/, 'A damaged page header'],
  [/checksum/, 'A wrong checksum of a page'],
  [/cannot be decompressed|when decompressed|stored ones cannot/, 'A page that cannot be decompressed'],
  [/page/, 'A page that contradicts itself or the footer'],
];

/** Files that pyarrow refuses and that are read here. */
const READ_RIGHTLY: Readonly<Record<string, string>> = {
  'corpora/duckdb/data__parquet-testing__decimal__byte_array_decimal_empty_value.parquet':
    'a decimal without a byte is 0, as DuckDB reads it',
  'corpora/hyparquet/test__files__incorrect_map_schema.parquet':
    'the keys of a map are not marked as required; they are all there',
};

/** Files that pyarrow reads and that are refused here. */
export const REFUSED_RIGHTLY: Readonly<Record<string, string>> = {
  'corpora/parquet-go/testdata__malformed__negative_row_group_num_rows.parquet':
    'its row group claims -1 rows; pyarrow never looks at that number',
};

const DUCKDB = 'corpora/duckdb/data__parquet-testing__';
const NOT_UTF8 = ['VALUE_REFUSED', 'text that is not UTF-8 (`--invalid-utf8 replace` loads it)'] as const;

/** Files that are read, and that a new Postgres table does not take without a flag: the code, and why. */
export const REFUSED_BY_POSTGRES: Readonly<Record<string, readonly [code: string, why: string]>> = {
  [`${DUCKDB}decimal__pandas_decimal.parquet`]: [
    'SINK_REJECTED',
    'a decimal of 38 digits in a column whose type says 36',
  ],
  [`${DUCKDB}internal_5994.parquet`]: ['COLUMN_MISSING', 'a column name of more than 63 bytes'],
  [`${DUCKDB}invalid.parquet`]: NOT_UTF8,
  [`${DUCKDB}invalid_utf8_dictionary.parquet`]: NOT_UTF8,
  [`${DUCKDB}invalid_utf8_dlba.parquet`]: NOT_UTF8,
  [`${DUCKDB}negative-timetz.parquet`]: ['VALUE_REFUSED', 'a negative time of day'],
  [`${DUCKDB}nullbyte.parquet`]: ['VALUE_REFUSED', 'a NUL character in text (`--null-byte strip` loads it)'],
  [`${DUCKDB}silly-names.parquet`]: ['COLUMN_MISSING', 'a column without a name'],
  'corpora/fastparquet/test-data__no_columns_new.parquet': ['COLUMN_MISSING', 'no columns'],
};

export const reasonOf = (message: string): string | null =>
  REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? null;

/** What is wrong with an outcome; null when it is as it should be. */
export function problemOf({ name, golden, outcome }: Result): string | null {
  if (outcome.kind === 'slow') return 'takes too long';
  if (outcome.kind === 'died') return 'ends the process';
  if (outcome.kind === 'crashed') return `no typed error: ${outcome.message}`;
  if (outcome.peakBytes > LIMIT_BYTES) return `takes ${outcome.peakBytes} bytes of memory`;
  if (outcome.kind === 'refused') {
    if (!outcome.place.includes('input')) return `does not name the file: ${outcome.message}`;
    if (reasonOf(outcome.message) === null) return `is refused without a known reason: ${outcome.message}`;
    const isRight = typeof golden === 'string' ? !(name in READ_RIGHTLY) : name in REFUSED_RIGHTLY;
    return isRight ? null : `is refused: ${outcome.message}`;
  }
  if (typeof golden === 'string') return name in READ_RIGHTLY ? null : `is read, but pyarrow says: ${golden}`;
  const { digest } = outcome;
  if (name in REFUSED_RIGHTLY) return 'is read, though the docs say that it is refused';
  if (digest.rows !== golden.rows) return `has ${digest.rows} rows, not ${golden.rows}`;
  return digest.columns === golden.columns
    ? null
    : `has other cells: ${digest.columns}, not ${golden.columns}`;
}

const shortName = (name: string): string => name.replace(/^corpora\//, '');
const bullets = (entries: Readonly<Record<string, string>>): string[] =>
  Object.entries(entries).map(([name, why]) => `- \`${shortName(name)}\`: ${why}.`);

const mapped = <A, B>(entries: Readonly<Record<string, A>>, of: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, of(value)]));

function refusedByReason(results: readonly Result[]): Map<string, { code: string; names: string[] }[]> {
  const byReason = new Map<string, { code: string; names: string[] }[]>();
  for (const [, reason] of REASONS) byReason.set(reason, []);
  for (const { name, outcome } of results) {
    if (outcome.kind !== 'refused') continue;
    const groups = byReason.get(reasonOf(outcome.message) ?? 'Other') ?? [];
    const group = groups.find(({ code }) => code === outcome.code);
    if (group === undefined) groups.push({ code: outcome.code, names: [shortName(name)] });
    else group.names.push(shortName(name));
  }
  for (const groups of byReason.values()) groups.sort((a, b) => (a.code < b.code ? -1 : 1));
  return byReason;
}

export function foreignFiles(results: readonly Result[]): string {
  const byReason = [...refusedByReason(results)].filter(([, groups]) => groups.length > 0);
  const count = (kind: Outcome['kind'], byPyarrow: boolean): number =>
    results.filter((r) => r.outcome.kind === kind && (typeof r.golden !== 'string') === byPyarrow).length;
  const rows = byReason.flatMap(([reason, groups]) =>
    groups.map(({ code, names }) => `| ${reason} | \`${code}\` | ${names.length} |`),
  );
  return `${[
    '# Files of other projects',
    '',
    '<!-- Written by `make foreign-files`. Do not edit. -->',
    '',
    `The test files of parquet-testing, arrow-testing, DuckDB, Delta Lake, delta-rs, fastparquet, GeoParquet, hyparquet, parquet-dotnet,`,
    `parquet-go, parquetjs and Polars, and 29 files that were damaged on purpose: ${results.length} in all. Each is read cell by cell and`,
    'compared with what pyarrow reads; none may take 20 seconds or 512 MiB.',
    '',
    '| outcome | files |',
    '|---|---|',
    `| read, every cell equal to pyarrow's | ${count('read', true)} |`,
    `| read, though pyarrow refuses it | ${count('read', false)} |`,
    `| refused by both | ${count('refused', false)} |`,
    `| refused, though pyarrow reads it | ${count('refused', true)} |`,
    '',
    'Read, though pyarrow refuses it:',
    '',
    ...bullets(READ_RIGHTLY),
    '',
    'Refused, though pyarrow reads it:',
    '',
    ...bullets(REFUSED_RIGHTLY),
    '',
    'Read, but refused by a new Postgres table without a flag (`make test-all` loads every file into one):',
    '',
    ...bullets(mapped(REFUSED_BY_POSTGRES, ([code, why]) => `\`${code}\`, ${why}`)),
    '',
    '## Refused, by reason',
    '',
    '| reason | code | files |',
    '|---|---|---|',
    ...rows,
    '',
    ...byReason.flatMap(([reason, groups]) => [
      `### ${reason}`,
      '',
      ...groups.flatMap(({ names }) => names.map((name) => `- \`${name}\``)),
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}
