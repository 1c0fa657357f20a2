// One run at a time: a lease in the job's row, taken by compare-and-set, kept alive by a heartbeat, and an epoch that tells
// workers of an older run that they are out.
import { hostname } from 'node:os';
import { ParloadError } from '../../errors/index.ts';
import type { CrateConnection } from './connection.ts';
import { serverNow } from './ledger.ts';

/** A run whose heartbeat is older than this is gone. */
const LEASE_MS = 30_000;
const BEAT_MS = 10_000;
/** Times that others may be faster at the same row. */
const MOST_TRIES = 5;

const TAKING = "taking the job's lease";

export interface LeaseRequest {
  readonly jobId: string;
  readonly target: string;
  readonly mode: string;
  readonly runId: string;
}

/** Only of this machine it is known whether a process lives. */
function isDead(host: unknown, pid: number): boolean {
  if (host !== hostname() || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH';
  }
}

export class Lease {
  readonly epoch: number;
  readonly #connection: CrateConnection;
  readonly #jobId: string;
  #timer: NodeJS.Timeout | null = null;
  #lost = false;

  private constructor(connection: CrateConnection, jobId: string, epoch: number) {
    this.#connection = connection;
    this.#jobId = jobId;
    this.epoch = epoch;
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS);
    this.#timer.unref();
  }

  /** Throws LOCKED while another run has it. */
  static async take(connection: CrateConnection, request: LeaseRequest): Promise<Lease> {
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const epoch = await tryTake(connection, request);
      if (epoch !== null) return new Lease(connection, request.jobId, epoch);
    }
    throw new ParloadError('LOCKED', `other runs take the load into "${request.target}" all the time`);
  }

  /** A newer run has the job. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Ends the lease; an older epoch stays in the row. */
  async release(): Promise<void> {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    await this.#write(0);
  }

  async #beat(): Promise<void> {
    try {
      if ((await this.#write((await serverNow(this.#connection)) + LEASE_MS)) === 0) this.#lost = true;
    } catch {
      // the next beat may reach the server; until the lease ends nobody else takes it
    }
  }

  async #write(until: number): Promise<number> {
    const { rowCount } = await this.#connection.query(
      'UPDATE parload.job SET lease_until = ? WHERE job_id = ? AND epoch = ?',
      [until, this.#jobId, this.epoch],
      'keeping the lease',
    );
    return rowCount;
  }
}

/** The new epoch; null: somebody else was faster, look again. */
async function tryTake(connection: CrateConnection, request: LeaseRequest): Promise<number | null> {
  const { jobId, target, mode, runId } = request;
  const now = await serverNow(connection);
  const [row] = await connection.select(
    'SELECT epoch, run_id, host, pid, lease_until, _seq_no, _primary_term FROM parload.job WHERE job_id = ?',
    [jobId],
    TAKING,
  );
  if (row === undefined) {
    const { rowCount } = await connection.query(
      `INSERT INTO parload.job (job_id, target, mode, epoch, run_id, host, pid, lease_until, started_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [jobId, target, mode, 1, runId, hostname(), process.pid, now + LEASE_MS, now, now],
      TAKING,
    );
    return rowCount === 1 ? 1 : null;
  }
  const leftMs = Number(row.lease_until) - now;
  if (leftMs > 0 && !isDead(row.host, Number(row.pid))) {
    throw new ParloadError(
      'LOCKED',
      `process ${row.pid} on ${row.host} is loading into "${target}" (run ${row.run_id}); it was alive ${Math.max(0, Math.round((LEASE_MS - leftMs) / 1000))} s ago`,
      {
        hint: `Wait for it or stop it. A run that was killed on another machine is forgotten after ${LEASE_MS / 1000} s.`,
      },
    );
  }
  const epoch = Number(row.epoch) + 1;
  const { rowCount } = await connection.query(
    `UPDATE parload.job SET epoch = ?, run_id = ?, host = ?, pid = ?, lease_until = ?, started_at = ?, updated_at = ?
      WHERE job_id = ? AND _seq_no = ? AND _primary_term = ?`,
    [epoch, runId, hostname(), process.pid, now + LEASE_MS, now, now, jobId, row._seq_no, row._primary_term],
    TAKING,
  );
  return rowCount === 1 ? epoch : null;
}
