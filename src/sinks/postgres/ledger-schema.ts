// The ledger's tables. One schema a database; `parload.meta` says which layout it has.
import { ParloadError } from '../../errors/index.ts';
import type { PgConnection } from './connection.ts';

/** 2: slices say what policies changed. 3: staging tables. 4: slices say which rows were rejected. 5: dropped indexes. */
export const LEDGER_VERSION = 5;
const OLDEST_VERSION = 1;
/** Advisory lock that keeps two first runs from creating the same things: "parload" in ASCII. */
const DDL_LOCK = '31635421402193252';

/** Who may create it does so once; others need to use it only. */
const CREATE_HINT =
  'Where each slice is recorded. Let its owner run: GRANT CREATE ON DATABASE ... TO this user; or load once as another user.';
export const USE_HINT =
  'Let the owner of schema parload run: GRANT USAGE ON SCHEMA parload TO this user; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA parload TO this user.';

/** `state`: loading, or published when its rows are the target's and only what comes after is left. */
const STAGE = `
CREATE TABLE IF NOT EXISTS parload.stage (
  job_id text PRIMARY KEY REFERENCES parload.job ON DELETE CASCADE,
  schema_name text NOT NULL, table_name text NOT NULL, table_oid oid,
  inputs text NOT NULL, shape text NOT NULL, state text NOT NULL DEFAULT 'loading',
  run_id text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS parload.dropped_index (
  table_oid oid NOT NULL, name text NOT NULL, position int NOT NULL,
  target text NOT NULL, job_id text NOT NULL, definition jsonb NOT NULL, dropped_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (table_oid, name));`;

const CREATE = `
CREATE SCHEMA IF NOT EXISTS parload;
CREATE TABLE IF NOT EXISTS parload.meta (key text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS parload.job (
  job_id text PRIMARY KEY,
  target text NOT NULL,
  target_oid oid,
  transforms text NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  run_id text, host text, pid int,
  started_at timestamptz, updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS parload.input (
  job_id text NOT NULL REFERENCES parload.job ON DELETE CASCADE,
  input_id text NOT NULL,
  generation int NOT NULL DEFAULT 0,
  finished boolean NOT NULL DEFAULT false,
  uri text NOT NULL, size_bytes bigint NOT NULL, row_count bigint NOT NULL, version text NOT NULL,
  PRIMARY KEY (job_id, input_id));
CREATE TABLE IF NOT EXISTS parload.slice (
  job_id text NOT NULL, generation int NOT NULL, input_id text NOT NULL,
  row_start bigint NOT NULL, row_count bigint NOT NULL,
  rows_loaded bigint NOT NULL DEFAULT 0, rows_filtered bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0,
  changes jsonb, rejects jsonb,
  run_id text NOT NULL, attempt int NOT NULL, committed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (job_id, generation, input_id, row_start));
${STAGE}
COMMENT ON SCHEMA parload IS 'What parload has loaded: a slice is in its table if and only if its row is in parload.slice';
INSERT INTO parload.meta VALUES ('version', '${LEDGER_VERSION}') ON CONFLICT DO NOTHING;`;

const UPGRADE = `
${STAGE}
ALTER TABLE parload.slice ADD COLUMN IF NOT EXISTS changes jsonb;
ALTER TABLE parload.slice ADD COLUMN IF NOT EXISTS rejects jsonb;
UPDATE parload.meta SET value = '${LEDGER_VERSION}' WHERE key = 'version';`;

/** null: there is no ledger yet. Only reads; every layout that is known reads alike. */
export async function ledgerVersion(connection: PgConnection): Promise<number | null> {
  const doing = 'looking for the ledger (schema parload)';
  const [row] = await connection.query("SELECT to_regclass('parload.meta') IS NOT NULL AS there", [], {
    doing,
    deniedHint: USE_HINT,
  });
  if (row?.there !== true) return null;
  const [meta] = await connection.query("SELECT value FROM parload.meta WHERE key = 'version'", [], {
    doing,
    deniedHint: USE_HINT,
  });
  const version = Number(meta?.value ?? 0);
  if (version >= OLDEST_VERSION && version <= LEDGER_VERSION) return version;
  throw new ParloadError(
    'LEDGER_STALE',
    `the ledger (schema parload) has layout ${version}; this parload knows ${OLDEST_VERSION} to ${LEDGER_VERSION}`,
    { hint: 'Use the version of parload that made it, or a newer one.' },
  );
}

/** Changes nothing when it is there in the newest layout, so a user without CREATE may go on using it. */
export async function ensureLedger(connection: PgConnection, lockTimeoutMs: number): Promise<void> {
  const version = await ledgerVersion(connection);
  if (version === LEDGER_VERSION) return;
  const doing = `${version === null ? 'creating' : 'upgrading'} the ledger (schema parload)`;
  // whoever waited for the lock finds it done, and both scripts do nothing a second time
  const script = version === null ? CREATE : UPGRADE;
  await connection.script(`${begin(lockTimeoutMs)} ${script} COMMIT`, {
    doing,
    deniedHint: CREATE_HINT,
  });
}

/** A transaction that no other first run shares. */
export const begin = (lockTimeoutMs: number): string =>
  `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = ${lockTimeoutMs};
   SELECT pg_advisory_xact_lock(${DDL_LOCK});`;
