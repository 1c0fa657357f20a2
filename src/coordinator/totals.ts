// The sums of a run, and the check that they add up.
import { ParloadError } from '../errors/index.ts';
import {
  type InputInfo,
  type Receipt,
  type SourcePlan,
  sumChanges,
  type ValueChange,
} from '../model/index.ts';

export interface Totals {
  readonly total: number;
  readonly read: number;
  readonly loaded: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly pruned: number;
  /** Committed before: by an earlier run, or by an attempt whose answer was lost. */
  readonly skipped: number;
  readonly changes: readonly ValueChange[];
  readonly bytesSent: number;
  readonly slicesDone: number;
  readonly slicesSkipped: number;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

export function totalsOf(
  inputs: readonly InputInfo[],
  plan: SourcePlan,
  receipts: readonly Receipt[],
): Totals {
  const rowsOf = new Map(plan.slices.map((s) => [s.id, s.rowCount]));
  const skipped = receipts.filter((r) => r.alreadyCommitted);
  return {
    total: sum(inputs, (i) => i.rowCount),
    read: sum(receipts, (r) => r.rowsRead),
    loaded: sum(receipts, (r) => r.rowsLoaded),
    filtered: sum(receipts, (r) => r.rowsFiltered),
    rejected: sum(receipts, (r) => r.rowsRejected ?? 0),
    pruned: plan.rowsPruned,
    skipped: plan.rowsCommitted + sum(skipped, (r) => rowsOf.get(r.sliceId) ?? 0),
    changes: sumChanges(receipts.flatMap((r) => r.changes)),
    bytesSent: sum(receipts, (r) => r.bytesSent),
    slicesDone: receipts.length - skipped.length,
    slicesSkipped: skipped.length,
  };
}

/** Before a run is called done: every planned row was read or had been committed, and what was read went somewhere. */
export function checkTotals(totals: Totals, plan: SourcePlan): void {
  const planned = sum(plan.slices, (s) => s.rowCount);
  const seen = totals.read + (totals.skipped - plan.rowsCommitted);
  if (seen === planned && totals.read === totals.loaded + totals.filtered + totals.rejected) return;
  throw new ParloadError(
    'COUNT_DIFFERS',
    `${planned} rows were planned, ${totals.read} read, ${totals.loaded} loaded, ${totals.filtered} filtered, ${totals.rejected} rejected, ${totals.skipped} skipped`,
  );
}
