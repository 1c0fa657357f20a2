// The ledger's part of a load that is one transaction: written at its end, by the same connection.
import type { PgConnection } from '../connection.ts';
import { quoteTable } from '../identifiers.ts';
import { stageIdOf } from '../ledger.ts';
import type { JobSite } from '../site.ts';
import { recordAdded, recordReplaced } from '../staging/publish-ledger.ts';
import { inputsKeyOf } from '../staging/stage.ts';
import type { SentSlice } from './outlet.ts';

const doing = 'writing the ledger';

export async function recordTransaction(
  connection: PgConnection,
  site: JobSite,
  slices: readonly SentSlice[],
): Promise<void> {
  const { job, request, name } = site.need();
  await dropOwnStage(connection, job.jobId);
  const rows = slices.map((s) => ({
    input: s.slice.inputId,
    start: s.slice.rowStart,
    count: s.slice.rowCount,
    loaded: s.rows,
    filtered: s.rowsFiltered,
    bytes: s.bytes,
    changes: s.changes.length === 0 ? null : s.changes,
    attempt: s.attempt,
  }));
  await connection.query(
    `INSERT INTO parload.slice (job_id, generation, input_id, row_start, row_count, rows_loaded, rows_filtered, bytes, changes,
                                run_id, attempt, committed_at)
     SELECT $1, 0, r.input, r.start, r.count, r.loaded, r.filtered, r.bytes, r.changes, $2, r.attempt, clock_timestamp()
       FROM jsonb_to_recordset($3::jsonb) AS r (input text, start int8, count int8, loaded int8, filtered int8, bytes int8,
                                                changes jsonb, attempt int)`,
    [stageIdOf(job.jobId), request.runId, JSON.stringify(rows)],
    { doing },
  );
  const [table] = await connection.query('SELECT $1::regclass::oid::int8::text AS oid', [quoteTable(name)], {
    doing,
  });
  const oid = String(table?.oid);
  if (site.way.mode === 'append') {
    await recordAdded(connection, site);
    await connection.query(
      'UPDATE parload.job SET target_oid = $2::int8::oid WHERE job_id = $1',
      [job.jobId, oid],
      { doing },
    );
    return;
  }
  const left = await recordReplaced(connection, site, oid);
  for (const stage of left) await connection.script(`DROP TABLE IF EXISTS ${quoteTable(stage)}`, { doing });
  await connection.query(
    `INSERT INTO parload.stage (job_id, schema_name, table_name, table_oid, inputs, shape, state, run_id)
     VALUES ($1, $2, $3, $4::int8::oid, $5, 'transaction', 'published', $6)`,
    [job.jobId, name.schema, name.name, oid, inputsKeyOf(request.inputs.map((i) => i.id)), request.runId],
    { doing },
  );
}

/** What --atomic staging of the same job has left behind: its rows are in this transaction. */
async function dropOwnStage(connection: PgConnection, jobId: string): Promise<void> {
  const rows = await connection.query(
    'DELETE FROM parload.stage WHERE job_id = $1 RETURNING schema_name, table_name, state',
    [jobId],
    { doing },
  );
  for (const row of rows) {
    if (row.state !== 'loading') continue;
    const stage = { schema: String(row.schema_name), name: String(row.table_name) };
    await connection.script(`DROP TABLE IF EXISTS ${quoteTable(stage)}`, { doing });
  }
  await connection.query('DELETE FROM parload.slice WHERE job_id = $1', [stageIdOf(jobId)], { doing });
}

/** Waits for the end of the transaction, when the server still works on it; then its slices are there or not. */
export async function wasCommitted(connection: PgConnection, site: JobSite): Promise<boolean> {
  const { job, request } = site.need();
  await connection.script(
    `BEGIN; SET LOCAL lock_timeout = ${site.lockTimeoutMs}; SELECT 1 FROM parload.job WHERE job_id = '${job.jobId}' FOR UPDATE; COMMIT`,
    { doing: 'asking whether the load was committed' },
  );
  const rows = await connection.query(
    `SELECT 1 AS one FROM parload.slice WHERE job_id = $1 AND run_id = $2
     UNION ALL SELECT 1 FROM parload.stage WHERE job_id = $1 AND run_id = $2 AND state = 'published' LIMIT 1`,
    [job.jobId, request.runId],
    { doing: 'asking whether the load was committed' },
  );
  return rows.length > 0;
}
