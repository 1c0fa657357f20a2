// What the server knows of a table. Only reads.
import { type CrateColumn, type CrateType, parseType } from '../../encoders/crate-json/index.ts';
import type { CrateConnection } from './connection.ts';
import type { TableName } from './identifiers.ts';

export interface TableColumn extends CrateColumn {
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  /** The server makes its values. */
  readonly generated: boolean;
}

export interface TableFacts extends TableName {
  readonly columns: readonly TableColumn[];
  /** Columns of the primary key, in its order; empty: none. */
  readonly key: readonly string[];
  readonly settings: TableSettings;
}

/** What --tune changes. */
export interface TableSettings {
  readonly replicas: string;
  readonly refreshInterval: number;
  readonly durability: string;
}

interface ColumnRow {
  readonly path: readonly string[];
  readonly dataType: string;
  readonly column: Omit<TableColumn, 'type' | 'name'>;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly policy: 'dynamic';
}

/** `a`, `o['x']['y']` as information_schema has them. */
function pathOf(name: string): string[] {
  const at = name.indexOf("['");
  if (at === -1) return [name];
  return [name.slice(0, at), ...[...name.slice(at).matchAll(/\['((?:[^']|'')*)'\]/g)].map((m) => m[1]!)];
}

const numberOf = (value: unknown): number | null => (value == null ? null : Number(value));

const rowOf = (row: Record<string, unknown>): ColumnRow => ({
  path: pathOf(String(row.column_name)),
  dataType: String(row.data_type),
  column: {
    nullable: row.is_nullable !== false && row.is_nullable !== 'NO',
    hasDefault: row.column_default != null,
    generated: row.is_generated != null && row.is_generated !== 'NEVER' && row.is_generated !== false,
  },
  precision: numberOf(row.numeric_precision),
  scale: numberOf(row.numeric_scale),
  policy: 'dynamic',
});

function typeOf(row: ColumnRow, rows: readonly ColumnRow[]): CrateType {
  const isPart = (other: ColumnRow): boolean =>
    other.path.length === row.path.length + 1 && row.path.every((part, k) => other.path[k] === part);
  const fields = rows.filter(isPart).map((part) => ({ name: part.path.at(-1)!, type: typeOf(part, rows) }));
  return parseType(row.dataType, { precision: row.precision, scale: row.scale, fields, policy: row.policy });
}

/** Null: there is no such table. */
export async function readTable(connection: CrateConnection, table: TableName): Promise<TableFacts | null> {
  const args = [table.schema, table.name];
  const doing = `looking for table "${table.schema}"."${table.name}"`;
  const [facts] = await connection.select(
    `SELECT number_of_replicas, settings FROM information_schema.tables
      WHERE table_schema = ? AND table_name = ? AND table_type = 'BASE TABLE'`,
    args,
    doing,
  );
  if (facts === undefined) return null;
  const columns = await connection.select(
    `SELECT column_name, data_type, is_nullable, column_default, is_generated, numeric_precision, numeric_scale
       FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
    args,
    doing,
  );
  const key = await connection.select(
    `SELECT column_name FROM information_schema.key_column_usage
      WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
    args,
    doing,
  );
  const rows = columns.map(rowOf);
  return {
    ...table,
    columns: rows
      .filter(({ path }) => path.length === 1)
      .map((row) => ({ name: row.path[0]!, type: typeOf(row, rows), ...row.column })),
    key: key.map((row) => String(row.column_name)),
    settings: settingsOf(facts),
  };
}

function settingsOf(facts: Record<string, unknown>): TableSettings {
  const settings = (facts.settings ?? {}) as {
    refresh_interval?: number;
    translog?: { durability?: string };
  };
  return {
    replicas: String(facts.number_of_replicas ?? '0-1'),
    refreshInterval: Number(settings.refresh_interval ?? 1000),
    durability: String(settings.translog?.durability ?? 'REQUEST'),
  };
}

/** Does it answer questions? A sink that only counts requests gives no row where every server gives one. */
export async function keepsRows(connection: CrateConnection): Promise<boolean> {
  const { rows } = await connection.query('SELECT 1 AS one', [], 'asking the server');
  return rows.length > 0;
}
