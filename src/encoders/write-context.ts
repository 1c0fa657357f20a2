// What writers of one column share: the user's policies, and how many values each of them changed.
import {
  actionOf,
  POLICY_NAMES,
  type PolicyName,
  type ValueChange,
  type ValuePolicies,
} from '../model/index.ts';

/** Places in `counts`. */
export const COUNT_AT = Object.fromEntries(POLICY_NAMES.map((name, at) => [name, at])) as Readonly<
  Record<PolicyName, number>
>;

export interface WriteContext {
  readonly policies: ValuePolicies;
  /** Values changed since the last look, whole numbers by `COUNT_AT`. */
  readonly counts: Float64Array;
}

export const writeContext = (policies: ValuePolicies): WriteContext => ({
  policies,
  counts: new Float64Array(POLICY_NAMES.length),
});

/** What was counted, column by column; the counts begin anew. */
export function takeChanges(names: readonly string[], contexts: readonly WriteContext[]): ValueChange[] {
  const changes: ValueChange[] = [];
  contexts.forEach(({ policies, counts }, j) => {
    for (const policy of POLICY_NAMES) {
      const values = counts[COUNT_AT[policy]]!;
      if (values > 0) changes.push({ column: names[j]!, policy, action: actionOf(policies, policy), values });
    }
    counts.fill(0);
  });
  return changes;
}
