// Indexes and constraints of the staging table, built when its rows are there: several at a time.
import { ParloadError } from '../../../errors/index.ts';
import type { PgConnection } from '../connection.ts';
import { quoteIdent, quoteTable } from '../identifiers.ts';
import { inLanes } from '../lanes.ts';
import type { JobSite } from '../site.ts';
import type { ForeignKey, IndexDefinition, TableDefinition } from './definition.ts';
import { inFinishing, MARK } from './finishing.ts';
import { partName, type StageName } from './stage.ts';

export async function buildIndexes(
  site: JobSite,
  stage: StageName,
  definition: TableDefinition,
  workers: number,
): Promise<void> {
  const { request } = site.need();
  const there = await site.with(request.runId, false, (connection) => indexesOf(connection, stage));
  const queue = definition.indexes
    .map((index, i) => ({ index, name: partName(stage, 'i', i) }))
    .filter(({ index, name }) => index.constraint?.usesIndex !== false && !there.has(name));
  await inLanes(site, queue, workers, (connection, { index, name }) =>
    buildIndex(connection, site, stage, index, name),
  );
  await site.with(request.runId, false, (connection) => addConstraints(connection, site, stage, definition));
}

/** Names of the indexes that an earlier run has built; each is there whole or not at all. */
async function indexesOf(connection: PgConnection, stage: StageName): Promise<ReadonlySet<string>> {
  const rows = await connection.query(
    `SELECT i.relname::text AS name FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      WHERE x.indrelid = to_regclass($1) AND x.indisvalid`,
    [quoteTable(stage)],
    { doing: 'looking at the staging table' },
  );
  return new Set(rows.map((r) => String(r.name)));
}

const shared = (site: JobSite) =>
  ({ lockTimeoutMs: site.lockTimeoutMs, bareSearchPath: false, fence: 'shared' }) as const;

async function buildIndex(
  connection: PgConnection,
  site: JobSite,
  stage: StageName,
  index: IndexDefinition,
  name: string,
): Promise<void> {
  const { job } = site.need();
  const table = quoteTable(stage);
  const own = quoteTable({ schema: stage.schema, name });
  await inFinishing(connection, site, shared(site), async () => {
    const space =
      index.tablespace === null ? '' : `SET LOCAL default_tablespace = ${quoteIdent(index.tablespace)}; `;
    await connection.script(
      [
        `${MARK}${space}CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quoteIdent(name)} ON ${table} ${index.tail}`,
        ...index.settings.map((setting) => `ALTER INDEX ${own} ${setting}`),
      ].join('; '),
      { doing: `building index "${index.name}" of "${job.target}"`, where: { table: job.target } },
    );
  });
}

/** Constraints that take a built index, those that build their own, and foreign keys. Each is skipped when it is there. */
async function addConstraints(
  connection: PgConnection,
  site: JobSite,
  stage: StageName,
  definition: TableDefinition,
): Promise<void> {
  const { job } = site.need();
  const rows = await connection.query(
    'SELECT conname::text AS name, convalidated AS valid FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass($1)',
    [quoteTable(stage)],
    { doing: 'looking at the staging table' },
  );
  const there = new Map(rows.map((r) => [String(r.name), r.valid === true]));
  const table = quoteTable(stage);
  const run = (sql: string, what: string): Promise<void> =>
    inFinishing(connection, site, shared(site), async () => {
      await connection.script(`${MARK}${sql}`, {
        doing: `adding ${what} to the new rows of "${job.target}"`,
        where: { table: job.target },
      });
    });
  for (const [i, { name, constraint }] of definition.indexes.entries()) {
    const own = partName(stage, 'i', i);
    if (constraint === null || there.has(own)) continue;
    const what = `constraint "${name}"`;
    const kind = constraint.type === 'p' ? 'PRIMARY KEY' : 'UNIQUE';
    const how = constraint.usesIndex
      ? `${kind} USING INDEX ${quoteIdent(own)} ${constraint.deferral}`
      : constraint.definition;
    await run(`ALTER TABLE ${table} ADD CONSTRAINT ${quoteIdent(own)} ${how}`, what);
  }
  for (const key of definition.foreignKeys) await addForeignKey(run, table, key, there.get(key.name));
}

/** First without a look at the rows, then the look, which keeps nobody from writing into the other table. */
async function addForeignKey(
  run: (sql: string, what: string) => Promise<void>,
  table: string,
  key: ForeignKey,
  valid: boolean | undefined,
): Promise<void> {
  const what = `foreign key "${key.name}"`;
  const name = quoteIdent(key.name);
  if (valid === undefined) {
    const late = key.validated && !/ NOT ENFORCED/.test(key.definition) ? ' NOT VALID' : '';
    await run(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${key.definition}${late}`, what);
  }
  if (key.validated && valid !== true) await run(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`, what);
}

/** Without them a plan over the new table would be a guess until autovacuum comes by. */
export async function analyze(connection: PgConnection, table: StageName): Promise<void> {
  try {
    await connection.script(`${MARK}ANALYZE ${quoteTable(table)}`, { doing: `ANALYZE of "${table.name}"` });
  } catch (error) {
    if (ParloadError.is(error) && error.code === 'SINK_LOST') throw error;
    // Only statistics are missing; autovacuum makes them.
  }
}
