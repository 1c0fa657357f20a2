// One run at a time: a lock that lives as long as the run's connection, and an epoch that stops workers of dead runs.
import { hostname } from 'node:os';
import { ParloadError } from '../../errors/index.ts';
import type { PgConnection } from './connection.ts';
import { quoteLiteral } from './identifiers.ts';
import { KEEPALIVE_SQL } from './keepalive.ts';
import { type JobIdentity, lockKeyOf, targetKeyOf } from './ledger.ts';

/** How often to look who is in the way while waiting. */
const LOOK_EVERY_MS = 500;

/**
 * Opens a transaction on `connection` and takes the job's lock in it. The transaction stays open for the run: that
 * works behind a pooler too, and it holds no snapshot, so vacuum is not held back. `alone`: no other job may load into
 * the table meanwhile.
 */
export async function takeLock(
  connection: PgConnection,
  job: JobIdentity,
  version: number,
  alone: boolean,
): Promise<void> {
  const shared = alone ? '' : '_shared';
  const answers = await connection.script(
    `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0;
     SET LOCAL statement_timeout = 0; ${version >= 170_000 ? 'SET LOCAL transaction_timeout = 0;' : ''}
     SELECT ${KEEPALIVE_SQL};
     SELECT pg_try_advisory_xact_lock(${lockKeyOf(job.jobId)}) AS taken;
     SELECT pg_try_advisory_xact_lock${shared}(${targetKeyOf(job.target)}) AS taken`,
    { doing: "taking the job's lock" },
  );
  const [own, table] = answers.slice(-2).map((answer) => answer.rows[0]?.taken === true);
  if (own && table) return;
  if (own) {
    throw new ParloadError(
      'LOCKED',
      `another run is loading into "${job.target}", and one of the two must be alone (--mode replace, --indexes rebuild)`,
      {
        where: { table: job.target },
      },
    );
  }
  const [holder] = await connection.query(
    'SELECT run_id, host, pid, started_at::text AS since FROM parload.job WHERE job_id = $1',
    [job.jobId],
    { doing: "asking who holds the job's lock" },
  );
  const who =
    holder?.run_id == null
      ? 'another run'
      : `run ${holder.run_id} (process ${holder.pid} on ${holder.host}, since ${holder.since})`;
  throw new ParloadError('LOCKED', `${who} is loading into "${job.target}" with the same transforms`, {
    where: { table: job.target },
  });
}

/**
 * Makes this run the job's only one and returns its epoch. Waits for slices of a dead run that are still in flight:
 * each holds a share lock on the job's row. After this, what they committed is there to read.
 */
export async function raiseEpoch(
  connection: PgConnection,
  lock: PgConnection,
  job: JobIdentity,
  run: { readonly runId: string; readonly transformsHash: string; readonly lockTimeoutMs: number },
): Promise<string> {
  const text = quoteLiteral;
  // In the transaction: behind a pooler the next one may have another backend.
  const [, first] = await connection.script(
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_backend_pid() AS pid',
    { doing: 'asking for the backend' },
  );
  const watch = new BlockerWatch(lock, Number(first?.rows[0]?.pid ?? 0));
  try {
    const answers = await connection.script(
      `SET LOCAL lock_timeout = ${run.lockTimeoutMs}; SET LOCAL statement_timeout = 0;
       INSERT INTO parload.job (job_id, target, transforms)
       VALUES (${text(job.jobId)}, ${text(job.target)}, ${text(run.transformsHash)}) ON CONFLICT DO NOTHING;
       UPDATE parload.job SET epoch = epoch + 1, run_id = ${text(run.runId)}, host = ${text(hostname())},
              pid = ${process.pid}, started_at = now(), updated_at = now()
        WHERE job_id = ${text(job.jobId)} RETURNING epoch::text AS epoch;
       COMMIT`,
      { doing: 'taking the job over from an earlier run' },
    );
    return String(answers.at(-2)?.rows[0]?.epoch);
  } catch (error) {
    await connection.script('ROLLBACK', { doing: 'rolling back' }).catch(() => undefined);
    throw watch.explain(error);
  } finally {
    await watch.stop();
  }
}

/** Looks from the side who keeps a backend waiting, so that a timeout can name them. */
class BlockerWatch {
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #seen: readonly string[] = [];

  constructor(connection: PgConnection, pid: number) {
    let busy = false;
    this.#timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.#looking = this.#look(connection, pid).finally(() => {
        busy = false;
      });
    }, LOOK_EVERY_MS);
  }

  async #look(connection: PgConnection, pid: number): Promise<void> {
    try {
      const rows = await connection.query(
        `SELECT a.pid, a.application_name AS app, a.xact_start::text AS since FROM pg_stat_activity a
          WHERE a.pid = ANY (pg_blocking_pids($1))`,
        [pid],
        { doing: 'looking who blocks' },
      );
      if (rows.length > 0) this.#seen = rows.map((r) => `${r.pid} (${r.app}, transaction since ${r.since})`);
    } catch {
      // Only a better message is lost.
    }
  }

  explain(error: unknown): unknown {
    if (!ParloadError.is(error) || error.code !== 'SINK_TIMEOUT') return error;
    const who = this.#seen.length === 0 ? 'unknown backends' : `backend ${this.#seen.join(', ')}`;
    return new ParloadError('SINK_TIMEOUT', `slices of an earlier run are still in flight: ${who}`, {
      cause: error,
      hint: 'Wait for them, or end them with SELECT pg_terminate_backend(pid); then run the same command again.',
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }
}
