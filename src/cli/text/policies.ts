// Policies in words: which columns they could touch, and what they changed.
import { VALUE_FLAGS } from '../../config/flags.ts';
import {
  type ColumnMapping,
  POLICY_NAMES,
  type PolicyName,
  type ValueChange,
  type ValuePolicies,
} from '../../model/index.ts';
import { formatCount, plural } from '../../runtime/index.ts';
import { formatTable } from './table.ts';

/** Names in one line of a plan. */
const MOST_NAMES = 8;
/** Lines of a summary; the JSON result has them all. */
const MOST_CHANGES = 20;

const list = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${plural(names.length - MOST_NAMES + 1, 'other')}`;

const flagOf = (policy: PolicyName): string => VALUE_FLAGS.find(({ key }) => key === policy)?.flag ?? policy;

/** A line for each policy that could touch a column, as it is set. */
export function policiesText(
  policies: ValuePolicies,
  mapping: readonly ColumnMapping[],
  width: number,
): string {
  const rows = POLICY_NAMES.map((policy) => [
    `${flagOf(policy)} ${policies[policy]}`,
    list(mapping.filter((m) => m.policies.includes(policy)).map((m) => m.name)),
  ]).filter(([, names]) => names !== '');
  if (rows.length === 0) return '';
  const table = formatTable([['policy', 'columns that it could touch'], ...rows], { width });
  return `\nPolicies (what becomes of values that the target cannot hold)\n${table}`;
}

const of = ({ column }: ValueChange): string => `of "${column}"`;

const SENTENCES: Readonly<Record<string, (change: ValueChange, values: string) => string>> = {
  'nullByte strip': (c, values) => `${values} ${of(c)} lost ${c.values === 1 ? 'its' : 'their'} NUL bytes`,
  'nullByte replace': (c, values) => `${values} ${of(c)} had NUL bytes replaced`,
  'timestampNs truncate': (c, values) => `${values} ${of(c)} truncated to microseconds`,
  'timestampNs round': (c, values) => `${values} ${of(c)} rounded to microseconds`,
  'invalidUtf8 replace': (c, values) => `${values} ${of(c)} had what is not UTF-8 replaced by U+FFFD`,
  'nonFinite null': (c, values) => `${values} ${of(c)} became NULL, being NaN or infinite`,
  'overflow null': (c, values) => `${values} ${of(c)} became NULL, not fitting the column`,
};

/** `3 values of "name" lost their NUL bytes` */
export function changeText(change: ValueChange): string {
  const values = plural(change.values, 'value');
  const sentence = SENTENCES[`${change.policy} ${change.action}`];
  return (
    sentence?.(change, values) ??
    `${values} ${of(change)} changed by ${flagOf(change.policy)} ${change.action}`
  );
}

/** Label and text, one a line, for `formatPairs`. */
export function changeLines(changes: readonly ValueChange[]): [string, string][] {
  const shown = changes
    .slice(0, MOST_CHANGES)
    .map((change, i): [string, string] => [i === 0 ? 'changed' : '', changeText(change)]);
  const rest = changes.slice(MOST_CHANGES);
  if (rest.length === 0) return shown;
  const values = rest.reduce((sum, change) => sum + change.values, 0);
  return [
    ...shown,
    ['', `and ${formatCount(values)} more in ${plural(rest.length, 'other line')}; --json has all`],
  ];
}
