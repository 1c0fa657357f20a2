// A job as the coordinator takes it: validated, defaults filled in, connectors chosen. Made by resolveJob only.
import type { Json, PlanHints, RejectPolicy, ValuePolicies } from '../model/index.ts';

export interface ConnectorChoice {
  readonly kind: string;
  /** As the connector's own schema gave them. May hold secrets: never printed. */
  readonly options: unknown;
}

export interface TransformChoice {
  readonly kind: string;
  readonly options: Json;
}

export interface ResolvedJob {
  readonly source: ConnectorChoice;
  readonly sink: ConnectorChoice;
  /** In the order in which they run: where (source's names), select, rename. */
  readonly transforms: readonly TransformChoice[];
  /** Hash of what the transforms do; part of the job's identity in the ledger. */
  readonly transformsKey: string;
  readonly columns: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly policies: ValuePolicies;
  readonly rejects: RejectPolicy;
  readonly schemaChange: 'strict' | 'evolve';
  readonly workers: number;
  /** True when the user named the number: then it is kept or refused, never lowered. */
  readonly workersNamed: boolean;
  readonly slice: PlanHints['slice'];
  readonly batchRows: number | null;
  readonly batchBytes: number;
  readonly memoryBytes: number;
  readonly again: boolean;
  /** How often a failed slice is tried again. */
  readonly retries: number;
  /** How long in a row the target may be away. */
  readonly retryBudgetMs: number;
  readonly stallTimeoutMs: number;
  /** Without secrets, for messages and reports. */
  readonly display: { readonly source: readonly string[]; readonly target: string };
}
