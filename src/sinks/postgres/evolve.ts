// --schema evolve: what the table needs so that the rows fit. Pure: the statements, and the table as it will be then.
// Only ever wider: no column goes, none is narrowed, no default and no constraint is touched.
import { defaultPgType, type PgType } from '../../encoders/pg-copy-binary/index.ts';
import type { ArrowField, ArrowSchema } from '../../model/index.ts';
import type { TableColumn, TableFacts } from './catalog.ts';
import { quoteIdent, quoteTable } from './identifiers.ts';

export interface Evolution {
  /** The table with what `ddl` makes of it. */
  readonly table: TableFacts;
  readonly ddl: readonly string[];
  readonly notes: readonly string[];
}

const INTEGERS = ['int2', 'int4', 'int8'];

interface Digits {
  readonly precision: number;
  readonly scale: number;
}

/** Null: without limits. */
function digitsOf({ typmod }: PgType): Digits | null {
  if (typmod < 4) return null;
  const packed = typmod - 4;
  // the scale has 11 bits with a sign since Postgres 15
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}

const MOST_DIGITS = 1000;

/** Room for the digits of both, before and after the point; null when the table's has it already. */
function widerNumeric(table: PgType, rows: PgType): PgType | null {
  const [have, need] = [digitsOf(table), digitsOf(rows)];
  if (have === null || need === null || have.scale < 0) return null;
  const scale = Math.max(have.scale, need.scale);
  const whole = Math.max(have.precision - have.scale, need.precision - need.scale);
  if (scale === have.scale && whole === have.precision - have.scale) return null;
  const precision = Math.min(MOST_DIGITS, whole + scale);
  const display = `numeric(${precision},${scale})`;
  return { ...table, typmod: ((precision << 16) | (scale & 0x7ff)) + 4, display };
}

/** The type that the table's column should have; null: it stays. */
function widened(column: TableColumn, field: ArrowField): PgType | null {
  const rows = defaultPgType(field);
  const { type } = column;
  if (type.kind !== 'base' || rows.kind !== 'base') return null;
  const [have, need] = [INTEGERS.indexOf(type.name), INTEGERS.indexOf(rows.name)];
  if (have >= 0 && need > have) return rows;
  if (type.name === 'float4' && rows.name === 'float8') return rows;
  if (type.name === 'varchar' && type.typmod >= 4 && rows.name === 'text') return rows;
  return type.name === 'numeric' && rows.name === 'numeric' ? widerNumeric(type, rows) : null;
}

const newColumn = (field: ArrowField): TableColumn => ({
  name: field.name,
  type: defaultPgType(field),
  notNull: false,
  hasDefault: false,
  generated: 'no',
  insertable: true,
});

const list = (texts: readonly string[]): string => texts.join(', ');

/** Domains are left alone: their type is not this table's to change. */
const isOwnType = (column: TableColumn): boolean => !column.isDomain;

export function evolve(schema: ArrowSchema, table: TableFacts): Evolution {
  const known = new Map(table.columns.map((c) => [c.name, c]));
  const added = schema.fields.filter((f) => !known.has(f.name)).map(newColumn);
  const wider = new Map<string, PgType>();
  for (const field of schema.fields) {
    const column = known.get(field.name);
    if (column === undefined || column.generated !== 'no' || !isOwnType(column)) continue;
    const type = widened(column, field);
    if (type !== null) wider.set(field.name, type);
  }
  if (added.length === 0 && wider.size === 0) return { table, ddl: [], notes: [] };
  const actions = [
    ...added.map((c) => `ADD COLUMN ${quoteIdent(c.name)} ${c.type.display}`),
    ...[...wider].map(([name, type]) => `ALTER COLUMN ${quoteIdent(name)} TYPE ${type.display}`),
  ];
  const columns = table.columns.map((c) => ({ ...c, type: wider.get(c.name) ?? c.type }));
  return {
    table: { ...table, columns: [...columns, ...added] },
    // one statement: readers see all of it or nothing, and the table is written anew at most once
    ddl: [`ALTER TABLE ${quoteTable(table)}\n  ${actions.join(',\n  ')}`],
    notes: notesOf(added, wider, known),
  };
}

function notesOf(
  added: readonly TableColumn[],
  wider: ReadonlyMap<string, PgType>,
  known: ReadonlyMap<string, TableColumn>,
): string[] {
  const notes: string[] = [];
  if (added.length > 0) {
    notes.push(`--schema evolve adds ${list(added.map((c) => `"${c.name}" ${c.type.display}`))}`);
  }
  if (wider.size > 0) {
    const changes = [...wider].map(
      ([name, type]) => `"${name}" from ${known.get(name)!.type.display} to ${type.display}`,
    );
    const rewrites = [...wider].some(([name, type]) => isRewritten(known.get(name)!.type, type));
    const cost = rewrites ? '; the server writes the table anew for it, locked' : '';
    notes.push(`--schema evolve widens ${list(changes)}${cost}`);
  }
  return notes;
}

/** varchar and numeric of the same scale are widened in the catalog alone. */
const isRewritten = (from: PgType, to: PgType): boolean =>
  from.name === 'numeric' ? digitsOf(from)?.scale !== digitsOf(to)?.scale : from.name !== 'varchar';
