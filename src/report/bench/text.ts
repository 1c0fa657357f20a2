// Results for a terminal.
import { barsOf } from './bars.ts';
import { CASE, outcomeText, usedFigures } from './figures.ts';
import type { SuiteSummary } from './summary.ts';

const GAP = '  ';

function table(rows: readonly (readonly string[])[], align: readonly ('l' | 'r')[]): string {
  const widths = align.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const cell = (text: string, i: number): string =>
    align[i] === 'r' ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return rows.map((row) => `${GAP}${row.map(cell).join(GAP)}`.trimEnd()).join('\n');
}

function suiteText(summary: SuiteSummary): string {
  const { suite, cases } = summary;
  const figures = [CASE, ...usedFigures(cases)];
  const rows = [figures.map((f) => f.head), ...cases.map((c) => figures.map((f) => f.of(c)))];
  const lines = [
    `\n${suite.title}`,
    table(
      rows,
      figures.map((f) => f.align),
    ),
  ];
  const outcomes = cases.filter((c) => outcomeText(c) !== '').map((c) => [c.spec.id, outcomeText(c)]);
  if (outcomes.length > 0) lines.push('', table(outcomes, ['l', 'l']));
  const bars = barsOf(summary);
  if (bars.length > 0)
    lines.push(
      '',
      table(
        bars.map((bar) => [bar.state, bar.name, bar.figure]),
        ['l', 'l', 'l'],
      ),
    );
  return lines.join('\n');
}

export const benchText = (summaries: readonly SuiteSummary[]): string =>
  `${summaries.map(suiteText).join('\n')}\n`;
