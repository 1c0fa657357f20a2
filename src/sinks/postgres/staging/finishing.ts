// Transactions of the end of a load: fenced like slices, and marked, so that a later run finds those of a dead one.
import { ParloadError } from '../../../errors/index.ts';
import type { Answer, PgConnection } from '../connection.ts';
import { quoteLiteral } from '../identifiers.ts';
import { KEEPALIVE_SQL } from '../keepalive.ts';
import type { JobIdentity } from '../ledger.ts';
import type { JobSite } from '../site.ts';

/** Begins every message of finishing; a server that works on one does not notice that its client is gone. */
export const MARK = '/* parload finish */ ';

export interface FinishingOptions {
  readonly lockTimeoutMs: number;
  /** Names in definitions come out qualified, and are read that way. Not where triggers of the user run. */
  readonly bareSearchPath: boolean;
  /** alone: nobody else writes in this job's ledger meanwhile. */
  readonly fence: 'shared' | 'alone';
}

/** Opens the transaction. FENCED when a newer run took over. */
export async function beginFinishing(
  connection: PgConnection,
  site: JobSite,
  options: FinishingOptions,
): Promise<void> {
  const { job, server } = site.need();
  const answers = await connection.script(
    [
      `${MARK}BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`,
      'SET LOCAL statement_timeout = 0',
      'SET LOCAL idle_in_transaction_session_timeout = 0',
      ...(server.version >= 170_000 ? ['SET LOCAL transaction_timeout = 0'] : []),
      `SELECT ${KEEPALIVE_SQL}`,
      `SET LOCAL lock_timeout = ${options.lockTimeoutMs}`,
      "SET LOCAL default_tablespace = ''",
      ...(options.bareSearchPath ? ['SET LOCAL search_path = pg_catalog'] : []),
      `SELECT 1 AS one FROM parload.job WHERE job_id = ${quoteLiteral(job.jobId)} AND epoch = ${site.epoch ?? '0'}
         FOR ${options.fence === 'alone' ? 'UPDATE' : 'SHARE'}`,
    ].join('; '),
    { doing: 'beginning to finish the load' },
  );
  if (answers.at(-1)?.rows.length === 1) return;
  throw new ParloadError('FENCED', `a newer run took over the load into "${job.target}"`, {
    where: { table: job.target },
  });
}

/** COMMIT of a failed transaction is answered by ROLLBACK, without an error. */
export async function commitFinishing(connection: PgConnection): Promise<void> {
  const answers: readonly Answer[] = await connection.script(`${MARK}COMMIT`, { doing: 'committing' });
  if (answers.at(-1)?.command === 'COMMIT') return;
  throw new ParloadError('SINK_CONFLICT', 'the server did not commit the end of the load');
}

/** One transaction; whatever goes wrong in it is rolled back, as far as the connection still answers. */
export async function inFinishing<T>(
  connection: PgConnection,
  site: JobSite,
  options: FinishingOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await beginFinishing(connection, site, options);
    const result = await work();
    await commitFinishing(connection);
    return result;
  } catch (error) {
    if (connection.usable) {
      await connection.script('ROLLBACK', { doing: 'rolling back' }).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * Ends what a dead run of this job left working on the server: an index that is being built, a merge. The caller holds
 * the job's lock, so nobody waits for its result. Where it is not allowed, the epoch's wait does the same, only later.
 */
export const endFinishing = (connection: PgConnection, job: JobIdentity): Promise<void> =>
  end(connection, job, ['active']);

/** Of this run itself: an attempt whose connection broke, and which may wait for a client that it does not have. */
export const endLostFinishing = (connection: PgConnection, job: JobIdentity): Promise<void> =>
  end(connection, job, ['active', 'idle in transaction', 'idle in transaction (aborted)']);

async function end(connection: PgConnection, job: JobIdentity, states: readonly string[]): Promise<void> {
  await connection
    .query(
      `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN parload.job j ON j.job_id = $1
        WHERE a.datname = current_database() AND a.application_name LIKE '%parload/' || j.run_id
          AND a.query LIKE $2 AND a.state = ANY ($3::text[]) AND a.pid <> pg_backend_pid()`,
      [job.jobId, `${MARK.trim()}%`, states],
      { doing: 'ending what an earlier run left' },
    )
    .catch(() => undefined);
}
