// Rows that did not get into the target, and what the user allows of them.

/** Why one row was left out. Holds no value of the data. */
export interface Reject {
  /** Counted in its input, from 0. */
  readonly row: number;
  /** Name in the target; null: not known. */
  readonly column: string | null;
  /** VALUE_REFUSED: it cannot be sent. SINK_REJECTED: the target refused it. */
  readonly code: string;
  readonly reason: string;
}

export interface InputReject extends Reject {
  readonly inputId: string;
}

/** What becomes of rows that the target refuses. */
export interface RejectPolicy {
  readonly onError: 'stop' | 'skip';
  /** Most rejected rows of a job, in all of its runs. */
  readonly maxErrors: number;
  /** Path of the Parquet file that gets them; null: none. */
  readonly file: string | null;
}

/**
 * How a slice is sent. rows: so that single rows can be left out. constraints: the same, with deferred constraints asked at
 * once, because only COMMIT had refused the slice.
 */
export type Care = 'none' | 'rows' | 'constraints';

/** What is left of `maxErrors`, over all workers. */
export interface RejectBudget {
  /** One more row; false: it is one too many. */
  take(): boolean;
  /** A slice was rolled back: its rejects do not count. */
  giveBack(count: number): void;
}
