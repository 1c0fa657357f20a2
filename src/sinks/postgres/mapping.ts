// Which column of the rows goes into which column of the table, and how.
import { valueTypeName } from '../../arrow/index.ts';
import { mappingOf, type PgColumn } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowSchema, ColumnMapping, TargetRequest, ValuePolicies } from '../../model/index.ts';
import type { TableColumn, TableFacts } from './catalog.ts';
import { showTable } from './identifiers.ts';

export interface Mapped {
  /** In the order of the schema's fields: the encoder pairs them by position. */
  readonly columns: readonly PgColumn[];
  readonly mapping: readonly ColumnMapping[];
  readonly notes: readonly string[];
}

const list = (names: readonly string[]): string => names.map((n) => `"${n}"`).join(', ');

/** Names that no table can have, whatever the table. */
export function checkNames(schema: ArrowSchema): void {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of schema.fields) {
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  const bad = (message: string): ParloadError =>
    new ParloadError('COLUMN_MISSING', message, {
      hint: 'Give the columns other names with --rename old=new, or leave them out with --exclude.',
    });
  if (twice.size > 0) throw bad(`the rows have more than one column named ${list([...twice])}`);
  if (seen.has('')) throw bad('the rows have a column without a name');
  const zero = [...seen].filter((n) => n.includes('\0'));
  if (zero.length > 0) throw bad('the rows have a column whose name holds a zero byte');
  if (seen.size === 0) throw bad('the rows have no column');
}

/** By exact name. Everything that does not fit is refused here, before the first byte. */
export function mapToTable(request: TargetRequest, table: TableFacts): Mapped {
  const { schema, policies } = request;
  const shown = showTable(table);
  const byName = new Map(table.columns.map((c) => [c.name, c]));
  const wanted = new Set(schema.fields.map((f) => f.name));
  checkPresent(schema, table, byName);
  checkWritable(
    table.columns.filter((c) => wanted.has(c.name)),
    shown,
  );
  checkNeeded(table, wanted);
  const left = table.columns.filter((c) => !wanted.has(c.name) && c.generated === 'no').map((c) => c.name);
  const columns = schema.fields.map((f): PgColumn => ({ name: f.name, type: byName.get(f.name)!.type }));
  const mapping = mapAll(schema, columns, policies);
  const strict = mapping.filter((m) => byName.get(m.name)!.notNull && mayBecomeNull(m, policies));
  return {
    columns,
    mapping,
    notes: [
      ...(left.length === 0 ? [] : [`not in the rows, so default or NULL: ${list(left)}`]),
      ...(strict.length === 0
        ? []
        : [`NOT NULL, so a value that a policy makes NULL is refused: ${list(strict.map((m) => m.name))}`]),
    ],
  };
}

/** For a comparison: columns that the server fills in itself can be read, and others of the table do not matter. */
export function mapToCompare(schema: ArrowSchema, table: TableFacts, policies: ValuePolicies): Mapped {
  const byName = new Map(table.columns.map((c) => [c.name, c]));
  const wanted = new Set(schema.fields.map((f) => f.name));
  checkPresent(schema, table, byName);
  const columns = schema.fields.map((f): PgColumn => ({ name: f.name, type: byName.get(f.name)!.type }));
  const left = table.columns.filter((c) => !wanted.has(c.name)).map((c) => c.name);
  return {
    columns,
    mapping: mapAll(schema, columns, policies),
    notes: left.length === 0 ? [] : [`not in the rows, so not compared: ${list(left)}`],
  };
}

const mayBecomeNull = (mapping: ColumnMapping, policies: ValuePolicies): boolean =>
  mapping.policies.some((name) => policies[name] === 'null');

export const mapAll = (
  schema: ArrowSchema,
  columns: readonly PgColumn[],
  policies: ValuePolicies,
): ColumnMapping[] =>
  schema.fields.map((field, i) => {
    const { type } = columns[i]!;
    return {
      name: field.name,
      sourceType: valueTypeName(field),
      targetType: type.display,
      ...mappingOf(field, type, policies),
    };
  });

const HOW_TO_ADD =
  'Add the column to the table (--schema evolve does), leave it out with --exclude, or map it with --rename file_name=table_name.';

/**
 * A column that gets NULL because the rows have no such column is a mistake more often than it is meant. Who chose the
 * columns meant it, and a default is there to be used.
 */
export function checkAbsent({ schema, schemaChange, columnsChosen }: TargetRequest, table: TableFacts): void {
  if (schemaChange === 'evolve' || columnsChosen === true) return;
  const wanted = new Set(schema.fields.map((f) => f.name));
  const known = new Set(table.columns.map((c) => c.name));
  // columns that the table lacks are refused by name, and say more
  if (schema.fields.some((f) => !known.has(f.name))) return;
  const absent = table.columns
    .filter((c) => !wanted.has(c.name) && c.generated === 'no' && !c.hasDefault && !c.notNull)
    .map((c) => c.name);
  if (absent.length === 0) return;
  throw new ParloadError(
    'COLUMN_MISSING',
    `table "${showTable(table)}" has ${list(absent)}, which the rows lack and which has no default`,
    {
      where: { table: showTable(table), ...(absent.length === 1 ? { column: absent[0]! } : {}) },
      hint: 'Is it called otherwise in the files (--rename file_name=table_name)? To load NULL into it, use --schema evolve, give it a default, or name the columns that you mean with --columns.',
    },
  );
}

function checkPresent(
  schema: ArrowSchema,
  table: TableFacts,
  byName: ReadonlyMap<string, TableColumn>,
): void {
  const missing = schema.fields.map((f) => f.name).filter((name) => !byName.has(name));
  if (missing.length === 0) return;
  const pairs = missing.flatMap((name) =>
    table.columns
      .filter((c) => c.name.toLowerCase() === name.toLowerCase())
      .map((c) => `--rename ${name}=${c.name}`),
  );
  throw new ParloadError(
    'COLUMN_MISSING',
    `table "${showTable(table)}" has no column ${list(missing)} (names are compared exactly)`,
    {
      where: { table: showTable(table), ...(missing.length === 1 ? { column: missing[0]! } : {}) },
      hint: HOW_TO_ADD,
      ...(pairs.length === 0 ? {} : { hint: `Only the case of the name differs; add ${pairs.join(' ')}.` }),
    },
  );
}

function checkWritable(columns: readonly TableColumn[], shown: string): void {
  const where = { table: shown };
  const computed = columns.filter((c) => c.generated !== 'no').map((c) => c.name);
  if (computed.length > 0) {
    throw new ParloadError('SINK_SQL', `the server makes the values of ${list(computed)} itself`, {
      where,
      hint: `Leave them out: --exclude ${computed.join(',')}. For an identity column, or ALTER it to GENERATED BY DEFAULT.`,
    });
  }
  const denied = columns.filter((c) => !c.insertable).map((c) => c.name);
  if (denied.length > 0) {
    throw new ParloadError('SINK_DENIED', `the user may not insert into ${list(denied)} of "${shown}"`, {
      where,
      hint: 'GRANT INSERT on the table to this user.',
    });
  }
}

function checkNeeded(table: TableFacts, wanted: ReadonlySet<string>): void {
  const needed = table.columns
    .filter((c) => c.notNull && !c.hasDefault && c.generated === 'no' && !wanted.has(c.name))
    .map((c) => c.name);
  if (needed.length === 0) return;
  throw new ParloadError(
    'COLUMN_MISSING',
    `column ${list(needed)} of table "${showTable(table)}" is NOT NULL without default, and not in the rows`,
    {
      where: { table: showTable(table) },
      hint: 'Give the column a default, drop its NOT NULL, or map a column to it with --rename file_name=table_name.',
    },
  );
}
