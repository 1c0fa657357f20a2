// The result of a copy for people: a short block.
import type { RunReport } from '../../model/index.ts';
import { formatBytes, formatCount, formatDuration, plural } from '../../runtime/index.ts';
import { changeLines } from './policies.ts';
import { formatPairs } from './table.ts';

const perSecond = (amount: number, ms: number): number => (ms <= 0 ? 0 : (amount * 1000) / ms);

const headline = ({ state, rows, target, atOnce }: RunReport): string => {
  const loaded = `${plural(rows.loaded, 'row')} loaded into ${target}`;
  if (state === 'done' && rows.loaded === 0 && rows.skipped > 0)
    return `nothing was left to load into ${target}`;
  if (state === 'done') return loaded;
  if (state === 'planned') return `nothing loaded: this was a dry run for ${target}`;
  const ending = state === 'failed' ? 'failed' : 'stopped';
  return atOnce
    ? `${ending} after sending ${plural(rows.loaded, 'row')} to ${target}, which shows all of a load or nothing of it`
    : `${ending} after ${loaded}`;
};

const rowsLine = ({ rows }: RunReport): string =>
  [
    `${formatCount(rows.total)} in the source`,
    `${formatCount(rows.loaded)} loaded`,
    rows.filtered + rows.pruned > 0 ? `${formatCount(rows.filtered + rows.pruned)} filtered out` : '',
    rows.skipped > 0 ? `${formatCount(rows.skipped)} skipped (loaded before)` : '',
    rows.rejected > 0 ? `${formatCount(rows.rejected)} rejected` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');

const rejectsLine = ({ rejects }: RunReport): string | null =>
  rejects === undefined
    ? null
    : `${plural(rejects.rows, 'row')} of this job ${rejects.rows === 1 ? 'was' : 'were'} rejected${rejects.file === null ? '; --rejects FILE.parquet writes them down' : `: ${rejects.file}`}`;

const slicesLine = ({ slices }: RunReport): string =>
  [
    `${formatCount(slices.done)} of ${formatCount(slices.total)}`,
    slices.skipped > 0 ? `${formatCount(slices.skipped)} skipped` : '',
    slices.retried > 0 ? `${plural(slices.retried, 'retry', 'retries')}` : '',
    slices.failed > 0 ? `${formatCount(slices.failed)} failed` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');

const phasesLine = ({ phases }: RunReport): string =>
  phases.map(({ name, elapsedMs }) => `${name} ${formatDuration(elapsedMs)}`).join(', ');

const sources = (uris: readonly string[]): string =>
  uris.length <= 3 ? uris.join(' ') : `${uris.slice(0, 2).join(' ')} and ${plural(uris.length - 2, 'other')}`;

export function summaryText(report: RunReport): string {
  const { elapsedMs, rows, bytesSent } = report;
  const rates = [`${formatCount(perSecond(rows.read, elapsedMs))} rows/s`];
  if (bytesSent > 0) rates.push(`${formatBytes(perSecond(bytesSent, elapsedMs))}/s`);
  const body = formatPairs([
    ['source', sources(report.source)],
    ['rows', rowsLine(report)],
    ['rejects', rejectsLine(report)],
    ...changeLines(report.changes),
    ['time', `${formatDuration(elapsedMs)}${rows.read > 0 ? ` (${rates.join(', ')})` : ''}`],
    ['phases', report.phases.length > 1 ? phasesLine(report) : null],
    ['sent', bytesSent > 0 ? formatBytes(bytesSent) : null],
    ['slices', report.slices.total > 0 ? slicesLine(report) : null],
    ['workers', report.workers > 0 ? formatCount(report.workers) : null],
    ['CPU', `${report.cpuSeconds.toFixed(1)} s`],
    ['peak RSS', formatBytes(report.peakRssBytes)],
  ]);
  const notes = report.notes.map((note) => `  note: ${note}\n`).join('');
  return `${headline(report)}\n${body}${notes}`;
}
