// What becomes of values that a target cannot hold as they are. Plain data: one object for all sinks, chosen by the user.

/** In the order in which they are shown. */
export const POLICY_NAMES = ['nullByte', 'timestampNs', 'invalidUtf8', 'nonFinite', 'overflow'] as const;

export type PolicyName = (typeof POLICY_NAMES)[number];

/** `error` refuses the value with column and row. Every other action is counted, value by value. */
export interface ValuePolicies {
  /** U+0000 in text: refuse, leave it out, or put the text behind `replace:` in its place. */
  readonly nullByte: 'error' | 'strip' | `replace:${string}`;
  /** Times, timestamps, durations and intervals finer than the target's unit: refuse, cut off, or round half to even. */
  readonly timestampNs: 'error' | 'truncate' | 'round';
  /** Text that is not UTF-8: refuse, or U+FFFD for each maximal part that is none, as TextDecoder does. */
  readonly invalidUtf8: 'error' | 'replace';
  /** NaN and infinities: as they are (where the target has them), NULL, or refuse. */
  readonly nonFinite: 'keep' | 'null' | 'error';
  /** Values outside of the target type's range or longer than it allows: refuse, or NULL. Never a rounded value. */
  readonly overflow: 'error' | 'null';
}

/** Nothing is changed. */
export const EXACT_POLICIES: ValuePolicies = {
  nullByte: 'error',
  timestampNs: 'error',
  invalidUtf8: 'error',
  nonFinite: 'keep',
  overflow: 'error',
};

/** What a policy does to a value, without the text that `replace:` carries. */
export const actionOf = (policies: ValuePolicies, policy: PolicyName): string =>
  policies[policy].startsWith('replace') ? 'replace' : policies[policy];

/** How many values of a column a policy changed. The column has its name in the target. */
export interface ValueChange {
  readonly column: string;
  readonly policy: PolicyName;
  readonly action: string;
  /** Elements of lists, and parts of structs, count one each. */
  readonly values: number;
}

/** One entry for each column, policy and action, in the order in which they come first. */
export function sumChanges(changes: Iterable<ValueChange>): ValueChange[] {
  const sums = new Map<string, ValueChange>();
  for (const change of changes) {
    const key = JSON.stringify([change.column, change.policy, change.action]);
    const values = (sums.get(key)?.values ?? 0) + change.values;
    sums.set(key, { ...change, values });
  }
  return [...sums.values()];
}
