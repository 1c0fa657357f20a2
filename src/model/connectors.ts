// The interfaces that a connector implements. Comments say who calls, on which thread, and what a retry means.
import type { ZodType } from 'zod';
import type { ArrowBatch, ArrowSchema } from './arrow.ts';
import type { InputInfo, Json, LedgerJob, Receipt, RowRange, Slice, SourcePlan, TargetPlan } from './job.ts';
import type { ValueChange, ValuePolicies } from './policies.ts';
import type { Care, InputReject, Reject, RejectBudget } from './rejects.ts';
import type { RowDigest, VerifyJob } from './verify.ts';

/** Random-access bytes: a local file, an object, an http resource. */
export interface ByteObject {
  readonly uri: string;
  readonly sizeBytes: number;
  /** mtime or etag. `read` fails with SOURCE_CHANGED when it is no longer true. */
  readonly version: string;
  /** Bytes `start <= i < end`, exactly; a short read is an error. The caller owns the result. */
  read(start: number, end: number): Promise<Uint8Array>;
  /** Fills `into` from `start` on, exactly; for buffers that are used again. */
  readInto(start: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** One command-line flag; `key` is its option's name in YAML and the library. list: names, at commas; texts: given again. */
export interface FlagSpec {
  readonly flag: string;
  readonly key: string;
  readonly kind: 'string' | 'int' | 'boolean' | 'list' | 'texts' | 'duration' | 'bytes';
  readonly choices?: readonly string[];
  /** Placeholder in the help, as in `--table <name>`. */
  readonly placeholder?: string;
  readonly help: string;
  readonly defaultText?: string;
  /** Heading in the help; default: the connector's own. */
  readonly group?: string;
}

/** What the command line must know of a connector without loading it. Pure data, imported eagerly. */
export interface ConnectorManifest {
  readonly kind: string;
  readonly summary: string;
  /** URI schemes without colon, as `postgres`. */
  readonly schemes: readonly string[];
  /** File endings that choose this connector when there is no scheme, as `.parquet`. */
  readonly extensions: readonly string[];
  readonly flags: readonly FlagSpec[];
  readonly example: string;
}

export interface PlanHints {
  /** auto: row groups, cut or joined to fit; row-group: never cut; rows: about this many rows. */
  readonly slice:
    | { readonly kind: 'auto' }
    | { readonly kind: 'row-group' }
    | { readonly kind: 'rows'; readonly rows: number };
  readonly workers: number;
  /** Bytes that one worker may use for a slice's decoded rows and its reader. */
  readonly bytesPerWorker: number;
  readonly committed: Readonly<Record<string, readonly RowRange[]>>;
}

/** What the source can tell about a part of an input before reading it, for one column. */
export interface ColumnStats {
  /** Exact or widened bounds; null when unknown. Numbers, bigint for 64-bit and scaled decimals, bytes for text. */
  readonly min: number | bigint | Uint8Array | boolean | null;
  readonly max: number | bigint | Uint8Array | boolean | null;
  readonly nullCount: number | null;
  readonly rowCount: number;
}

/** True when no row of the part can pass; made by transforms, asked by sources at plan time. */
export type Pruner = (statsOf: (column: string) => ColumnStats | null) => boolean;

export interface ReadRequest {
  /** Columns wanted, in the source's own order and names; null = all. */
  readonly columns: readonly string[] | null;
  readonly pruner: Pruner | null;
}

export interface InspectOptions {
  /** Inputs whose columns differ are made one: NULL where one lacks a column, the wider of two types. */
  readonly evolve: boolean;
}

/** Reads. Made on the main thread for planning and once in each worker for reading. */
export interface Source {
  /** Opens what is needed to know identity and schema. Main thread, once. */
  inspect(
    options?: InspectOptions,
  ): Promise<{ readonly inputs: readonly InputInfo[]; readonly schema: ArrowSchema }>;
  /** Cuts what is left to load into slices. Main thread; after `inspect`; may be called again with other hints. */
  plan(request: ReadRequest, hints: PlanHints): Promise<SourcePlan>;
  /** Plain data that lets a worker open slices without inspecting again. Main thread; after `plan`. */
  ticket(): Json;
  /**
   * Worker thread. Batches of the slice in row order; one batch lives until the next is asked for.
   * A retry opens the same slice again and must get the same rows or SOURCE_CHANGED.
   */
  open(slice: Slice, context: SliceContext): BatchReader;
  /** Main thread, after `inspect`: number of the part (row group) that holds a row; for messages. */
  partOf?(inputId: string, row: number): Promise<number>;
  /** Worker thread. Bytes that reading holds and cannot give back but by ending the thread, as WebAssembly's memory. */
  heldBytes?(): number;
  close(): Promise<void>;
}

export interface BatchReader extends AsyncIterable<ArrowBatch> {
  /** Frees what the last batch held. Called once, also after an error. */
  close(): Promise<void>;
}

export interface ReadOptions {
  readonly columns: readonly string[] | null;
  readonly batchRows: number | null;
  readonly batchBytes: number;
  /** Bytes that decoding may hold in this worker. */
  readonly memoryBytes: number;
}

export interface SourceModule<O = unknown> {
  readonly kind: string;
  /** Main thread only: workers get options that were checked and never load zod. */
  options(): Promise<ZodType<O>>;
  /** Compiled code or other shareable handles for `reader`; main thread, once a job. Must be cloneable. */
  share(): Promise<unknown>;
  planner(options: O, shared: unknown): Promise<Source>;
  /** Worker thread, once a worker. `ticket` is what the planner's `ticket()` gave. */
  reader(options: O, shared: unknown, ticket: Json, read: ReadOptions): Promise<Source>;
}

/** Pure and synchronous: rows in, wire bytes out. Knows no connection. */
export interface Encoder {
  /**
   * Encodes rows of `batch` from `from` (index among the selected rows) into `out` at `at`, as many as fit.
   * Returns the rows taken (0: not even one fits; ask `rowBytes`) and the end position.
   */
  encode(
    batch: ArrowBatch,
    from: number,
    out: Uint8Array,
    at: number,
  ): { readonly rows: number; readonly end: number };
  /** Upper bound of the bytes of one selected row. */
  rowBytes(batch: ArrowBatch, index: number): number;
  /** What policies changed in the rows encoded since the last call. */
  takeChanges(): readonly ValueChange[];
}

export interface SinkTraits {
  /** slice: a slice is visible whole or not at all. batch: parts of a slice can be visible before it commits. */
  readonly commit: 'slice' | 'batch';
  /** What makes a repeat safe: ledger in the target, a deterministic key, or nothing. */
  readonly replay: 'ledger' | 'key' | 'none';
  /** Single rows can be left out, and are remembered. */
  readonly rejects?: boolean;
}

export interface TargetRequest {
  /** Schema after the transforms. */
  readonly schema: ArrowSchema;
  readonly inputs: readonly InputInfo[];
  /** Identifies the transforms: the same inputs through other transforms are another job. */
  readonly transformsKey: string;
  /** Not part of the job's identity: a load that a value stopped goes on under another policy. */
  readonly policies: ValuePolicies;
  /** strict: the target's columns must be those of the rows. evolve: it gets columns that it lacks, and wider ones. */
  readonly schemaChange?: 'strict' | 'evolve';
  /** The user chose among the columns: that others of the target get no value is meant. */
  readonly columnsChosen?: boolean;
  /** Load again although the ledger says that it was loaded. */
  readonly again: boolean;
  /** Rows that are refused are to be left out, one by one. */
  readonly skipsRows?: boolean;
  readonly runId: string;
  readonly workers: number;
}

/** Tells that a part of finishing begins, as `index`, and what it is about: `3 indexes`. The next one ends it. */
export type PhaseReport = (phase: string, detail?: string) => void;

/** One end of the way between a worker's session and the main thread, for one attempt of one slice. */
export interface RelayPort {
  /** Plain data; what is in `transfer` changes hands. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The other end is gone, its thread perhaps, too. */
  onClose(listener: () => void): void;
  close(): void;
}

/** Main thread, once a job. */
export interface SinkJob {
  /** Bytes of encoded rows that a session does well with; it may get fewer. Absent: two batches. */
  readonly sessionBytes?: number;
  /** Read-only: nothing in the target may change. */
  describe(request: TargetRequest): Promise<TargetPlan>;
  /**
   * Makes the target ready, takes the job's lock, fences earlier runs. After `describe`.
   * Returns what sessions need (plain data, secrets allowed) and what is committed as of now.
   */
  prepare(): Promise<{
    readonly ticket: Json;
    readonly committed: TargetPlan['committed'];
    readonly notes: readonly string[];
    /** Committed rows are not the target's yet: finishing makes them so. */
    readonly staged?: boolean;
    /** Sessions send what they encode to the main thread: `relay` gets the other end for each attempt of a slice. */
    readonly relayed?: boolean;
  }>;
  relay?(slice: Slice, attempt: number, port: RelayPort): void;
  /** All slices are committed: confirm the count with the target, run what comes after the load. */
  finish(receipts: readonly Receipt[], phase?: PhaseReport): Promise<readonly string[]>;
  /** Rows of this job's inputs that any run rejected, by input and row. After `prepare`. */
  rejects?(): Promise<readonly InputReject[]>;
  /** The run ends without finishing; what is committed stays. Must not throw. */
  abort(cause: unknown): Promise<void>;
  close(): Promise<void>;
}

/** Worker thread, one at a time per worker; sees one slice at a time. Connects lazily, reconnects after a failure. */
export interface SinkSession {
  /** Returns false when the ledger shows the slice as committed: then nothing is written and no commit follows. */
  begin(slice: Slice, attempt: number, care?: Care, port?: RelayPort): Promise<boolean>;
  /** May block: this is where backpressure is felt. Returns bytes handed to the wire. */
  write(batch: ArrowBatch): Promise<number>;
  /** Rows loaded as the target counts them. After an error the outcome is unknown until `begin` says. */
  commit(counts: { readonly rowsRead: number; readonly rowsFiltered: number }): Promise<number>;
  /** Rows left out of the slice committed last, begun with care; asked once after `commit`. Absent: it can leave none out. */
  rejects?(): readonly Reject[];
  /** What policies changed in the slice committed last; asked once after `commit`. Absent: nothing ever. */
  changes?(): readonly ValueChange[];
  /** Undo what `begin` and `write` did. Must not throw; may drop the connection. */
  rollback(cause: unknown): Promise<void>;
  close(): Promise<void>;
}

/** A session that sends nothing: it sums up the rows that it is given, and those of parts of the target. */
export interface VerifySession extends SinkSession {
  /** Reads a slice with `side: 'target'`; reports rows and bytes as they come. May be tried again after a failure. */
  scan(slice: Slice, progress: (rows: number, bytes: number) => void): Promise<void>;
  /** Of the slice that was committed or scanned last. */
  digest(): RowDigest;
}

/** A sink that can be compared with its sources. */
export interface SinkVerifier<O> {
  job(options: O): Promise<VerifyJob>;
  session(options: O, ticket: Json, context: SessionContext): Promise<VerifySession>;
}

export interface SinkModule<O = unknown> {
  readonly kind: string;
  /** Main thread only, as the source's. */
  options(): Promise<ZodType<O>>;
  readonly traits: SinkTraits;
  job(options: O): Promise<SinkJob>;
  session(options: O, ticket: Json, context: SessionContext): Promise<SinkSession>;
  readonly verify?: SinkVerifier<O>;
  /** The jobs in the target's ledger, newest first; main thread, changes nothing. Options as the user gave them. */
  status?(options: StatusOptions): Promise<readonly LedgerJob[]>;
}

export interface StatusOptions {
  readonly url: string;
  /** Connection options and `table`, as in the sink's options; none of them is required. */
  readonly [key: string]: unknown;
}

export interface SessionContext {
  readonly worker: number;
  /** Bytes of encoded rows that a session may hold. */
  readonly bufferBytes: number;
  readonly policies: ValuePolicies;
  /** Null: the first row that is refused stops the load. */
  readonly rejects?: RejectBudget | null;
  readonly stop: StopFlag;
}

/** 0: run. 1: finish the slices in flight. 2: stop now. Set from the main thread, read between batches. */
export interface StopFlag {
  level(): 0 | 1 | 2;
}

export interface SliceContext {
  readonly stop: StopFlag;
  progress(rows: number, bytes: number): void;
}

/** A step between source and sink, in every worker. Pure on batches; `schema` is decided at plan time. */
export interface Transform {
  /** Columns of its input that it needs; null = whatever comes out of it. */
  readonly requires: readonly string[] | null;
  readonly schema: ArrowSchema;
  readonly pruner: Pruner | null;
  apply(batch: ArrowBatch): ArrowBatch;
}

export interface TransformModule<O = unknown> {
  readonly kind: string;
  readonly options: ZodType<O>;
  create(options: O, input: ArrowSchema): Transform;
}
