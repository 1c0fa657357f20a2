// What copy would do, for people.
import type { JobPlan, Slice } from '../../model/index.ts';
import { formatBytes, formatCount, plural } from '../../runtime/index.ts';
import { policiesText } from './policies.ts';
import { formatPairs, formatTable } from './table.ts';

export interface PlanStyle {
  readonly width: number;
  /** Lists every input and slice. */
  readonly verbose: boolean;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const span = (values: readonly number[], show: (value: number) => string): string => {
  if (values.length === 0) return '';
  // Not by spread: thousands of slices are allowed.
  const least = show(values.reduce((a, b) => Math.min(a, b)));
  const most = show(values.reduce((a, b) => Math.max(a, b)));
  return least === most ? least : `${least} to ${most}`;
};

const slicesLine = (slices: readonly Slice[]): string => {
  if (slices.length === 0) return 'none: nothing is left to load';
  const rows = span(
    slices.map((s) => s.rowCount),
    formatCount,
  );
  const bytes = span(
    slices.map((s) => s.estBytes),
    formatBytes,
  );
  return `${plural(slices.length, 'slice')} of ${rows} rows, ${bytes} decoded each`;
};

function rowsLine({ inputs, source }: JobPlan): string {
  const parts = [`${formatCount(sum(source.slices, (s) => s.rowCount))} to load`];
  if (source.rowsPruned > 0) parts.push(`${formatCount(source.rowsPruned)} ruled out by statistics`);
  if (source.rowsCommitted > 0) parts.push(`${formatCount(source.rowsCommitted)} loaded before`);
  return `${formatCount(sum(inputs, (i) => i.rowCount))} in the source: ${parts.join(', ')}`;
}

const memoryLine = ({ memory, workers }: JobPlan): string =>
  `${formatBytes(memory.fixedBytes)} + ${workers} x ${formatBytes(memory.perWorkerBytes)} = ${formatBytes(memory.totalBytes)} of ${formatBytes(memory.budgetBytes)} allowed`;

const connectionsLine = ({ target, workers }: JobPlan): string => {
  const each = target.connectionsPerWorker;
  const all = workers * each + target.connectionsFixed;
  return all === 0 ? 'none' : `${all} (${workers} x ${each} for workers, ${target.connectionsFixed} besides)`;
};

function columns({ target }: JobPlan, width: number): string {
  const rows = target.mapping.map((m) => [m.name, m.sourceType, m.targetType, m.exactness, m.note ?? '']);
  if (rows.length === 0) return '';
  const table = formatTable([['name', 'source type', 'target type', 'values', 'note'], ...rows], { width });
  return `\nColumns (exact: arrive as they are; checked: one that does not fit is refused by name)\n${table}`;
}

function details(plan: JobPlan, width: number): string {
  const inputs = plan.inputs.map((i) => [
    i.uri,
    formatCount(i.rowCount),
    formatBytes(i.sizeBytes),
    String(i.partCount),
  ]);
  const slices = plan.source.slices.map((s) => [
    s.id,
    formatCount(s.rowCount),
    formatBytes(s.estBytes),
    s.inputUri,
  ]);
  return [
    `\nInputs\n${formatTable([['uri', 'rows', 'size', 'parts'], ...inputs], { width, align: 'lrrr' })}`,
    `\nSlices\n${formatTable([['id', 'rows', 'decoded', 'input'], ...slices], { width, align: 'lrrl' })}`,
  ].join('');
}

export function planText(plan: JobPlan, style: PlanStyle): string {
  const head = formatPairs([
    [
      'source',
      `${plural(plan.inputs.length, 'input')}, ${formatBytes(sum(plan.inputs, (i) => i.sizeBytes))}`,
    ],
    ['rows', rowsLine(plan)],
    ['target', `${plan.target.target}${plan.target.exists ? '' : ' (does not exist yet)'}`],
    ['slices', slicesLine(plan.source.slices)],
    ['workers', formatCount(plan.workers)],
    ['memory', memoryLine(plan)],
    ['connections', connectionsLine(plan)],
  ]);
  const { ddl, steps = [] } = plan.target;
  return [
    `Plan\n${head}`,
    columns(plan, style.width),
    policiesText(plan.policies, plan.target.mapping, style.width),
    ddl.length === 0 ? '' : `\nStatements before the load\n${ddl.map((s) => indent(s)).join('')}`,
    steps.length === 0 ? '' : `\nAfter the load\n${steps.map((step) => `  ${step}\n`).join('')}`,
    plan.notes.length === 0 ? '' : `\nNotes\n${plan.notes.map((note) => `  ${note}\n`).join('')}`,
    style.verbose ? details(plan, style.width) : '',
  ].join('');
}

const indent = (statement: string): string =>
  `${statement
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
