// Which column of the rows goes into which column of the table, and how.
import { valueTypeName } from '../../arrow/index.ts';
import { type CrateColumn, defaultCrateType, mappingOf, showType } from '../../encoders/crate-json/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowSchema, ColumnMapping, TargetRequest, ValuePolicies } from '../../model/index.ts';
import type { TableFacts } from './catalog.ts';
import { KEY_COLUMN, reasonAgainstName, showTable } from './identifiers.ts';

export interface Mapped {
  /** In the order of the schema's fields: the encoder pairs them by position. */
  readonly columns: readonly CrateColumn[];
  readonly mapping: readonly ColumnMapping[];
  readonly notes: readonly string[];
}

const list = (names: readonly string[]): string => names.map((n) => `"${n}"`).join(', ');

/** What no table can have, whatever the table. */
export function checkRequest({ schema, skipsRows }: TargetRequest): void {
  if (skipsRows === true) {
    throw new ParloadError('CONFIG_INVALID', 'rows that CrateDB refuses cannot be set aside yet', {
      where: { option: 'onError' },
      hint: 'Leave out --on-error skip: the first row that is refused is named, and ends the load.',
    });
  }
  const seen = new Set<string>();
  for (const { name } of schema.fields) {
    const reason = seen.has(name)
      ? 'is there twice'
      : name === KEY_COLUMN
        ? 'is the key of parload'
        : reasonAgainstName(name);
    if (reason !== null) {
      throw new ParloadError('COLUMN_MISSING', `CrateDB takes no column "${name}": it ${reason}`, {
        where: { column: name },
        hint: 'Give it another name with --rename old=new, or leave it out with --exclude.',
      });
    }
    seen.add(name);
  }
}

const mapAll = (
  schema: ArrowSchema,
  columns: readonly CrateColumn[],
  policies: ValuePolicies,
): ColumnMapping[] =>
  schema.fields.map((field, i) => ({
    name: field.name,
    sourceType: valueTypeName(field),
    targetType: showType(columns[i]!.type),
    ...mappingOf(field, columns[i]!.type, policies),
  }));

export function mapNew(schema: ArrowSchema, policies: ValuePolicies): Mapped {
  const columns = schema.fields.map((f) => ({ name: f.name, type: defaultCrateType(f) }));
  return { columns, mapping: mapAll(schema, columns, policies), notes: [] };
}

export function mapToTable(schema: ArrowSchema, table: TableFacts, policies: ValuePolicies): Mapped {
  const byName = new Map(table.columns.map((c) => [c.name, c]));
  const shown = showTable(table);
  const missing = schema.fields.map((f) => f.name).filter((name) => !byName.has(name));
  if (missing.length > 0) {
    throw new ParloadError(
      'COLUMN_MISSING',
      `table "${shown}" has no column ${list(missing)} (names are compared exactly)`,
      {
        where: { table: shown, ...(missing.length === 1 ? { column: missing[0]! } : {}) },
      },
    );
  }
  const columns = schema.fields.map((f) => byName.get(f.name)!);
  const made = columns.filter((c) => c.generated).map((c) => c.name);
  if (made.length > 0) {
    throw new ParloadError('SINK_SQL', `the server makes the values of ${list(made)} itself`, {
      where: { table: shown },
      hint: `Leave them out: --exclude ${made.join(',')}.`,
    });
  }
  const wanted = new Set(schema.fields.map((f) => f.name));
  const needed = table.columns
    .filter(
      (c) => !c.nullable && !c.hasDefault && !c.generated && !wanted.has(c.name) && c.name !== KEY_COLUMN,
    )
    .map((c) => c.name);
  if (needed.length > 0) {
    throw new ParloadError(
      'COLUMN_MISSING',
      `column ${list(needed)} of table "${shown}" is NOT NULL, and not in the rows`,
      {
        where: { table: shown },
      },
    );
  }
  const unused = table.columns.map((c) => c.name).filter((name) => !wanted.has(name) && name !== KEY_COLUMN);
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    mapping: mapAll(schema, columns, policies),
    notes: unused.length === 0 ? [] : [`columns that stay NULL or get their default: ${list(unused)}`],
  };
}
