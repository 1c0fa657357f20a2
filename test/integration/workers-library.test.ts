// The library as a program uses it, with real threads and no server.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  CODES,
  copy,
  inspect,
  type JobEvent,
  ParloadError,
  plan,
  RunControl,
  status,
} from '../../src/index.ts';
import { ROOT } from '../support/root.ts';

const FLIGHTS = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');
const job = { source: FLIGHTS, sink: 'null:', workers: 2 } as const;

describe('library', () => {
  test('copy resolves with the report; events come in order', async () => {
    const events: JobEvent[] = [];
    const report = await copy({ ...job, sink: 'null:pg' }, { onEvent: (event) => events.push(event) });
    assert.equal(report.state, 'done');
    assert.equal(report.rows.loaded, 3_000_000);
    assert.ok(report.bytesSent > 0);
    assert.equal(events[0]?.type, 'plan.ready');
    assert.deepEqual(events.at(-1), { type: 'job.done', report });
    const started = events.filter((e) => e.type === 'slice.started').length;
    assert.equal(started, report.slices.done);
    // Progress never counts more than the receipts, and comes only from slices in flight.
    const moved = events.reduce((sum, e) => sum + (e.type === 'slice.progress' ? e.rows : 0), 0);
    assert.ok(moved <= report.rows.read);
  });

  test('columns, names and a filter', async () => {
    const options = {
      ...job,
      where: "distance > 1000 and origin in ('SFO')",
      columns: ['date', 'origin'],
      rename: { origin: 'airport' },
    };
    const planned = await plan(options);
    assert.deepEqual(
      planned.target.mapping.map((m) => m.name),
      ['date', 'airport'],
    );
    const { rows } = await copy(options);
    assert.ok(rows.loaded > 0 && rows.filtered > 0);
    assert.equal(rows.loaded + rows.filtered + rows.pruned, 3_000_000);
    const all = await copy({ ...job, where: 'distance is null' });
    assert.equal(all.rows.loaded, 0);
    assert.equal(all.rows.pruned, 3_000_000);
    assert.equal(all.workers, 0);
  });

  test('a failure rejects with a ParloadError', async () => {
    await assert.rejects(copy({ ...job, source: 'nowhere.parquet' }), (error: unknown) => {
      assert.ok(ParloadError.is(error) && error instanceof ParloadError);
      assert.equal(error.code, 'SOURCE_NOT_FOUND');
      assert.equal(error.hint, CODES.SOURCE_NOT_FOUND.hint);
      return true;
    });
    await assert.rejects(copy({ ...job, columns: ['delai'] }), {
      code: 'COLUMN_UNKNOWN',
      message: 'columns: the source has no column "delai" (did you mean "delay"?)',
    });
  });

  test('a signal stops the run: the report says so', async () => {
    const abort = new AbortController();
    const report = await copy(
      { ...job, slice: 'rows:20000' },
      { signal: abort.signal, onEvent: (e) => e.type === 'slice.done' && abort.abort() },
    );
    assert.equal(report.state, 'interrupted');
    assert.equal(report.error?.code, 'INTERRUPTED');
    assert.ok(report.slices.done > 0 && report.slices.done < report.slices.total);
  });

  test('two stops end slices in their middle', async () => {
    const control = new RunControl();
    const report = await copy(
      { ...job, workers: 1, batchRows: 1000 },
      {
        control,
        onEvent: (e) => {
          if (e.type !== 'slice.started') return;
          control.stop();
          control.stop();
        },
      },
    );
    assert.equal(report.state, 'interrupted');
    assert.equal(report.slices.done, 0);
    assert.equal(report.slices.failed, 0);
  });

  test('dryRun plans and changes nothing', async () => {
    const report = await copy(job, { dryRun: true });
    assert.equal(report.state, 'planned');
    assert.equal(report.rows.loaded, 0);
  });

  test('inspect and status', async () => {
    assert.equal((await inspect(FLIGHTS)).rows, 3_000_000);
    await assert.rejects(status('null:'), { code: 'USAGE' });
  });

  test('importing it is cheap: no driver, no decoder, no zod', () => {
    const index = new URL('../../src/index.js', import.meta.url).href;
    const script = `
      import { createRequire, Module } from 'node:module';
      await import(${JSON.stringify(index)});
      const cjs = Object.keys(createRequire(import.meta.url).cache ?? {});
      console.log(JSON.stringify({ cjs, wasm: typeof WebAssembly.Module === 'function' && process.memoryUsage().rss }));
    `;
    const {
      stdout,
      stderr,
      status: code,
    } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.equal(code, 0, stderr);
    const { cjs, wasm } = JSON.parse(stdout) as { cjs: string[]; wasm: number };
    assert.deepEqual(cjs, []);
    assert.ok(wasm < 80 * 1024 * 1024);
  });
});
