// The ledger's tables, in the schema "parload" of the target itself.
import type { CrateConnection } from './connection.ts';

const SETTINGS = `CLUSTERED INTO 1 SHARDS WITH (number_of_replicas = '0-1', column_policy = 'strict')`;

const TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS parload.job (job_id TEXT PRIMARY KEY, target TEXT, mode TEXT, epoch BIGINT, run_id TEXT, host TEXT,
    pid BIGINT, lease_until BIGINT, started_at BIGINT, updated_at BIGINT, inputs_key TEXT, staging TEXT, phase TEXT) ${SETTINGS}`,
  `CREATE TABLE IF NOT EXISTS parload.input (job_id TEXT, input_id TEXT, generation BIGINT, finished BOOLEAN, uri TEXT,
    size_bytes BIGINT, row_count BIGINT, version TEXT, PRIMARY KEY (job_id, input_id)) ${SETTINGS}`,
  `CREATE TABLE IF NOT EXISTS parload.slice (job_id TEXT, generation BIGINT, input_id TEXT, row_start BIGINT, row_count BIGINT,
    rows_loaded BIGINT, rows_filtered BIGINT, bytes BIGINT, changes TEXT, run_id TEXT, attempt BIGINT, committed_at BIGINT,
    pace TEXT, PRIMARY KEY (job_id, generation, input_id, row_start)) ${SETTINGS}`,
  `CREATE TABLE IF NOT EXISTS parload.tuned (target TEXT PRIMARY KEY, settings TEXT, run_id TEXT) ${SETTINGS}`,
];

/** Only reads. */
export async function hasLedger(connection: CrateConnection): Promise<boolean> {
  const { rows } = await connection.query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'parload' AND table_name = 'tuned'`,
    [],
    'looking for the ledger',
  );
  return rows.length > 0;
}

export async function ensureLedger(connection: CrateConnection): Promise<void> {
  if (await hasLedger(connection)) return;
  for (const sql of TABLES) await connection.query(sql, [], 'creating the ledger');
}
