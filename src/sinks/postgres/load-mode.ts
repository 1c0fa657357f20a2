// What the write modes have in common: where sessions put rows, and how these become the table's.
import type { PhaseReport, Receipt, RelayPort, Slice, TargetPlan } from '../../model/index.ts';
import type { TableFacts } from './catalog.ts';
import type { PgConnection } from './connection.ts';
import type { Way } from './way.ts';

export interface ModePlan {
  readonly committed: TargetPlan['committed'];
  /** What happens after the load, for `plan`. */
  readonly steps: readonly string[];
  readonly notes: readonly string[];
  /** Other figures than one connection a worker, and those that every job has. */
  readonly connectionsPerWorker?: number;
  readonly connectionsFixed?: number;
}

export interface ModeReady {
  readonly committed: TargetPlan['committed'];
  readonly notes: readonly string[];
  /** The table that sessions load into. */
  readonly into: TableFacts;
  /** Ledger key of the slices, when it is not the job's. */
  readonly sliceJobId: string;
  /** Generation of each input in the ledger. */
  readonly generations: Readonly<Record<string, number>>;
  /** Rows carry their place in the input: the position of each input in it. */
  readonly inputOrder: Readonly<Record<string, number>> | null;
  /** What is committed is not the target's yet, or only since a run that did not come to its end. */
  readonly staged: boolean;
  /** Sessions have no connections: what they encode comes by `relay`. */
  readonly relayed: boolean;
}

/** One a job, on the main thread. */
export interface LoadMode {
  /** Only reads. `table`: null when there is none. */
  describe(connection: PgConnection, table: TableFacts | null): Promise<ModePlan>;
  /** The lock is held, earlier runs are fenced off, --pre-sql has run. */
  prepare(connection: PgConnection): Promise<ModeReady>;
  /** Every slice is committed: checks them, and makes the rows the table's. */
  finish(receipts: readonly Receipt[], phase: PhaseReport): Promise<readonly string[]>;
  relay?(slice: Slice, attempt: number, port: RelayPort): void;
  /** The run ends, well or not; may come twice. */
  close?(): Promise<void>;
}

/** How `plan` and messages call it. */
export const showWay = ({ mode, atomic }: Way): string => `--mode ${mode} --atomic ${atomic}`;
