// The ledger of a target, for people.
import type { LedgerJob } from '../../model/index.ts';
import { formatCount, plural } from '../../runtime/index.ts';
import { changeLines } from './policies.ts';
import { formatPairs } from './table.ts';

const percent = (part: number, whole: number): string =>
  whole === 0 ? '100 %' : `${Math.floor((100 * part) / whole)} %`;

function progressText(job: LedgerJob): string {
  const rows = job.inputs.reduce((total, i) => total + i.rowCount, 0);
  const committed = job.inputs.reduce((total, i) => total + i.rowsCommitted, 0);
  const share = `${formatCount(committed)} of ${plural(rows, 'source row')}, ${plural(job.slices, 'slice')}`;
  // A filter may have ruled out the rest without reading it, so a share says nothing then.
  return job.state === 'finished' ? `done: ${share}` : `${percent(committed, rows)}: ${share}`;
}

function jobText(job: LedgerJob, verbose: boolean): string {
  const run = job.lastRun;
  const shown = verbose ? job.inputs : job.inputs.slice(0, 3);
  const body = formatPairs([
    ['progress', progressText(job)],
    [
      'loaded',
      `${plural(job.rowsLoaded, 'row')}${job.generation > 1 ? `, load ${job.generation} (--again)` : ''}`,
    ],
    ...changeLines(job.changes),
    ...shown.map((i): [string, string] => [
      'input',
      `${i.uri} (${formatCount(i.rowsCommitted)} of ${formatCount(i.rowCount)})`,
    ]),
    [
      '',
      job.inputs.length > shown.length
        ? `and ${plural(job.inputs.length - shown.length, 'other input')}`
        : null,
    ],
    [
      'last run',
      run === null
        ? null
        : `${run.runId} on ${run.host}, pid ${run.pid}, ${run.startedAt} to ${run.updatedAt}`,
    ],
  ]);
  return `${job.target}: ${job.state} (job ${job.jobId})\n${body}`;
}

export const statusText = (jobs: readonly LedgerJob[], verbose: boolean): string =>
  jobs.length === 0 ? 'No job has been loaded here.\n' : jobs.map((job) => jobText(job, verbose)).join('\n');
