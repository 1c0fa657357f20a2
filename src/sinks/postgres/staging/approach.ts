// Which way the rows of the staging table become the target's, and what the staging table must be like for it.
import { plural } from '../../../runtime/index.ts';
import type { TableFacts } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { createTableSql } from '../ddl.ts';
import { quoteIdent, quoteLiteral, quoteTable } from '../identifiers.ts';
import type { JobSite } from '../site.ts';
import { readDefinition, type TableDefinition } from './definition.ts';
import { checkRefusals, publishesAll, readDependents } from './dependents.ts';
import {
  dropColumnsSql,
  inputsKeyOf,
  likeSql,
  placeColumnsSql,
  type StageName,
  type StageRecipe,
} from './stage.ts';

export type Approach =
  /** The staging table gets the name: there is no target. */
  | { readonly kind: 'rename' }
  /** The staging table takes the target's place. */
  | { readonly kind: 'swap'; readonly definition: TableDefinition }
  /** One statement moves the rows. */
  | {
      readonly kind: 'merge';
      readonly definition: TableDefinition | null;
      readonly reasons: readonly string[];
      readonly inherited: boolean;
    };

/** Only reads. `table`: null when there is none, or none yet. */
export async function chooseApproach(
  connection: PgConnection,
  site: JobSite,
  table: TableFacts | null,
): Promise<Approach> {
  const { server, name, job } = site.need();
  const { mode } = site.way;
  if (table === null) {
    const published = await publishesAll(connection, name.schema, server.version);
    if (mode === 'replace' && !published) return { kind: 'rename' };
    const reasons = mode === 'replace' ? ['new tables are published at once'] : [];
    return { kind: 'merge', definition: null, reasons, inherited: false };
  }
  return inBarePath(connection, async () => {
    const definition = await readDefinition(connection, table.oid);
    if (mode !== 'replace') return { kind: 'merge', definition, reasons: [], inherited: false };
    const dependents = await readDependents(connection, table.oid);
    checkRefusals(dependents, job.target);
    const { reasons, inherited } = dependents;
    if (reasons.length > 0) return { kind: 'merge', definition, reasons, inherited };
    return { kind: 'swap', definition };
  });
}

/** A transaction in which every name of a definition comes qualified. */
async function inBarePath<T>(connection: PgConnection, work: () => Promise<T>): Promise<T> {
  const doing = 'reading how the table is made';
  await connection.script('BEGIN READ ONLY; SET LOCAL search_path = pg_catalog', { doing });
  try {
    return await work();
  } finally {
    if (connection.usable) await connection.script('ROLLBACK', { doing });
  }
}

/** How the staging table is made; `shape` changes when what is there cannot be gone on with. */
export function recipeOf(
  site: JobSite,
  stage: StageName,
  approach: Approach,
  table: TableFacts | null,
): StageRecipe {
  const { request, server, name } = site.need();
  const { way } = site;
  const inputs = inputsKeyOf(request.inputs.map((i) => i.id));
  const columns = request.schema.fields.map((f) => f.name);
  if (approach.kind === 'rename') {
    const create = createTableSql(stage, request.schema);
    return { create: [create], inputs, shape: `rename ${create}` };
  }
  const like = { version: server.version, unlogged: true, storage: '' };
  if (approach.kind === 'merge') {
    const ordered = way.mode === 'upsert' && way.duplicates !== 'error';
    const left = (table?.columns ?? []).map((c) => c.name).filter((c) => !columns.includes(c));
    return {
      create: [
        likeSql(stage, name, like, false),
        ...dropColumnsSql(stage, left),
        ...(ordered ? placeColumnsSql(stage) : []),
      ],
      inputs,
      shape: `merge ${ordered} ${approach.definition?.columnsHash ?? ''} ${columns.join()}`,
    };
  }
  const { definition } = approach;
  const own = quoteTable(stage);
  const defaults = definition.sequences
    .filter((s) => s.identity !== null)
    .map(
      (s) =>
        `ALTER TABLE ${own} ALTER COLUMN ${quoteIdent(s.column)} SET DEFAULT nextval(${quoteLiteral(quoteTable(s))})`,
    );
  return {
    create: [
      likeSql(stage, name, { ...like, unlogged: definition.unlogged, storage: definition.storage }, true),
      ...definition.columnSettings.map((setting) => `ALTER TABLE ${own} ${setting}`),
      ...defaults,
    ],
    inputs,
    shape: `swap ${definition.hash} ${columns.join()}`,
  };
}

/** For `plan`: what happens after the load. */
export function stepsOf(site: JobSite, approach: Approach): string[] {
  const { job } = site.need();
  const { mode, key, onConflict, duplicates } = site.way;
  if (approach.kind === 'rename') return [`the staging table gets the name ${job.target}`];
  if (approach.kind === 'swap') {
    const { indexes, foreignKeys } = approach.definition;
    const parts = [
      ...(indexes.length > 0 ? [plural(indexes.length, 'index', 'indexes')] : []),
      ...(foreignKeys.length > 0 ? [plural(foreignKeys.length, 'foreign key')] : []),
    ];
    return [
      'the rows are counted in a staging table like the target',
      ...(parts.length > 0 ? [`${parts.join(' and ')} are built on it`] : []),
      `it takes the place of ${job.target}, with its owner, grants and all else, under one short lock`,
    ];
  }
  const counted = 'the rows are counted in a staging table';
  if (mode === 'append') return [counted, `one transaction adds them to ${job.target}`];
  if (mode === 'upsert') {
    return [
      `${counted}${duplicates === 'error' ? '; rows that share a key stop the load' : `; of rows that share a key the ${duplicates} counts`}`,
      `one transaction merges them into ${job.target} by ${key.join(', ')} (on conflict: ${onConflict})`,
    ];
  }
  return [
    counted,
    `one transaction puts them in the place of those in ${job.target} (DELETE and INSERT, not a swap of tables)`,
    ...approach.reasons.map((reason) => `because ${reason}`),
  ];
}
