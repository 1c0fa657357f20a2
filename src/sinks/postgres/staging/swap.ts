// The staging table takes the target's place, with everything that the target had: one short transaction.
import { ParloadError } from '../../../errors/index.ts';
import { failpoint } from '../../../runtime/index.ts';
import { readTable } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { quoteIdent, quoteLiteral, quoteTable } from '../identifiers.ts';
import type { JobSite } from '../site.ts';
import { type OwnedSequence, readDefinition, type TableDefinition } from './definition.ts';
import { checkRefusals, readDependents } from './dependents.ts';
import { inFinishing, MARK } from './finishing.ts';
import { readGrants, readLate, readSequenceLate } from './late.ts';
import { recordReplaced } from './publish-ledger.ts';
import { partName, type StageName } from './stage.ts';

/** Something began to depend on the table during the load: its rows are to be replaced instead. Nothing was changed. */
export class CannotSwap extends Error {
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(reasons.join('; '));
    this.reasons = reasons;
  }
}

const DEPENDENT_OBJECTS = '2BP01';

/** `definition`: what the staging table was made for; null: there was no target, and the staging table only gets its name. */
export async function swap(
  connection: PgConnection,
  site: JobSite,
  stage: StageName,
  definition: TableDefinition | null,
  lockTimeoutMs: number,
): Promise<void> {
  const { job, name } = site.need();
  const options = { lockTimeoutMs, bareSearchPath: true, fence: 'alone' } as const;
  await inFinishing(connection, site, options, async () => {
    const doing = `putting the new rows in the place of "${job.target}"`;
    const run = (sql: readonly string[]) =>
      connection.script(`${MARK}${sql.join('; ')}`, { doing, where: { table: job.target } });
    const target = quoteTable(name);
    if (definition === null) {
      await run([
        `ALTER TABLE ${quoteTable(stage)} RENAME TO ${quoteIdent(name.name)}`,
        `COMMENT ON TABLE ${target} IS NULL`,
      ]);
      failpoint('publish.locked');
    } else {
      await run([`LOCK TABLE ${target} IN ACCESS EXCLUSIVE MODE`]);
      failpoint('publish.locked');
      await takePlace(connection, run, stage, name, definition);
    }
    const [row] = await connection.query('SELECT $1::regclass::oid::int8::text AS oid', [target], { doing });
    const left = await recordReplaced(connection, site, String(row?.oid));
    if (left.length > 0) await run(left.map((s) => `DROP TABLE IF EXISTS ${quoteTable(s)}`));
    failpoint('publish.before-commit');
  });
  failpoint('publish.after-commit');
}

type Run = (sql: readonly string[]) => Promise<unknown>;

async function takePlace(
  connection: PgConnection,
  run: Run,
  stage: StageName,
  name: { readonly schema: string; readonly name: string },
  definition: TableDefinition,
): Promise<void> {
  const target = quoteTable(name);
  const facts = await readTable(connection, name);
  const oid = facts?.oid ?? '0';
  if ((await readDefinition(connection, oid)).hash !== definition.hash) {
    throw new ParloadError(
      'TARGET_CHANGED',
      `the table ${target} was altered while its new rows were loaded`,
      {
        where: { table: target },
      },
    );
  }
  const dependents = await readDependents(connection, oid);
  checkRefusals(dependents, target);
  if (dependents.reasons.length > 0) throw new CannotSwap(dependents.reasons);
  const grants = await readGrants(connection, oid, target);
  const late = await readLate(connection, oid, target);
  await run([`ALTER TABLE ${quoteTable(stage)} OWNER TO ${definition.owner}`]);
  const renames = await moveSequences(connection, run, stage, definition.sequences);
  try {
    await run([`DROP TABLE ${target}`]);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { readonly code?: unknown };
    if (code === DEPENDENT_OBJECTS) {
      throw new CannotSwap(['something depends on it']);
    }
    throw error;
  }
  await run([
    `ALTER TABLE ${quoteTable(stage)} RENAME TO ${quoteIdent(name.name)}`,
    ...definition.indexes.map(
      (index, i) =>
        `ALTER INDEX ${quoteTable({ schema: name.schema, name: partName(stage, 'i', i) })} RENAME TO ${quoteIdent(index.name)}`,
    ),
    ...renames,
  ]);
  const [row] = await connection.query('SELECT $1::regclass::oid::int8::text AS oid', [target], {
    doing: 'looking at the new table',
  });
  // What default privileges gave the new table goes, so that the grants of the old one are all.
  const given = await readGrants(connection, String(row?.oid), target);
  const same = grants.untouched && given.untouched;
  await run([...(same ? [] : [...given.revoke, ...grants.grant]), ...late]);
}

/**
 * A sequence that a column owns changes its owner. One of an identity column cannot: the new column gets one of its own
 * that goes on where the old one is. Returns what is to be done when the old one is gone.
 */
async function moveSequences(
  connection: PgConnection,
  run: Run,
  stage: StageName,
  sequences: readonly OwnedSequence[],
): Promise<readonly string[]> {
  const table = quoteTable(stage);
  const renames: string[] = [];
  for (const [i, sequence] of sequences.entries()) {
    const column = quoteIdent(sequence.column);
    const old = quoteTable(sequence);
    if (sequence.identity === null) {
      await run([`ALTER SEQUENCE ${old} OWNED BY ${table}.${column}`]);
      continue;
    }
    const own = { schema: stage.schema, name: partName(stage, 's', i) };
    const [state] = await connection.query(
      `SELECT last_value::text AS value, is_called AS called FROM ${old}`,
      [],
      { doing: 'reading a sequence' },
    );
    await run([
      `ALTER TABLE ${table} ALTER COLUMN ${column} DROP DEFAULT`,
      `ALTER TABLE ${table} ALTER COLUMN ${column} ADD GENERATED ${sequence.identity} AS IDENTITY (SEQUENCE NAME ${quoteTable(own)} ${sequence.settings})`,
      `SELECT setval(${quoteLiteral(quoteTable(own))}, ${state?.value}, ${state?.called === true})`,
    ]);
    const named = quoteTable({ schema: stage.schema, name: sequence.name });
    renames.push(
      `ALTER SEQUENCE ${quoteTable(own)} RENAME TO ${quoteIdent(sequence.name)}`,
      ...(sequence.schema === stage.schema
        ? []
        : [`ALTER SEQUENCE ${named} SET SCHEMA ${quoteIdent(sequence.schema)}`]),
      ...(await readSequenceLate(connection, old)),
    );
  }
  return renames;
}
