// Nothing waits for ever: deadlines, and a look at the server from the side.
import { ParloadError } from '../../errors/index.ts';
import type { PgConnection } from './connection.ts';

/** One transaction of one backend; both together are never used twice. */
export interface Backend {
  readonly pid: number;
  /** Start of its transaction, microseconds since 1970. */
  readonly startedUs: string;
}

/** Rejects with what `onLate` returns when `promise` takes longer; `promise` is not waited for any more. */
export function within<T>(promise: Promise<T>, timeoutMs: number, onLate: () => unknown): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      // The answer may be there and only not read yet, when this thread itself was busy.
      setImmediate(() => {
        if (!settled) reject(onLate());
      });
    }, timeoutMs);
    let settled = false;
    const settle = (): void => {
      settled = true;
      clearTimeout(timer);
    };
    promise.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

const SAME = 'pid = $1 AND (extract(epoch FROM xact_start) * 1000000)::int8 = $2::int8';

/**
 * Whether the backend is busy with our transaction, asked on a connection of its own. Waiting for the client while the
 * client waits for it means that the bytes in between were lost.
 */
export async function isWorking(open: () => Promise<PgConnection>, backend: Backend): Promise<boolean> {
  let connection: PgConnection | null = null;
  try {
    connection = await open();
    const rows = await connection.query(
      `SELECT state = 'active' AND wait_event_type IS DISTINCT FROM 'Client' AS working
         FROM pg_stat_activity WHERE ${SAME}`,
      [backend.pid, backend.startedUs],
      { doing: 'asking whether the server still works' },
    );
    return rows[0]?.working === true;
  } catch (error) {
    // A server without a free connection is alive.
    return ParloadError.is(error) && error.code === 'SINK_CONNECTIONS';
  } finally {
    await connection?.close();
  }
}

/** Ends a transaction of ours that lost its client; without this its locks may live until the server's keepalive. */
export async function endBackend(connection: PgConnection, backend: Backend): Promise<void> {
  try {
    await connection.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${SAME}`,
      [backend.pid, backend.startedUs],
      { doing: 'ending a lost transaction' },
    );
  } catch {
    // Not allowed or gone: then the slice waits for its ledger row, and says so when that takes too long.
  }
}
