// kill -9 at every named fail point, and a rerun with other workers and other slices: every row once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAILPOINTS } from '../../src/runtime/failpoint.ts';
import { runCli } from '../support/cli.ts';
import { jobsOf, Site } from './fixture.ts';
import { killAtRandom } from './random-kills.ts';

const ROWS = 120_000;
const RANDOM_KILLS = 12;

const site = new Site(ROWS, { database: 'file' });

/** Workers and slices of the killed run and of the rerun, taken in turn. */
const WAYS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ['--workers', '2', '--slice', 'rows:20000'],
    ['--workers', '1', '--slice', 'rows:47000'],
  ],
  [
    ['--workers', '1', '--slice', 'row-group'],
    ['--workers', '3', '--slice', 'auto'],
  ],
  [
    ['--workers', '3', '--slice', 'rows:13000'],
    ['--workers', '2', '--slice', 'row-group'],
  ],
];

/** A slice's points are hit once a slice, counted in each thread by itself; each way has a thread with three slices. */
function nthOf(point: string): readonly number[] {
  if (!point.startsWith('slice.')) return [1];
  return point.endsWith('-commit') ? [1, 3] : [2];
}

describe('killed at a fail point', () => {
  const cases = FAILPOINTS.flatMap((point) => nthOf(point).map((nth) => [point, nth] as const));
  for (const [index, [point, nth]] of cases.entries()) {
    test(`${point}, hit ${nth}`, async () => {
      const table = `killed_${index}`;
      const [first, second] = WAYS[index % WAYS.length]!;
      await site.killAt(`${point}:${nth}`, first, table);
      const there = await site.committed(table);
      if (point === 'slice.after-commit') assert.ok(there > 0, 'what was committed stays');
      if (point.startsWith('job.') && point !== 'job.prepared') assert.equal(there, ROWS);
      const [left] = await jobsOf(site.db, table);
      if (point === 'plan.done') assert.equal(left, undefined, 'planning changes nothing');
      else {
        assert.equal(
          left?.state,
          ['job.finished', 'job.rejects-told'].includes(point) ? 'finished' : 'unfinished',
        );
        assert.equal(left?.rowsLoaded, there);
      }

      await site.resume(second, table);
      const [job, ...others] = await jobsOf(site.db, table);
      assert.deepEqual(others, []);
      assert.equal(job?.rowsLoaded, ROWS);
      assert.equal(job?.inputs[0]?.rowsCommitted, ROWS);
      if (index === 0) {
        const { code, stdout } = await runCli(['status', site.db.url, '--table', table]);
        assert.equal(code, 0);
        assert.match(stdout, /^public\.killed_0: finished \(job [0-9a-f]+\)\n/);
        assert.match(stdout, /120,000 of 120,000 source rows/);
      }
      await site.db.query(`drop table ${table}`);
    });
  }
});

test(`killed at ${RANDOM_KILLS} random moments`, async (t) => {
  await killAtRandom(t, site.db, site.input, RANDOM_KILLS);
});
