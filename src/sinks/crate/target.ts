// The table to load into, found out or made: the target itself, or one that will take its place.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowSchema } from '../../model/index.ts';
import { readTable, type TableFacts } from './catalog.ts';
import type { CrateConnection } from './connection.ts';
import { createTableSql } from './ddl.ts';
import { quoteTable, showTable, type TableName } from './identifiers.ts';
import { refresh } from './ledger.ts';
import type { CrateOptions } from './options.ts';
import { forget } from './tune.ts';

export function checkExistence(options: CrateOptions, name: TableName, table: TableFacts | null): void {
  const where = { table: showTable(name) };
  if (table === null && options.createTable === 'never') {
    throw new ParloadError('TABLE_MISSING', `there is no table "${where.table}"`, { where });
  }
  if (table !== null && options.createTable === 'only') {
    throw new ParloadError('TABLE_EXISTS', `table "${where.table}" is there already`, { where });
  }
}

export async function createTable(
  connection: CrateConnection,
  name: TableName,
  schema: ArrowSchema,
  options: CrateOptions,
): Promise<TableFacts> {
  const doing = `creating table "${showTable(name)}"`;
  await connection.query(
    createTableSql(name, schema, options).replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS'),
    [],
    doing,
    { table: showTable(name) },
  );
  return made(connection, name);
}

async function made(connection: CrateConnection, name: TableName): Promise<TableFacts> {
  const table = await readTable(connection, name);
  if (table !== null) return table;
  throw new ParloadError('TABLE_MISSING', `table "${showTable(name)}" vanished right after it was created`);
}

/** A table of the same shape and settings. */
export async function createLike(
  connection: CrateConnection,
  like: TableName,
  name: TableName,
): Promise<TableFacts> {
  const doing = `creating a table like "${showTable(like)}"`;
  const { rows } = await connection.query(`SHOW CREATE TABLE ${quoteTable(like)}`, [], doing);
  const sql = String(rows[0]?.[0] ?? '');
  const open = sql.indexOf('(');
  if (!/^CREATE TABLE/i.test(sql) || open === -1) {
    throw new ParloadError('SINK_SQL', `${doing}: the server does not show how it was made`);
  }
  await connection.query(`CREATE TABLE IF NOT EXISTS ${quoteTable(name)} ${sql.slice(open)}`, [], doing);
  return made(connection, name);
}

export async function dropTable(connection: CrateConnection, name: TableName): Promise<void> {
  await connection.query(`DROP TABLE IF EXISTS ${quoteTable(name)}`, [], `dropping "${showTable(name)}"`);
  await forget(connection, name);
}

/** One change of the cluster's state: readers see the old rows, then all of the new ones. */
export async function takePlace(
  connection: CrateConnection,
  staging: TableName,
  target: TableName,
  targetExists: boolean,
): Promise<void> {
  const doing = `putting the new rows in the place of "${showTable(target)}"`;
  await connection.query(
    targetExists
      ? `ALTER CLUSTER SWAP TABLE ${quoteTable(staging)} TO ${quoteTable(target)} WITH (drop_source = true)`
      : `ALTER TABLE ${quoteTable(staging)} RENAME TO ${quoteTable(target)}`,
    [],
    doing,
    { table: showTable(target) },
  );
  await refresh(connection, target);
}
