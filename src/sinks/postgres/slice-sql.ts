// The statements of one slice's transaction. Simple protocol and SET LOCAL only, so that a pooler may be in between.
import type { Reject, Slice, ValueChange } from '../../model/index.ts';
import { quoteLiteral } from './identifiers.ts';
import { KEEPALIVE_SQL } from './keepalive.ts';
import { labelOf, takeLabelSql } from './slice-label.ts';

export interface SliceLedger {
  readonly jobId: string;
  readonly sliceJobId: string;
  readonly epoch: string;
  readonly runId: string;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** server_version_num. */
  readonly serverVersion: number;
  readonly inputOrder: Readonly<Record<string, number>> | null;
}

/** Positions of the answers in what `beginSql` returns. */
export interface BeginAnswers {
  readonly fence: number;
  readonly insert: number;
  readonly existing: number;
}

/**
 * The ledger row comes first: when another transaction has the same slice in flight, the primary key makes this one
 * wait for its end, and then tells whether it committed. The share lock on the job keeps a later run waiting for us.
 */
export function beginSql(ledger: SliceLedger, slice: Slice, generation: number, attempt: number): string {
  const text = quoteLiteral;
  const key = `job_id = ${text(ledger.sliceJobId)} AND generation = ${generation} AND input_id = ${text(slice.inputId)} AND row_start = ${slice.rowStart}`;
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    `SET LOCAL statement_timeout = ${ledger.statementTimeoutMs}`,
    'SET LOCAL idle_in_transaction_session_timeout = 0',
    `SET LOCAL ${ledger.serverVersion >= 170_000 ? 'transaction_timeout = 0' : 'idle_in_transaction_session_timeout = 0'}`,
    `SET LOCAL lock_timeout = ${ledger.lockTimeoutMs}`,
    `SELECT ${takeLabelSql(labelOf(ledger.runId, slice.id))}, ${KEEPALIVE_SQL}`,
    `SELECT 1 AS one FROM parload.job WHERE job_id = ${text(ledger.jobId)} AND epoch = ${ledger.epoch} FOR SHARE`,
    `INSERT INTO parload.slice (job_id, generation, input_id, row_start, row_count, run_id, attempt)
     VALUES (${text(ledger.sliceJobId)}, ${generation}, ${text(slice.inputId)}, ${slice.rowStart}, ${slice.rowCount}, ${text(ledger.runId)}, ${attempt})
     ON CONFLICT DO NOTHING RETURNING 1 AS one`,
    `SELECT row_count::text AS rows FROM parload.slice WHERE ${key}`,
    ...placeSql(ledger, slice),
  ].join(';\n');
}

/** Setting that a staging table's column of order reads. */
export const PLACE_SETTING = 'parload.place';
/** More rows than any input has. */
const PLACES_AN_INPUT = 2n ** 40n;

/** Where the slice begins in all of the input; rows of a slice count on from there by a sequence. */
function placeSql(ledger: SliceLedger, slice: Slice): string[] {
  const position = ledger.inputOrder?.[slice.inputId];
  if (position === undefined) return [];
  return [`SET LOCAL ${PLACE_SETTING} = ${BigInt(position) * PLACES_AN_INPUT + BigInt(slice.rowStart)}`];
}

export const BEGIN_ANSWERS: BeginAnswers = { fence: 6, insert: 7, existing: 8 };

export interface SliceCounts {
  readonly rowsLoaded: number;
  readonly rowsFiltered: number;
  readonly bytes: number;
  readonly changes: readonly ValueChange[];
  readonly rejects: readonly Reject[];
}

export function commitSql(
  ledger: SliceLedger,
  slice: Slice,
  generation: number,
  counts: SliceCounts,
): string {
  const text = quoteLiteral;
  const list = (items: readonly unknown[]): string =>
    items.length === 0 ? 'NULL' : text(JSON.stringify(items));
  return `UPDATE parload.slice SET rows_loaded = ${counts.rowsLoaded}, rows_filtered = ${counts.rowsFiltered},
      bytes = ${counts.bytes}, changes = ${list(counts.changes)}, rejects = ${list(counts.rejects)},
      committed_at = clock_timestamp()
    WHERE job_id = ${text(ledger.sliceJobId)} AND generation = ${generation} AND input_id = ${text(slice.inputId)}
      AND row_start = ${slice.rowStart};
  COMMIT`;
}
