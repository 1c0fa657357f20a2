// Brings the table to what the rows need, before anything is loaded into it.
import { failpoint } from '../../runtime/index.ts';
import { readTable, type TableFacts } from './catalog.ts';
import type { PgConnection } from './connection.ts';
import { type Evolution, evolve } from './evolve.ts';
import { showTable } from './identifiers.ts';
import { begin } from './ledger-schema.ts';
import { checkAbsent } from './mapping.ts';
import type { JobSite } from './site.ts';

/** What would change; nothing does under --schema strict, which refuses what differs. */
export function evolutionOf(site: JobSite, table: TableFacts): Evolution {
  const { request } = site.need();
  // merging rows of some columns leaves the others as they are
  if (site.way.mode !== 'upsert') checkAbsent(request, table);
  if (request.schemaChange !== 'evolve') return { table, ddl: [], notes: [] };
  return evolve(request.schema, table);
}

/** Under the ledger's lock, in one transaction. A run that was killed behind it finds the table as it must be. */
export async function evolveTarget(connection: PgConnection, site: JobSite): Promise<void> {
  const { name } = site.need();
  const seen = await readTable(connection, name);
  if (seen === null || evolutionOf(site, seen).ddl.length === 0) return;
  const doing = `changing table "${showTable(name)}" for --schema evolve`;
  const where = { table: showTable(name), option: 'schema' };
  await connection.script(begin(site.lockTimeoutMs), { doing });
  try {
    // another run may have changed it in the meantime
    const table = await readTable(connection, name);
    const ddl = table === null ? [] : evolutionOf(site, table).ddl;
    for (const statement of ddl) await connection.script(statement, { doing, where });
    await connection.script('COMMIT', { doing });
  } catch (error) {
    await connection.script('ROLLBACK', { doing }).catch(() => undefined);
    throw error;
  }
  failpoint('schema.evolved');
}
