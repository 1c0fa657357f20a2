// Nothing waits for ever: deadlines, and a look at the server from the side.
import { ParloadError } from '../../errors/index.ts';
import type { PgConnection } from './connection.ts';
import { heldLabelSql } from './slice-label.ts';

/**
 * Whether a backend is busy with the slice's transaction, asked on a connection of its own. Waiting for the client while
 * the client waits for it means that the bytes in between were lost; no such backend, that they never arrived.
 */
export async function isWorking(open: () => Promise<PgConnection>, label: bigint): Promise<boolean> {
  let connection: PgConnection | null = null;
  try {
    connection = await open();
    const rows = await connection.query(
      `SELECT 1 AS one FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE ${heldLabelSql(label)} AND a.state = 'active' AND a.wait_event_type IS DISTINCT FROM 'Client'`,
      [],
      { doing: 'asking whether the server still works' },
    );
    return rows.length > 0;
  } catch (error) {
    // A server without a free connection is alive.
    return ParloadError.is(error) && error.code === 'SINK_CONNECTIONS';
  } finally {
    await connection?.close();
  }
}

/**
 * Ends what an earlier attempt at the slice, by whichever worker, left behind without a client: its locks may otherwise
 * live until the server's keepalive.
 */
export async function endLost(connection: PgConnection, label: bigint): Promise<void> {
  try {
    await connection.query(
      `SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE ${heldLabelSql(label)}`,
      [],
      { doing: 'ending a lost transaction' },
    );
  } catch {
    // Not allowed or gone: then the slice waits for its ledger row, and says so when that takes too long.
  }
}
