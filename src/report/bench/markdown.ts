// Results for a repository: what bench/results/ keeps.
import { formatBytes, formatCount, plural } from '../../runtime/index.ts';
import { barsOf } from './bars.ts';
import { CASE, environmentPairs, LEGEND, outcomeText, usedFigures } from './figures.ts';
import type { DataSet, Environment } from './results.ts';
import type { SuiteSummary } from './summary.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

export const dataText = (d: DataSet): string =>
  `${d.title} (${d.origin}): ${plural(d.rowCount, 'row')}, ${plural(d.columns, 'column')}, ${plural(d.rowGroups, 'row group')}, ${formatBytes(d.fileBytes)}${d.files > 1 ? ` in ${formatCount(d.files)} files` : ''}`;

function suiteMarkdown(summary: SuiteSummary): string {
  const { suite, cases } = summary;
  const figures = [CASE, ...usedFigures(cases)];
  const lines = [`## ${suite.title}`, '', ...suite.data.map((d) => `- \`${d.name}\`: ${dataText(d)}`), ''];
  lines.push(row(figures.map((f) => f.head)));
  lines.push(`|${figures.map((f) => (f.align === 'r' ? '---:' : '---')).join('|')}|`);
  lines.push(...cases.map((c) => row(figures.map((f) => f.of(c)))), '');
  const outcomes = cases.filter((c) => outcomeText(c) !== '');
  if (outcomes.length > 0) {
    lines.push('What held each case back:', '');
    lines.push(...outcomes.map((c) => `- **${c.spec.id}**: ${outcomeText(c)}`), '');
  }
  const bars = barsOf(summary);
  if (bars.length > 0) {
    lines.push('| bar | | figure |', '|---|---|---|');
    lines.push(...bars.map((bar) => row([bar.name, bar.state, bar.figure])), '');
  }
  return lines.join('\n');
}

export function benchMarkdown(environment: Environment | null, summaries: readonly SuiteSummary[]): string {
  const facts =
    environment === null ? [] : environmentPairs(environment).map(([name, value]) => `- ${name}: ${value}`);
  return ['# Benchmark', '', ...facts, '', ...LEGEND, '', ...summaries.map(suiteMarkdown)]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}
