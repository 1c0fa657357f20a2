// The part of docs/types.md about CrateDB, from the rules of its encoder.
import {
  type CrateType,
  ddlOf,
  defaultCrateType,
  isRule,
  mappingOf,
  reasonAgainst,
  showType,
  verdictOn,
} from '../../src/encoders/crate-json/index.ts';
import { noteText } from '../../src/encoders/policy-notes.ts';
import { type ArrowField, EXACT_POLICIES } from '../../src/model/index.ts';
import { FLAT, LISTS, NESTED } from './fields.ts';

/** How the page is written. */
export interface PageWords {
  readonly table: (header: string, lines: readonly string[]) => string;
  readonly row: (...cells: readonly string[]) => string;
  readonly code: (text: string) => string;
  readonly types: (fields: readonly ArrowField[]) => string;
  readonly grouped: <T>(items: readonly T[], keyOf: (item: T) => string) => T[][];
}

const TARGETS: readonly CrateType[] = [
  { id: 'boolean' },
  { id: 'byte' },
  { id: 'smallint' },
  { id: 'integer' },
  { id: 'bigint' },
  { id: 'real' },
  { id: 'double precision' },
  { id: 'numeric', precision: 20, scale: 2 },
  { id: 'timestamp', zoned: false },
  { id: 'timestamp', zoned: true },
  { id: 'text' },
  { id: 'ip' },
  { id: 'geo_point' },
  { id: 'geo_shape' },
  { id: 'float_vector', dimension: 3 },
  { id: 'array', element: { id: 'integer' } },
  { id: 'object', policy: 'dynamic', fields: [] },
];

const noteOf = (note: string | null): string => noteText(note, EXACT_POLICIES) ?? '';

export function cratePart({ table, row, code, types, grouped }: PageWords): string {
  const all = [...FLAT, ...LISTS, ...NESTED];
  const outcome = (from: ArrowField): string => {
    const reason = reasonAgainst(from);
    if (reason !== null) return row('none', 'refused', reason).slice(2);
    const to = defaultCrateType(from);
    const { exactness, note } = mappingOf(from, to);
    return row(code(ddlOf(to)), exactness, noteOf(note)).slice(2);
  };
  const created = grouped(all, outcome).map((group) => `| ${types(group)} | ${outcome(group[0]!)}`);
  const linesOf = (from: ArrowField): string[] => {
    const found = TARGETS.flatMap((target) => {
      const verdict = verdictOn(from, target);
      return isRule(verdict)
        ? [{ target: code(showType(target)), values: verdict.exactness, note: noteOf(verdict.note) }]
        : [];
    });
    return grouped(found, ({ values, note }) => `${values}|${note}`).map((group) =>
      row(group.map(({ target }) => target).join(', '), group[0]!.values, group[0]!.note).slice(2),
    );
  };
  const pairs = grouped(
    all.filter(({ type }) => type.id !== 'null'),
    (from) => linesOf(from).join('\n'),
  ).flatMap((group) => linesOf(group[0]!).map((line) => `| ${types(group)} | ${line}`));

  return `## CrateDB

The same for \`crate://\`, from the rules of its encoder ([rules.ts](../src/encoders/crate-json/rules.ts),
[ddl.ts](../src/encoders/crate-json/ddl.ts)). CrateDB itself would round a double into \`real\`, and cast much else without a
word. parload refuses these pairs, or looks at each value.

### Into a new table of CrateDB

${table('| Arrow type | new column | values | note |', created)}

### Into an existing table of CrateDB

${table('| Arrow type | goes into | values | note |', pairs)}

- **Timestamps are milliseconds** in CrateDB. A value with microseconds or nanoseconds in it is refused by name, unless
  \`--timestamp-ns truncate\` cuts them off (back in time, before 1970 too) or \`round\` rounds them, half to even. A date is
  its midnight.
- **Decimals and \`uint64\` travel as text** into \`NUMERIC\`: a JSON number with a point becomes a double in the server.
- Floats are written with a point or an exponent, in the fewest digits that read back as the same double: \`5.0\`, \`-0.0\`,
  \`1e+21\`. A single float is written as the double that it equals.
- NaN and infinities have no word in JSON: refused, or NULL with \`--non-finite null\`.
- A column of the type \`null\` goes everywhere. Text may hold NUL characters. Indexed TEXT takes values of up to 32,766 bytes
  in CrateDB; longer ones need a column made with \`INDEX OFF STORAGE WITH (columnstore = false)\`: see \`--unindexed\`.
- A struct becomes an object with typed columns, a map an \`OBJECT(IGNORED)\`. A map that has a key twice is refused with its
  row, since an object would lose a value. Parts of nested values go into the types of the first table only.
`;
}
