// What a benchmark measures, as plain data: one line of JSON a record. Everything that is shown is made from these.

/** The machine and the server: without it a figure means nothing. */
export interface Environment {
  readonly type: 'environment';
  /** ISO 8601. */
  readonly startedAt: string;
  readonly parload: string;
  /** Short hash; with `+` when the checkout had changes. null outside of a checkout. */
  readonly gitCommit: string | null;
  readonly node: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** Load average of the last minute when the benchmark began: much above 0 means that others were working too. */
  readonly loadBefore: number;
  readonly postgres: {
    readonly version: string;
    /** embedded: the small build that comes with npm. url: a server of the user's. */
    readonly kind: 'embedded' | 'url';
    /** True when its processes could be measured. */
    readonly measured: boolean;
    readonly settings: Readonly<Record<string, string>>;
  } | null;
}

export interface DataSet {
  readonly name: string;
  readonly title: string;
  /** Where the rows come from: `made by the bench`, or a file's name. */
  readonly origin: string;
  readonly files: number;
  readonly fileBytes: number;
  readonly rowCount: number;
  readonly rowGroups: number;
  readonly columns: number;
}

/**
 * floor: ready-made bytes sent by our own sender. psql: the same bytes by psql. peer:x: another tool. start:x: Node.js by
 * itself, the command's help, and a copy without the probe, which takes time of its own.
 */
export type Tool =
  | 'parload'
  | 'floor'
  | 'psql'
  | `peer:${string}`
  | 'start:node'
  | 'start:help'
  | 'start:copy';

/** False for what only starts. */
export const loadsRows = (tool: Tool): boolean => tool !== 'start:node' && tool !== 'start:help';

export interface CaseSpec {
  /** Unique in its suite. */
  readonly id: string;
  readonly title: string;
  readonly tool: Tool;
  /** Name of a data set. */
  readonly data: string;
  /** Display form: `null:`, `null:pg` or `postgres`. */
  readonly sink: string;
  /** Threads, or connections of a floor. */
  readonly workers: number;
  /** As `--slice` has it; '' where it means nothing. */
  readonly slice: string;
  /** Further flags of copy. */
  readonly args: readonly string[];
  readonly runs: number;
}

export interface SuiteRecord {
  readonly type: 'suite';
  readonly name: string;
  readonly title: string;
  readonly data: readonly DataSet[];
  readonly cases: readonly CaseSpec[];
}

/** Garbage collections of all threads, counted by the probe. */
export interface GcCounts {
  readonly majorCount: number;
  readonly majorMs: number;
  readonly minorCount: number;
  readonly minorMs: number;
}

export interface RunRecord {
  readonly type: 'run';
  readonly suite: string;
  readonly caseId: string;
  /** From 1. */
  readonly round: number;
  /** Empty: a good run. Anything else and its times are not used. */
  readonly problems: readonly string[];
  /** Spawn to exit. */
  readonly wallSeconds: number;
  /** Of the child as the kernel accounts it when it is waited for. */
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  /** What the run's own report says; without the start of the process. */
  readonly reportedCpuSeconds: number | null;
  /** High-water mark of the child's resident memory. */
  readonly peakRssBytes: number;
  /** Everything else on the machine, an unmeasured server included: how far the run was disturbed. */
  readonly othersCpuSeconds: number | null;
  /** All processes of the server, ended backends included. */
  readonly serverCpuSeconds: number | null;
  /** The one backend that used most. */
  readonly backendCpuSeconds: number | null;
  readonly rowCount: number;
  readonly bytesSent: number;
  /** Of the busiest second, from progress events. */
  readonly peakBytesPerSecond: number | null;
  readonly workersUsed: number;
  readonly sliceCount: number | null;
  readonly longestSliceSeconds: number | null;
  /** Of all slices together. */
  readonly totalSliceSeconds: number | null;
  /** Share of the worker threads' time that their event loops waited; null when unknown. */
  readonly idleShare: number | null;
  readonly gc: GcCounts | null;
  readonly wasmCompilations: number | null;
  /** Digest of order-free sums of hashes, one a column; null when it was not asked for. */
  readonly checksum: string | null;
}

export type BenchRecord = Environment | SuiteRecord | RunRecord;

export interface BenchResults {
  readonly environment: Environment | null;
  readonly suites: readonly SuiteRecord[];
  readonly runs: readonly RunRecord[];
}

export function parseResults(jsonl: string): BenchResults {
  const records = jsonl
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as BenchRecord);
  return {
    environment: records.find((r) => r.type === 'environment') ?? null,
    suites: records.filter((r) => r.type === 'suite'),
    runs: records.filter((r) => r.type === 'run'),
  };
}
