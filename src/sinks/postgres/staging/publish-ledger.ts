// The ledger's part of publishing, in the same transaction: what was in the staging table is in the target now.
import type { PgConnection } from '../connection.ts';
import { stageIdOf } from '../ledger.ts';
import type { JobSite } from '../site.ts';

const doing = 'writing the ledger';

/** The slices become the job's own, in the generation that each input is loaded in. */
async function moveSlices(connection: PgConnection, jobId: string): Promise<void> {
  await connection.query(
    `UPDATE parload.slice s SET job_id = i.job_id, generation = i.generation FROM parload.input i
      WHERE s.job_id = $1 AND i.job_id = $2 AND i.input_id = s.input_id`,
    [stageIdOf(jobId), jobId],
    { doing },
  );
}

/** Rows were added: what the job had before still counts. */
export async function recordAdded(connection: PgConnection, site: JobSite): Promise<void> {
  const { job } = site.need();
  await moveSlices(connection, job.jobId);
  await connection.query('DELETE FROM parload.stage WHERE job_id = $1', [job.jobId], { doing });
}

/**
 * The target holds these inputs and nothing else: whatever any job had loaded into it is gone. Jobs stay, for their
 * epochs: a run of long ago must not meet its own number again. Returns other jobs' staging tables, which wait for
 * nothing any more.
 */
export async function recordReplaced(
  connection: PgConnection,
  site: JobSite,
  targetOid: string,
): Promise<readonly { readonly schema: string; readonly name: string }[]> {
  const { job, request } = site.need();
  const inputIds = request.inputs.map((i) => i.id);
  const others = 'SELECT job_id FROM parload.job WHERE target = $1 AND job_id <> $2';
  const pair = [job.target, job.jobId];
  const stages = await connection.query(
    `DELETE FROM parload.stage WHERE job_id IN (${others}) RETURNING schema_name, table_name`,
    pair,
    { doing },
  );
  await connection.query(
    `DELETE FROM parload.slice WHERE job_id IN (SELECT unnest(ARRAY[job_id, job_id || '/stage']) FROM (${others}) AS o)`,
    pair,
    { doing },
  );
  await connection.query(`DELETE FROM parload.input WHERE job_id IN (${others})`, pair, { doing });
  await connection.query('DELETE FROM parload.slice WHERE job_id = $1', [job.jobId], { doing });
  await connection.query(
    'DELETE FROM parload.input WHERE job_id = $1 AND input_id <> ALL ($2::text[])',
    [job.jobId, inputIds],
    { doing },
  );
  await moveSlices(connection, job.jobId);
  await connection.query(
    'UPDATE parload.job SET target_oid = $2::int8::oid, updated_at = now() WHERE target = $1',
    [job.target, targetOid],
    { doing },
  );
  await connection.query(
    "UPDATE parload.stage SET state = 'published', table_oid = $2::int8::oid WHERE job_id = $1",
    [job.jobId, targetOid],
    { doing },
  );
  return stages.map((r) => ({ schema: String(r.schema_name), name: String(r.table_name) }));
}
