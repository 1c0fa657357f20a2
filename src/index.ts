// The public API. Importing it is cheap: what a call needs is loaded by the call.
import type { JobInput } from './config/index.ts';
import { RunControl } from './coordinator/control.ts';
import { fromWire } from './errors/index.ts';
import type { JobPlan, LedgerJob, Reporter, RunReport, VerifyReport } from './model/index.ts';
import type { ParquetInspection } from './sources/parquet/inspect.ts';

export type { JobInput } from './config/index.ts';
export { RunControl } from './coordinator/control.ts';
export { CODES, type ErrorCode, ParloadError } from './errors/index.ts';
export type {
  ColumnComparison,
  ColumnMapping,
  InputInfo,
  JobEvent,
  JobPlan,
  LedgerJob,
  MemoryPlan,
  PhaseTime,
  Receipt,
  Reporter,
  RunReport,
  Slice,
  SourcePlan,
  TargetPlan,
  ValueChange,
  ValuePolicies,
  VerifyReport,
  Where,
  WireError,
} from './model/index.ts';

export type { InspectedColumn, ParquetInspection } from './sources/parquet/inspect.ts';

export interface CopyOptions {
  /** Called on the main thread, in order; must not throw. */
  readonly onEvent?: Reporter;
  /** `stop()` once: slices in flight finish; twice: they are rolled back. The report says `interrupted`. */
  readonly control?: RunControl;
  /** The same as one `control.stop()`. */
  readonly signal?: AbortSignal;
  /** Plan only; the report says `planned`. */
  readonly dryRun?: boolean;
}

/**
 * Loads. Resolves when every row is confirmed by the target, or when the run was stopped on request (look at `state`).
 * Rejects with a ParloadError when it failed; what was committed stays, and the same call goes on from there.
 */
export async function copy(job: JobInput, options: CopyOptions = {}): Promise<RunReport> {
  const [{ resolveJob }, { runJob }] = await Promise.all([
    import('./config/resolve.ts'),
    import('./coordinator/run.ts'),
  ]);
  const control = options.control ?? new RunControl();
  const abort = (): void => control.stop();
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted === true) control.stop();
  try {
    const report = await runJob(await resolveJob(job), {
      report: options.onEvent ?? (() => undefined),
      control,
      dryRun: options.dryRun ?? false,
    });
    if (report.state === 'failed' && report.error !== null) throw fromWire(report.error);
    return report;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

/** What `copy` would do; changes nothing. */
export async function plan(job: JobInput): Promise<JobPlan> {
  const [{ resolveJob }, { planJob }] = await Promise.all([
    import('./config/resolve.ts'),
    import('./coordinator/run.ts'),
  ]);
  return planJob(await resolveJob(job));
}

export interface VerifyOptions extends Omit<CopyOptions, 'dryRun'> {
  /** SQL condition: compare with those rows of the table only. */
  readonly tableWhere?: string;
}

/**
 * Compares the rows of the sources with those in the target; changes nothing. Resolves with `equal` or `different` (the
 * columns say which), or `interrupted`; rejects when it could not compare.
 */
export async function verify(job: JobInput, options: VerifyOptions = {}): Promise<VerifyReport> {
  const [{ resolveJob }, { runVerify }] = await Promise.all([
    import('./config/resolve.ts'),
    import('./coordinator/verify.ts'),
  ]);
  const control = options.control ?? new RunControl();
  const abort = (): void => control.stop();
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted === true) control.stop();
  try {
    const report = await runVerify(await resolveJob(job), {
      report: options.onEvent ?? (() => undefined),
      control,
      targetWhere: options.tableWhere ?? null,
    });
    if (report.state === 'failed' && report.error !== null) throw fromWire(report.error);
    return report;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

/** The jobs in a target's ledger, newest first. `sink` is a URI, or an object with `url` and connection options. */
export async function status(sink: JobInput['sink']): Promise<readonly LedgerJob[]> {
  const { ledgerJobs } = await import('./coordinator/status.ts');
  return ledgerJobs(sink);
}

/** Schema, row groups, codecs and statistics of one Parquet file, as plain data. */
export async function inspect(uri: string): Promise<ParquetInspection> {
  const { inspectParquet } = await import('./sources/parquet/inspect.ts');
  return inspectParquet(uri);
}
