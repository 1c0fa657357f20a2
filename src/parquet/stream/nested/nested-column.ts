// A list, map or struct, or lists of such: one root column out of several leaves.
import type { ArrowColumn, ArrowField } from '../../../model/index.ts';
import type { BatchColumn } from '../batch-column.ts';
import { assemble } from './assemble.ts';
import type { NestedLeaf } from './nested-leaf.ts';
import type { LeafPlan, NestedPlan } from './plan.ts';

export class NestedColumn<L extends NestedLeaf = NestedLeaf> implements BatchColumn<L> {
  readonly name: string;
  readonly leaves: readonly L[];
  readonly #plan: NestedPlan;

  /** `leaves`: in the order of the plan. */
  constructor(field: ArrowField, plan: NestedPlan, leaves: readonly L[]) {
    this.name = field.name;
    this.#plan = plan;
    this.leaves = leaves;
  }

  get rowsLeft(): number {
    return this.leaves.reduce((rows, leaf) => Math.min(rows, leaf.rowsLeft), Number.POSITIVE_INFINITY);
  }

  mostRows(bytes: number): number {
    return this.leaves.reduce((rows, leaf) => Math.min(rows, leaf.mostRows(bytes)), Number.POSITIVE_INFINITY);
  }

  get variableBytes(): number {
    return this.leaves.reduce((bytes, leaf) => bytes + leaf.variableBytes, 0);
  }

  begin(rows: number): void {
    for (const leaf of this.leaves) leaf.begin(rows);
  }

  append(rows: number): void {
    for (const leaf of this.leaves) leaf.append(rows);
  }

  column(): ArrowColumn {
    return assemble(this.#plan, this.leaves);
  }
}

/** The leaves of a plan in their order. */
export function leafPlans(plan: NestedPlan): LeafPlan[] {
  if (plan.kind === 'leaf') return [plan];
  if (plan.kind === 'list') return leafPlans(plan.child);
  return plan.children.flatMap(leafPlans);
}
