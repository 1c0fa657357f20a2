// The result of a comparison for people: counts and names, nothing of the data.
import type { ColumnComparison, VerifyReport } from '../../model/index.ts';
import { formatBytes, formatCount, formatDuration, plural } from '../../runtime/index.ts';
import { changeLines } from './policies.ts';
import { formatPairs, formatTable } from './table.ts';

const WORDS = {
  values: 'values differ',
  rows: 'same values, in other rows',
  nulls: 'NULLs differ (values not compared)',
} as const;

function columnTable(columns: readonly ColumnComparison[], rowsDiffer: boolean): string {
  const rows = columns.map((c) => [
    c.name,
    c.type,
    c.difference === null ? (rowsDiffer ? '' : 'equal') : WORDS[c.difference],
    formatCount(c.nulls.source),
    formatCount(c.nulls.target),
  ]);
  return formatTable([['column', 'type', 'result', 'NULLs in the files', 'in the table'], ...rows], {
    align: 'lllrr',
  });
}

/** `verbose`: columns that are equal as well. */
export function verifyText(report: VerifyReport, verbose: boolean): string {
  const { rows, columns } = report;
  const equal = report.state === 'equal';
  const rowsDiffer = rows.source !== rows.target;
  const head = equal
    ? `equal: ${plural(rows.source, 'row')} of ${plural(columns.length, 'column')} are in ${report.target}`
    : `different: ${report.target}`;
  const shown = columns.filter(
    (c) => verbose || !c.equal || (rowsDiffer && c.nulls.source !== c.nulls.target),
  );
  const perSecond = (amount: number): number => (amount * 1000) / Math.max(1, report.elapsedMs);
  const body = formatPairs([
    [
      'files',
      `${plural(rows.source, 'row')}${rows.filtered > 0 ? `, ${formatCount(rows.filtered)} filtered out` : ''}${rows.rejected > 0 ? `, ${formatCount(rows.rejected)} rejected` : ''}`,
    ],
    ['table', plural(rows.target, 'row')],
    ...changeLines(report.changes),
    [
      'time',
      `${formatDuration(report.elapsedMs)} (${formatCount(perSecond(rows.source + rows.target))} rows/s, ${formatBytes(perSecond(report.bytesCompared))}/s, both sides)`,
    ],
    ['workers', formatCount(report.workers)],
    ['CPU', `${report.cpuSeconds.toFixed(1)} s`],
    ['peak RSS', formatBytes(report.peakRssBytes)],
  ]);
  const table = shown.length === 0 ? '' : columnTable(shown, rowsDiffer);
  const notes = report.notes.map((note) => `  note: ${note}\n`).join('');
  return `${head}\n${body}${table}${notes}`;
}
