// Plain data that crosses threads: slices, plans, receipts, errors, events. Nothing here holds a handle.
import type { PolicyName, ValueChange, ValuePolicies } from './policies.ts';
import type { RowDigest } from './verify.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** Rows `start <= row < end` of one input. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Where in the data something happened. Never holds a value of the data itself. */
export interface Where {
  readonly input?: string;
  readonly slice?: string;
  readonly rowGroup?: number;
  readonly row?: number;
  readonly column?: string;
  readonly table?: string;
  readonly host?: string;
  readonly option?: string;
}

/** An error as plain data: the only form in which an error crosses a thread. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly retryable: boolean;
  readonly exitCode: number;
  readonly where: Where;
  readonly stack: string | null;
  /** `code: message` of each cause, outermost first. */
  readonly causes: readonly string[];
}

/** One file, object or table that rows come from. */
export interface InputInfo {
  /** Stable identity: hash of URI, size and footer. Two runs that see the same id see the same rows. */
  readonly id: string;
  readonly uri: string;
  readonly sizeBytes: number;
  /** mtime or etag; checked again while reading. */
  readonly version: string;
  readonly rowCount: number;
  readonly partCount: number;
}

/** The unit of work, retry, commit and ledger: neighbouring rows of one input. */
export interface Slice {
  /** `<input id>:<rowStart>+<rowCount>` */
  readonly id: string;
  readonly inputId: string;
  readonly inputUri: string;
  readonly rowStart: number;
  readonly rowCount: number;
  /** Decoded bytes, estimated. */
  readonly estBytes: number;
  /** What the source needs to find the rows; opaque to everybody else. */
  readonly detail: Json;
  /** A part of the target, which its session reads itself, to be compared. Absent: a part of an input. */
  readonly side?: 'target';
}

/** What a committed slice reports. */
export interface Receipt {
  readonly sliceId: string;
  readonly inputId: string;
  readonly rowsRead: number;
  readonly rowsFiltered: number;
  readonly rowsLoaded: number;
  /** Bytes handed to the sink's wire. */
  readonly bytesSent: number;
  /** What policies changed in the rows loaded. */
  readonly changes: readonly ValueChange[];
  readonly elapsedMs: number;
  readonly attempt: number;
  /** True when the ledger showed that an earlier attempt had committed it. */
  readonly alreadyCommitted: boolean;
  /** Rows that the target refused one by one, and that its ledger remembers. */
  readonly rowsRejected?: number;
  /** Of a comparison: the sums over the slice's rows. */
  readonly digest?: RowDigest;
}

export type SliceResult =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly error: WireError };

/** How one column travels; `plan` prints these. */
export interface ColumnMapping {
  readonly name: string;
  readonly sourceType: string;
  readonly targetType: string;
  /** exact: every value arrives as it was. checked: values that do not fit are refused by name, with the row. */
  readonly exactness: 'exact' | 'checked';
  readonly note: string | null;
  /** Policies that could touch a value on this way, whatever they are set to. */
  readonly policies: readonly PolicyName[];
}

/** What a sink would do, found out without changing anything. */
export interface TargetPlan {
  /** Display name, without secrets. */
  readonly target: string;
  readonly exists: boolean;
  readonly mapping: readonly ColumnMapping[];
  /** Statements that would run before the load. */
  readonly ddl: readonly string[];
  /** What will happen after the load, in order; absent: nothing that is worth telling. */
  readonly steps?: readonly string[];
  /** Readers of the target see all rows of a load at its end, or none; absent: slice by slice. */
  readonly atOnce?: true;
  /** Rows that an earlier run has committed already, by input id. */
  readonly committed: Readonly<Record<string, readonly RowRange[]>>;
  readonly connectionsPerWorker: number;
  /** Connections of the main thread. */
  readonly connectionsFixed: number;
  readonly notes: readonly string[];
}

/** What a source would read. */
export interface SourcePlan {
  readonly slices: readonly Slice[];
  /** Rows that statistics show no row of which can pass the filter. */
  readonly rowsPruned: number;
  /** Rows that were committed by an earlier run. */
  readonly rowsCommitted: number;
  /** Bytes one worker may need at most while it holds a slice. */
  readonly bytesPerWorker: number;
  readonly notes: readonly string[];
}

export interface JobPlan {
  readonly inputs: readonly InputInfo[];
  readonly source: SourcePlan;
  readonly target: TargetPlan;
  readonly workers: number;
  readonly memory: MemoryPlan;
  readonly policies: ValuePolicies;
  readonly notes: readonly string[];
}

export interface MemoryPlan {
  readonly budgetBytes: number;
  readonly fixedBytes: number;
  readonly perWorkerBytes: number;
  readonly totalBytes: number;
}

export interface PhaseTime {
  readonly name: string;
  readonly elapsedMs: number;
}

export interface RunReport {
  readonly runId: string;
  readonly state: 'done' | 'interrupted' | 'failed' | 'planned';
  readonly source: readonly string[];
  readonly target: string;
  readonly workers: number;
  readonly rows: {
    readonly total: number;
    readonly read: number;
    readonly loaded: number;
    readonly filtered: number;
    readonly pruned: number;
    readonly skipped: number;
    readonly rejected: number;
  };
  readonly slices: {
    readonly total: number;
    readonly done: number;
    readonly skipped: number;
    readonly failed: number;
    readonly retried: number;
  };
  /** All rows of this job's inputs that were rejected, by whatever run; absent: none. */
  readonly rejects?: { readonly rows: number; readonly file: string | null };
  /** What policies changed in the rows loaded: sums of the run. */
  readonly changes: readonly ValueChange[];
  /** Parts of the run, in order, as load, validate, index, swap. */
  readonly phases: readonly PhaseTime[];
  readonly bytesSent: number;
  readonly elapsedMs: number;
  /** CPU seconds of this process, all threads. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  /** As the target's plan has it. */
  readonly atOnce?: true;
  readonly error: WireError | null;
  readonly notes: readonly string[];
}

/** One job as the ledger in a target shows it. */
export interface LedgerJob {
  readonly jobId: string;
  readonly target: string;
  readonly state: 'finished' | 'unfinished';
  /** Counts `--again`: 1 for the first load. */
  readonly generation: number;
  readonly rowsLoaded: number;
  readonly slices: number;
  /** What policies changed in all rows loaded, by whatever run. */
  readonly changes: readonly ValueChange[];
  readonly inputs: readonly {
    readonly uri: string;
    readonly rowCount: number;
    readonly rowsCommitted: number;
  }[];
  /** The run that touched the job last; times are ISO 8601. */
  readonly lastRun: {
    readonly runId: string;
    readonly host: string;
    readonly pid: number;
    readonly startedAt: string;
    readonly updatedAt: string;
  } | null;
}

export type JobEvent =
  | {
      readonly type: 'plan.ready';
      readonly plan: JobPlan;
      readonly rowsToLoad: number;
      readonly bytesToRead: number;
    }
  | {
      readonly type: 'slice.started';
      readonly sliceId: string;
      readonly worker: number;
      readonly attempt: number;
    }
  | {
      readonly type: 'slice.progress';
      readonly sliceId: string;
      readonly worker: number;
      /** Since the previous event of this slice. */
      readonly rows: number;
      readonly bytes: number;
    }
  | { readonly type: 'slice.done'; readonly receipt: Receipt; readonly worker: number }
  | {
      readonly type: 'slice.failed';
      readonly sliceId: string;
      readonly error: WireError;
      readonly attempt: number;
      readonly willRetry: boolean;
    }
  /** A part of the run begins; the one before it is over. */
  | { readonly type: 'phase'; readonly phase: string; readonly detail: string | null }
  | { readonly type: 'worker.lost'; readonly error: WireError }
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'stopping'; readonly force: boolean }
  | { readonly type: 'job.done'; readonly report: RunReport };

/** A function of events; reporters never touch the run itself. */
export type Reporter = (event: JobEvent) => void;
