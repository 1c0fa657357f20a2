import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { progressMode } from '../../../src/cli/reporters/index.ts';
import { JsonReporter } from '../../../src/cli/reporters/json.ts';
import { LineReporter } from '../../../src/cli/reporters/line.ts';
import { Progress, progressLine, remark } from '../../../src/cli/reporters/progress.ts';
import { ParloadError, toWire } from '../../../src/errors/index.ts';
import type { JobEvent, JobPlan } from '../../../src/model/index.ts';

const plan = {
  inputs: [],
  source: {
    slices: [{ id: 'a' }, { id: 'b' }],
    rowsPruned: 0,
    rowsCommitted: 0,
    bytesPerWorker: 0,
    notes: [],
  },
  target: { target: 'null:' },
  workers: 2,
  memory: { budgetBytes: 1, fixedBytes: 1, perWorkerBytes: 1, totalBytes: 1 },
  notes: [],
} as unknown as JobPlan;
const ready: JobEvent = { type: 'plan.ready', plan, rowsToLoad: 1000, bytesToRead: 1 };
const started = (sliceId: string): JobEvent => ({ type: 'slice.started', sliceId, worker: 0, attempt: 1 });
const moved = (sliceId: string, rows: number): JobEvent => ({
  type: 'slice.progress',
  sliceId,
  worker: 0,
  rows,
  bytes: rows * 10,
});
const finished = (sliceId: string, rows: number): JobEvent => ({
  type: 'slice.done',
  worker: 0,
  receipt: {
    sliceId,
    inputId: 'i',
    rowsRead: rows,
    rowsFiltered: 0,
    rowsLoaded: rows,
    bytesSent: rows * 10,
    changes: [],
    elapsedMs: 1,
    attempt: 1,
    alreadyCommitted: false,
  },
});
const failure = (sliceId: string, willRetry: boolean): JobEvent => ({
  type: 'slice.failed',
  sliceId,
  error: toWire(new ParloadError('SINK_LOST', 'gone')),
  attempt: 1,
  willRetry,
});

describe('progress', () => {
  test('receipts count once; what a failed slice had sent is taken back', () => {
    let now = 0;
    const progress = new Progress(() => now);
    for (const event of [ready, started('a'), started('b'), moved('a', 100), moved('b', 200)])
      progress.on(event);
    now = 1000;
    assert.equal(progress.snapshot().rows, 300);
    progress.on(failure('b', true));
    assert.equal(progress.snapshot().rows, 100);
    progress.on(finished('a', 400));
    progress.on(moved('a', 100));
    const s = progress.snapshot();
    assert.deepEqual([s.rows, s.bytes, s.slicesDone, s.inFlight], [400, 4000, 1, 0]);
    assert.equal(s.rowsPerSecond, 400);
    assert.equal(s.leftMs, 1500);
    assert.equal(progressLine(s), '400 of 1,000 rows (40 %), 3.9 KiB, 400 rows/s, 3.9 KiB/s, 1.5 s left');
  });

  test('every row is sent: no time is left, and none is shown', () => {
    let now = 0;
    const progress = new Progress(() => now);
    for (const event of [ready, started('a'), moved('a', 1000)]) progress.on(event);
    now = 1000;
    assert.equal(progress.snapshot().leftMs, null);
    assert.equal(
      progressLine(progress.snapshot()),
      '1,000 of 1,000 rows (100 %), 9.8 KiB, 1,000 rows/s, 9.8 KiB/s',
    );
  });

  test('nothing known yet, and nothing to do', () => {
    const progress = new Progress(() => 0);
    assert.equal(progress.snapshot().leftMs, null);
    assert.match(progressLine(progress.snapshot()), /\(100 %\)/);
  });

  test('only what matters gets a line of its own', () => {
    assert.equal(remark(moved('a', 1)), null);
    assert.equal(remark(failure('a', false)), null);
    assert.match(
      remark(failure('a', true)) ?? '',
      /slice a failed \(SINK_LOST: gone\), attempt 1; trying again/,
    );
    assert.match(remark({ type: 'stopping', force: false }) ?? '', /in flight/);
  });
});

describe('reporters', () => {
  test('lines', () => {
    const lines: string[] = [];
    const reporter = new LineReporter((line) => lines.push(line));
    for (const event of [
      ready,
      started('a'),
      failure('a', true),
      { type: 'note', message: 'hello' } as const,
    ]) {
      reporter.on(event);
    }
    reporter.close();
    assert.equal(lines.length, 2);
  });

  test('JSON: an object a line, without the list of slices', () => {
    const lines: string[] = [];
    const reporter = new JsonReporter((line) => lines.push(line));
    reporter.on(ready);
    reporter.on(finished('a', 5));
    const [first, second] = lines.map((line) => JSON.parse(line));
    assert.equal(first.type, 'plan.ready');
    assert.equal(first.slices, 2);
    assert.equal(first.plan, undefined);
    assert.equal(second.receipt.rowsLoaded, 5);
    assert.ok(!Number.isNaN(Date.parse(first.time)));
  });

  test('auto looks at the terminal; quiet wins; an unknown way is refused', () => {
    assert.equal(progressMode('auto', false, { isTTY: false }), 'line');
    assert.equal(progressMode('tty', false, {}), 'tty');
    assert.equal(progressMode('json', true, {}), 'none');
    assert.throws(() => progressMode('loud', false, {}), { code: 'USAGE' });
  });
});
