// The table that the rows are for: there, or made.
import { defaultPgType } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import { readTable, type TableFacts } from './catalog.ts';
import type { PgConnection } from './connection.ts';
import { createTableSql } from './ddl.ts';
import { quoteIdent, quoteTable, showTable } from './identifiers.ts';
import { begin } from './ledger-schema.ts';
import { type Mapped, mapAll } from './mapping.ts';
import type { JobSite } from './site.ts';

export function checkExistence(site: JobSite, table: TableFacts | null): void {
  const { createTable } = site.options;
  const where = { table: showTable(site.table) };
  if (table === null && createTable === 'never') {
    throw new ParloadError('TABLE_MISSING', `there is no table "${where.table}"`, { where });
  }
  if (table !== null && createTable === 'only') {
    throw new ParloadError('TABLE_EXISTS', `table "${where.table}" is there already`, { where });
  }
}

export function mapToNew(site: JobSite): Mapped {
  const { schema, policies } = site.need().request;
  const columns = schema.fields.map((f) => ({ name: f.name, type: defaultPgType(f) }));
  return { columns, mapping: mapAll(schema, columns, policies), notes: [] };
}

/** What makes the target when it is missing; the key of an upsert becomes its primary key. */
export function targetDdl(site: JobSite): string[] {
  const { name, request } = site.need();
  const { key } = site.way;
  const create = createTableSql(name, request.schema);
  if (key.length === 0) return [create];
  return [create, `ALTER TABLE ${quoteTable(name)} ADD PRIMARY KEY (${key.map(quoteIdent).join(', ')})`];
}

export async function readyTable(connection: PgConnection, site: JobSite): Promise<TableFacts> {
  const { name } = site.need();
  const there = await readTable(connection, name);
  if (there !== null) return there;
  if (site.options.createTable === 'never') checkExistence(site, null);
  await createTable(connection, site);
  const made = await readTable(connection, name);
  if (made !== null) return made;
  throw new ParloadError('TABLE_MISSING', `table "${showTable(name)}" vanished right after it was created`);
}

/** Under the ledger's lock: another run may be about to create the same table. */
export async function createTable(connection: PgConnection, site: JobSite): Promise<void> {
  const { name } = site.need();
  const doing = `creating table "${showTable(name)}"`;
  await connection.script(begin(site.lockTimeoutMs), { doing });
  try {
    const there = (await readTable(connection, name)) !== null;
    if (there && site.options.createTable === 'only') {
      throw new ParloadError('TABLE_EXISTS', `table "${showTable(name)}" is there already`);
    }
    if (!there) await connection.script(targetDdl(site).join('; '), { doing });
    await connection.script('COMMIT', { doing });
  } catch (error) {
    await connection.script('ROLLBACK', { doing }).catch(() => undefined);
    throw error;
  }
}
