// The staging table of a job: its name, how it is made, and its row in the ledger.
import { createHash } from 'node:crypto';
import { failpoint } from '../../../runtime/index.ts';
import type { PgConnection } from '../connection.ts';
import { quoteIdent, quoteLiteral, quoteTable } from '../identifiers.ts';
import { stageIdOf } from '../ledger.ts';
import type { LedgerSlice } from '../resume.ts';
import type { JobSite } from '../site.ts';
import { PLACE_SETTING } from '../slice-sql.ts';

export interface StageName {
  readonly schema: string;
  readonly name: string;
}

/** One a job, in the target's schema: whoever finds it there knows whose it is, and a rerun finds it again. */
export const stageNameOf = (schema: string, jobId: string): StageName => ({
  schema,
  name: `parload_${jobId}`,
});

/** Names that parts of it have until it takes the target's place. */
export const partName = (stage: StageName, kind: 'i' | 's' | 'n', index: number): string =>
  `${stage.name}_${kind}${index}`;

/** Where rows of an upsert remember their place in the input: the slice's, and within the slice. */
export const PLACE_COLUMN = '_parload_place';
export const COUNT_COLUMN = '_parload_count';

/** Several rows' numbers are taken from a sequence at a time; they ascend within a session all the same. */
const SEQUENCE_CACHE = 1000;

export const inputsKeyOf = (inputIds: readonly string[]): string =>
  createHash('sha256')
    .update([...inputIds].sort().join('\n'))
    .digest('hex');

export interface StageRow {
  /** As the catalog has it now; null: the table is not there, or is another one. */
  readonly oid: string | null;
  /** As it was written: of the staging table, and once published of the target. */
  readonly recordedOid: string;
  readonly inputs: string;
  readonly shape: string;
  readonly state: 'loading' | 'published';
}

export interface StageState {
  readonly row: StageRow | null;
  readonly slices: readonly LedgerSlice[];
}

/** Only reads; the ledger must exist in its newest layout. */
export async function readStage(connection: PgConnection, site: JobSite): Promise<StageState> {
  const { job } = site.need();
  const doing = 'reading the ledger';
  const [row] = await connection.query(
    `SELECT s.table_oid::int8::text AS recorded, c.oid::int8::text AS oid, s.inputs, s.shape, s.state FROM parload.stage s
       LEFT JOIN pg_catalog.pg_class c ON c.oid = s.table_oid WHERE s.job_id = $1`,
    [job.jobId],
    { doing },
  );
  if (row === undefined) return { row: null, slices: [] };
  const slices = await connection.query(
    'SELECT input_id, row_start, row_count, rows_loaded FROM parload.slice WHERE job_id = $1 ORDER BY 1, 2',
    [stageIdOf(job.jobId)],
    { doing },
  );
  return {
    row: {
      oid: row.oid == null ? null : String(row.oid),
      recordedOid: String(row.recorded),
      inputs: String(row.inputs),
      shape: String(row.shape),
      state: row.state === 'published' ? 'published' : 'loading',
    },
    slices: slices.map((r) => ({
      inputId: String(r.input_id),
      generation: 0,
      range: { start: Number(r.row_start), end: Number(r.row_start) + Number(r.row_count) },
      rowsLoaded: Number(r.rows_loaded),
    })),
  };
}

export interface StageRecipe {
  /** Statements that make it, with its name in them. */
  readonly create: readonly string[];
  readonly inputs: string;
  readonly shape: string;
}

/** Makes it anew, with an empty ledger: one transaction. What an earlier run left under the name goes. */
export async function createStage(
  connection: PgConnection,
  site: JobSite,
  stage: StageName,
  recipe: StageRecipe,
): Promise<void> {
  const { job, request } = site.need();
  const text = quoteLiteral;
  const doing = `creating the staging table "${stage.schema}.${stage.name}"`;
  try {
    await connection.script(
      [
        `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = ${site.lockTimeoutMs}`,
        "SET LOCAL default_tablespace = ''",
        `DROP TABLE IF EXISTS ${quoteTable(stage)}`,
        ...recipe.create,
        `COMMENT ON TABLE ${quoteTable(stage)} IS ${text(`parload: rows on their way into ${job.target} (job ${job.jobId}); the run that finishes the load takes it away`)}`,
        `DELETE FROM parload.slice WHERE job_id = ${text(stageIdOf(job.jobId))}`,
        `INSERT INTO parload.stage (job_id, schema_name, table_name, table_oid, inputs, shape, run_id)
         VALUES (${text(job.jobId)}, ${text(stage.schema)}, ${text(stage.name)}, ${text(quoteTable(stage))}::regclass::oid,
                 ${text(recipe.inputs)}, ${text(recipe.shape)}, ${text(request.runId)})
         ON CONFLICT (job_id) DO UPDATE SET schema_name = excluded.schema_name, table_name = excluded.table_name,
           table_oid = excluded.table_oid, inputs = excluded.inputs, shape = excluded.shape, state = 'loading',
           run_id = excluded.run_id, created_at = now()`,
        'COMMIT',
      ].join(';\n'),
      { doing, where: { table: job.target } },
    );
  } catch (error) {
    await connection.script('ROLLBACK', { doing }).catch(() => undefined);
    throw error;
  }
  failpoint('stage.created');
}

export interface LikeOptions {
  readonly version: number;
  readonly unlogged: boolean;
  /** What `storage` of a definition says. */
  readonly storage: string;
}

/** Columns, NOT NULL and CHECK as the target has them, so that a row that does not fit is refused with its place. */
export const likeSql = (
  stage: StageName,
  target: StageName,
  options: LikeOptions,
  defaults: boolean,
): string =>
  [
    `CREATE ${options.unlogged ? 'UNLOGGED ' : ''}TABLE ${quoteTable(stage)} (LIKE ${quoteTable(target)}`,
    'INCLUDING CONSTRAINTS INCLUDING STORAGE',
    ...(options.version >= 140_000 ? ['INCLUDING COMPRESSION'] : []),
    ...(defaults ? ['INCLUDING DEFAULTS INCLUDING GENERATED'] : []),
    `) ${options.storage}`,
  ].join(' ');

/** Columns that say where in the input a row was; COPY names the others only, so these take their defaults. */
export const placeColumnsSql = (stage: StageName): string[] => {
  const table = quoteTable(stage);
  const sequence = quoteTable({ schema: stage.schema, name: partName(stage, 'n', 0) });
  return [
    `CREATE SEQUENCE ${sequence} CACHE ${SEQUENCE_CACHE}`,
    `ALTER TABLE ${table} ADD COLUMN ${PLACE_COLUMN} bigint, ADD COLUMN ${COUNT_COLUMN} bigint`,
    // Set apart from ADD COLUMN, which would ask for the setting at once.
    `ALTER TABLE ${table} ALTER COLUMN ${PLACE_COLUMN} SET DEFAULT current_setting('${PLACE_SETTING}')::bigint,
       ALTER COLUMN ${COUNT_COLUMN} SET DEFAULT nextval(${quoteLiteral(sequence)})`,
    `ALTER SEQUENCE ${sequence} OWNED BY ${table}.${COUNT_COLUMN}`,
  ];
};

export const dropColumnsSql = (stage: StageName, columns: readonly string[]): string[] =>
  columns.length === 0
    ? []
    : [
        `ALTER TABLE ${quoteTable(stage)} ${columns.map((c) => `DROP COLUMN ${quoteIdent(c)} CASCADE`).join(', ')}`,
      ];
