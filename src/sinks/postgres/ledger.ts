// Reads and writes of the ledger by the main thread. What a slice writes is in slice-sql.ts.
import { createHash } from 'node:crypto';
import type { InputInfo, InputReject } from '../../model/index.ts';
import { redactUri } from '../../runtime/index.ts';
import type { PgConnection } from './connection.ts';
import { USE_HINT } from './ledger-schema.ts';
import type { LedgerState, Resume } from './resume.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The same target through the same transforms is the same job, whatever its inputs. */
export const jobIdOf = (target: string, transformsKey: string): string =>
  sha256(`${target}\0${transformsKey}`).slice(0, 20);

/** Key of the job's advisory lock: signed 64 bits. */
export const lockKeyOf = (jobId: string): string =>
  BigInt.asIntN(64, BigInt(`0x${sha256(`parload job ${jobId}`).slice(0, 16)}`)).toString();

/** Key of the lock on a target that all of its jobs share, or that one has alone. */
export const targetKeyOf = (target: string): string => lockKeyOf(`of target ${target}`);

/** Whose slices are in the job's staging table: not the target's rows yet. */
export const stageIdOf = (jobId: string): string => `${jobId}/stage`;

export interface JobIdentity {
  readonly jobId: string;
  /** Qualified name of the table. */
  readonly target: string;
  readonly transformsKey: string;
}

/** Only reads; the ledger must exist. */
export async function readLedger(
  connection: PgConnection,
  jobId: string,
  inputIds: readonly string[],
): Promise<LedgerState> {
  const context = { doing: 'reading the ledger', deniedHint: USE_HINT };
  const [job] = await connection.query(
    `SELECT target_oid::int8::text AS oid, (
       SELECT coalesce(sum(s.rows_loaded), 0)::text FROM parload.slice s
         JOIN parload.input i USING (job_id, input_id, generation) WHERE s.job_id = j.job_id) AS rows
       FROM parload.job j WHERE job_id = $1`,
    [jobId],
    context,
  );
  const inputs = await connection.query(
    `SELECT input_id, generation, finished FROM parload.input WHERE job_id = $1 AND input_id = ANY ($2::text[])`,
    [jobId, inputIds],
    context,
  );
  const slices = await connection.query(
    `SELECT s.input_id, s.generation, s.row_start, s.row_count, s.rows_loaded
       FROM parload.slice s JOIN parload.input i USING (job_id, input_id, generation)
      WHERE job_id = $1 AND input_id = ANY ($2::text[]) ORDER BY 1, 3`,
    [jobId, inputIds],
    context,
  );
  return {
    targetOid: job?.oid == null ? null : String(job.oid),
    rowsLoaded: Number(job?.rows ?? 0),
    inputs: inputs.map((r) => ({
      inputId: String(r.input_id),
      generation: Number(r.generation),
      finished: r.finished === true,
    })),
    slices: slices.map((r) => ({
      inputId: String(r.input_id),
      generation: Number(r.generation),
      range: { start: Number(r.row_start), end: Number(r.row_start) + Number(r.row_count) },
      rowsLoaded: Number(r.rows_loaded),
    })),
  };
}

/** Of these inputs, in their generation, by input and row, staged ones too; the ledger must exist in its newest layout. */
export async function readRejects(
  connection: PgConnection,
  jobId: string,
  inputIds: readonly string[],
): Promise<InputReject[]> {
  const rows = await connection.query(
    `SELECT s.input_id, r.row::text AS row, r."column", r.code, r.reason
       FROM parload.slice s JOIN parload.input i ON i.job_id = $1 AND i.input_id = s.input_id
        AND (s.job_id = $3 OR i.generation = s.generation)
      CROSS JOIN LATERAL jsonb_to_recordset(s.rejects) AS r (row int8, "column" text, code text, reason text)
      WHERE s.job_id IN ($1, $3) AND s.input_id = ANY ($2::text[]) AND s.rejects IS NOT NULL
      ORDER BY s.input_id, r.row`,
    [jobId, inputIds, stageIdOf(jobId)],
    { doing: 'reading the rejected rows in the ledger' },
  );
  return rows.map((r) => ({
    inputId: String(r.input_id),
    row: Number(r.row),
    column: r.column == null ? null : String(r.column),
    code: String(r.code),
    reason: String(r.reason),
  }));
}

/** One statement, so one transaction: which generation of which input this run loads, and into which table. */
export async function writeResume(
  connection: PgConnection,
  job: JobIdentity,
  inputs: readonly InputInfo[],
  resume: Resume,
  targetOid: string,
): Promise<void> {
  const rows = inputs.map((input) => ({
    id: input.id,
    generation: resume.generations.get(input.id) ?? 0,
    uri: redactUri(input.uri),
    size: input.sizeBytes,
    rows: input.rowCount,
    version: input.version,
  }));
  await connection.query(
    `WITH job AS (
       UPDATE parload.job SET target_oid = $3::int8::oid, updated_at = now() WHERE job_id = $1 RETURNING job_id
     ), others AS (
       UPDATE parload.input i SET generation = i.generation + 1, finished = false
        WHERE $4 AND i.job_id = $1
          AND i.input_id NOT IN (SELECT r.id FROM jsonb_to_recordset($2::jsonb) AS r (id text))
     )
     INSERT INTO parload.input AS i (job_id, input_id, generation, uri, size_bytes, row_count, version)
     SELECT $1, r.id, r.generation, r.uri, r.size, r.rows, r.version FROM jsonb_to_recordset($2::jsonb)
         AS r (id text, generation int, uri text, size int8, rows int8, version text)
     ON CONFLICT (job_id, input_id) DO UPDATE SET
       finished = i.finished AND i.generation = excluded.generation,
       generation = excluded.generation, uri = excluded.uri, version = excluded.version`,
    [job.jobId, JSON.stringify(rows), targetOid, resume.reset],
    { doing: 'writing the ledger', deniedHint: USE_HINT },
  );
}

/** Whether it was still this run's to say. */
export async function markFinished(
  connection: PgConnection,
  jobId: string,
  epoch: string,
  inputIds: readonly string[],
): Promise<boolean> {
  const rows = await connection.query(
    `WITH job AS (UPDATE parload.job SET updated_at = now() WHERE job_id = $1 AND epoch = $2 RETURNING job_id)
     UPDATE parload.input i SET finished = true FROM job
      WHERE i.job_id = job.job_id AND i.input_id = ANY ($3::text[]) RETURNING i.input_id`,
    [jobId, epoch, inputIds],
    { doing: 'writing the ledger', deniedHint: USE_HINT },
  );
  return rows.length === inputIds.length;
}
