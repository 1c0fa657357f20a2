// Comparing a target with its sources: sums that do not depend on the order of rows, and what comes of them.
import type { TargetRequest } from './connectors.ts';
import type { Json, Slice, TargetPlan, WireError } from './job.ts';
import type { ValueChange } from './policies.ts';
import type { InputReject } from './rejects.ts';

/**
 * Checksums of a set of rows: of one slice, or of all. Sums of 32-bit words (mod 2^32), so slices add up in any order.
 * Plain numbers, because it crosses threads.
 */
export interface RowDigest {
  readonly rows: number;
  /** A number a column: its NULLs. */
  readonly nulls: readonly number[];
  /** Two words a column, over its values. */
  readonly columns: readonly number[];
  /** Two words, over whole rows: two rows that exchange a value change these and no column's. */
  readonly whole: readonly number[];
  /** Two words a column, over the rows without it: who has exchanged values between rows is known by these. */
  readonly without: readonly number[];
}

export interface VerifyRequest {
  readonly target: TargetRequest;
  /** Condition on the rows of the target, in its own language; null: all of them. */
  readonly targetWhere: string | null;
  /** Rows of the sources that are known not to be in the target: they are left out. */
  readonly rejects: readonly InputReject[];
}

export interface VerifyPlan {
  /** Plain data for the sessions; may hold secrets. */
  readonly ticket: Json;
  readonly target: TargetPlan;
  /** Parts of the target, `side: 'target'`; any split that has each row once. */
  readonly slices: readonly Slice[];
  /** Columns of which only the NULLs can be compared, by name. */
  readonly nullsOnly: readonly string[];
}

/** Main thread, once a comparison. Changes nothing in the target. */
export interface VerifyJob {
  prepare(request: VerifyRequest): Promise<VerifyPlan>;
  close(): Promise<void>;
}

export interface ColumnComparison {
  readonly name: string;
  readonly type: string;
  readonly equal: boolean;
  /** values: other values. rows: the same values, in other rows. nulls: only the NULLs were compared, and they differ. */
  readonly difference: 'values' | 'rows' | 'nulls' | null;
  readonly nulls: { readonly source: number; readonly target: number };
}

export interface VerifyReport {
  readonly runId: string;
  readonly state: 'equal' | 'different' | 'interrupted' | 'failed';
  readonly source: readonly string[];
  readonly target: string;
  readonly workers: number;
  readonly rows: {
    /** Of the source, after the filter. */
    readonly source: number;
    readonly filtered: number;
    /** Left out, because the ledger says that they were rejected; counted only when rows may be left out. */
    readonly rejected: number;
    readonly target: number;
  };
  readonly columns: readonly ColumnComparison[];
  /** What policies change in the rows of the source on their way. */
  readonly changes: readonly ValueChange[];
  readonly bytesCompared: number;
  readonly elapsedMs: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  readonly error: WireError | null;
  readonly notes: readonly string[];
}
