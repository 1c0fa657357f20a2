// Reads and writes of the ledger. Rows are found by their primary keys, which CrateDB answers as of now; lists are read after
// a refresh.
import { createHash } from 'node:crypto';
import { keyPrefix, rowKey } from '../../encoders/crate-json/index.ts';
import type { InputInfo, Slice, ValueChange } from '../../model/index.ts';
import { redactUri } from '../../runtime/index.ts';
import type { CrateConnection } from './connection.ts';
import { KEY_COLUMN, quoteIdent, quoteTable, type TableName } from './identifiers.ts';
import type { PaceSummary } from './pace.ts';
import type { LedgerState, Resume } from './resume.ts';

const READING = 'reading the ledger';
const WRITING = 'writing the ledger';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The same target through the same transforms is the same job, whatever its inputs. */
export const jobIdOf = (table: TableName, transformsKey: string, mode: string): string =>
  sha256(`${table.schema}\0${table.name}\0${transformsKey}\0${mode}`).toString('hex').slice(0, 20);

/** What keys of rows of an input begin with. */
export const prefixOf = (jobId: string, inputId: string, generation: number): string =>
  keyPrefix(sha256(`${jobId}\0${inputId}\0${generation}`));

export const inputsKeyOf = (inputs: readonly InputInfo[]): string =>
  sha256(
    inputs
      .map((i) => i.id)
      .sort()
      .join('\0'),
  )
    .toString('hex')
    .slice(0, 20);

/** Milliseconds since 1970 by the server's clock. */
export async function serverNow(connection: CrateConnection): Promise<number> {
  const { rows } = await connection.query('SELECT CURRENT_TIMESTAMP AS now', [], 'asking for the time');
  return Number(rows[0]?.[0]);
}

/** Only reads; the ledger must exist. */
export async function readLedger(
  connection: CrateConnection,
  jobId: string,
  inputIds: readonly string[],
): Promise<LedgerState> {
  await connection.query('REFRESH TABLE parload.input', [], READING);
  await connection.query('REFRESH TABLE parload.slice', [], READING);
  const [job] = await connection.select(
    'SELECT inputs_key, staging, phase FROM parload.job WHERE job_id = ?',
    [jobId],
    READING,
  );
  const wanted = new Set(inputIds);
  const inputs = await connection.select(
    'SELECT input_id, generation, finished FROM parload.input WHERE job_id = ?',
    [jobId],
    READING,
  );
  const slices = await connection.select(
    'SELECT input_id, generation, row_start, row_count, rows_loaded FROM parload.slice WHERE job_id = ? ORDER BY input_id, row_start',
    [jobId],
    READING,
  );
  const generations = new Map(inputs.map((r) => [String(r.input_id), Number(r.generation)]));
  const text = (value: unknown): string | null => (value == null ? null : String(value));
  return {
    inputsKey: text(job?.inputs_key),
    staging: text(job?.staging),
    phase: text(job?.phase),
    inputs: inputs
      .map((r) => ({
        inputId: String(r.input_id),
        generation: Number(r.generation),
        finished: r.finished === true,
      }))
      .filter((i) => wanted.has(i.inputId)),
    slices: slices
      .map((r) => ({
        inputId: String(r.input_id),
        generation: Number(r.generation),
        range: { start: Number(r.row_start), end: Number(r.row_start) + Number(r.row_count) },
        rowsLoaded: Number(r.rows_loaded),
      }))
      .filter((s) => wanted.has(s.inputId) && generations.get(s.inputId) === s.generation),
  };
}

/** Rows of the table whose marks are those of rows `start <= row < end` of an input. After a refresh. */
export async function countMarked(
  connection: CrateConnection,
  table: TableName,
  prefix: string,
  start: number,
  end: number,
): Promise<number> {
  const mark = quoteIdent(KEY_COLUMN);
  const { rows } = await connection.query(
    `SELECT count(*) AS n FROM ${quoteTable(table)} WHERE ${mark} >= ? AND ${mark} < ?`,
    [rowKey(prefix, start), rowKey(prefix, end)],
    'counting rows',
    { table: table.name },
  );
  return Number(rows[0]?.[0]);
}

export const refresh = async (connection: CrateConnection, table: TableName): Promise<void> => {
  await connection.query(`REFRESH TABLE ${quoteTable(table)}`, [], 'refreshing the table');
};

/** Which generation of which input this run loads. */
export async function writeResume(
  connection: CrateConnection,
  jobId: string,
  inputs: readonly InputInfo[],
  resume: Resume,
): Promise<void> {
  await connection.query(
    'UPDATE parload.job SET inputs_key = ?, staging = ?, phase = ? WHERE job_id = ?',
    [inputsKeyOf(inputs), resume.staging, 'loading', jobId],
    WRITING,
  );
  await connection.bulk(
    `INSERT INTO parload.input (job_id, input_id, generation, finished, uri, size_bytes, row_count, version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (job_id, input_id) DO UPDATE SET generation = excluded.generation, finished = excluded.finished,
       uri = excluded.uri, version = excluded.version`,
    inputs.map((input) => [
      jobId,
      input.id,
      resume.generations.get(input.id) ?? 0,
      resume.finished.has(input.id),
      redactUri(input.uri),
      input.sizeBytes,
      input.rowCount,
      input.version,
    ]),
    WRITING,
  );
}

export async function writePhase(connection: CrateConnection, jobId: string, phase: string): Promise<void> {
  await connection.query('UPDATE parload.job SET phase = ? WHERE job_id = ?', [phase, jobId], WRITING);
}

export async function markFinished(
  connection: CrateConnection,
  jobId: string,
  inputIds: readonly string[],
  nowMs: number,
): Promise<void> {
  await connection.bulk(
    'UPDATE parload.input SET finished = true WHERE job_id = ? AND input_id = ?',
    inputIds.map((id) => [jobId, id]),
    WRITING,
  );
  await connection.query(
    'UPDATE parload.job SET phase = ?, staging = ?, updated_at = ? WHERE job_id = ?',
    ['finished', null, nowMs, jobId],
    WRITING,
  );
}

/** Rows of a slice that the ledger has as committed; null: it has not. */
export async function committedRows(
  connection: CrateConnection,
  jobId: string,
  generation: number,
  slice: Slice,
): Promise<number | null> {
  const { rows } = await connection.query(
    'SELECT row_count FROM parload.slice WHERE job_id = ? AND generation = ? AND input_id = ? AND row_start = ?',
    [jobId, generation, slice.inputId, slice.rowStart],
    READING,
  );
  return rows[0] === undefined ? null : Number(rows[0][0]);
}

/** The epoch of the run that has the job now; null: the job is gone. */
export async function epochNow(connection: CrateConnection, jobId: string): Promise<number | null> {
  const { rows } = await connection.query('SELECT epoch FROM parload.job WHERE job_id = ?', [jobId], READING);
  return rows[0] === undefined ? null : Number(rows[0][0]);
}

export interface CommittedSlice {
  readonly jobId: string;
  readonly generation: number;
  readonly slice: Slice;
  readonly runId: string;
  readonly attempt: number;
  readonly rowsLoaded: number;
  readonly rowsFiltered: number;
  readonly bytes: number;
  readonly changes: readonly ValueChange[];
  readonly pace: PaceSummary & { readonly worker: number };
  readonly nowMs: number;
}

/** May be executed twice. */
export async function commitSlice(connection: CrateConnection, done: CommittedSlice): Promise<void> {
  const { slice, changes } = done;
  await connection.query(
    `INSERT INTO parload.slice (job_id, generation, input_id, row_start, row_count, rows_loaded, rows_filtered, bytes, changes, run_id,
       attempt, committed_at, pace) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    [
      done.jobId,
      done.generation,
      slice.inputId,
      slice.rowStart,
      slice.rowCount,
      done.rowsLoaded,
      done.rowsFiltered,
      done.bytes,
      changes.length === 0 ? null : JSON.stringify(changes),
      done.runId,
      done.attempt,
      done.nowMs,
      JSON.stringify(done.pace),
    ],
    WRITING,
  );
}
