// What a second run does: nothing twice, nothing left out, whatever happened to the table or the folder in between.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { copy } from '../../src/index.ts';
import { runCli } from '../support/cli.ts';
import {
  assertFailure,
  copyJson,
  countRows,
  createNumbered,
  expectedFingerprint,
  fingerprint,
  jobsOf,
  ledgerRows,
  Site,
  writeNumbered,
} from './fixture.ts';

const ROWS = 50_000;
const SLICES = ['--workers', '2', '--slice', 'rows:10000'];

const site = new Site(ROWS);

/** By the library: the same run without another process. */
const load = (more: { again?: boolean; where?: string } = {}, source: string | string[] = site.input.path) =>
  copy({ source, sink: { url: site.db.url, table: 't' }, workers: 2, slice: 'rows:10000', ...more });

/** Dies with about half of the slices committed. */
async function killHalfway(more: readonly string[] = []): Promise<number> {
  await site.killAt('slice.after-commit:2', [...SLICES, ...more]);
  return countRows(site.db, 't');
}

describe('run again', () => {
  test('skips everything and says so', async () => {
    await load();
    const again = await runCli(site.copyArgs(['--workers', '1']));
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^nothing was left to load into postgres:/);
    assert.match(again.stdout, /50,000 skipped \(loaded before\)/);
    assert.match(again.stdout, /--again loads them a second time/);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('more files in the folder: only the new ones are loaded; a pattern and a list are the same job', async () => {
    const folder = join(site.dir, 'growing');
    mkdirSync(folder);
    writeNumbered(join(folder, 'a.parquet'), 1000);
    writeNumbered(join(folder, 'b.parquet'), 1000, { first: 1000 });
    assert.equal((await load({}, folder)).rows.loaded, 2000);
    writeNumbered(join(folder, 'c.parquet'), 500, { first: 2000 });
    const more = await load({}, folder);
    assert.deepEqual([more.rows.loaded, more.rows.skipped], [500, 2000]);
    assert.equal((await load({}, join(folder, '*.parquet'))).rows.loaded, 0);
    const listed = ['c', 'a'].map((name) => join(folder, `${name}.parquet`));
    assert.equal((await load({}, listed)).rows.loaded, 0);
    assert.equal(await fingerprint(site.db, 't'), expectedFingerprint(0, 2500));
    const jobs = await jobsOf(site.db, 't');
    assert.deepEqual(
      jobs.map((job) => [job.state, job.inputs.length, job.rowsLoaded]),
      [['finished', 3, 2500]],
    );
  });

  test('a file with other rows under an old name is another input', async () => {
    const path = join(site.dir, 'renewed.parquet');
    writeNumbered(path, 1000);
    await load({}, path);
    writeNumbered(path, 1000, { first: 1000 });
    assert.equal((await load({}, path)).rows.loaded, 1000);
    assert.equal(await fingerprint(site.db, 't'), expectedFingerprint(0, 2000));
  });

  test('another --where is another job', async () => {
    await load({ where: 'id < 100' });
    assert.equal(await countRows(site.db, 't'), 100);
    await load({ where: 'id >= 100' });
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
    assert.equal((await load({ where: 'id < 100' })).rows.loaded, 0);
    assert.equal((await jobsOf(site.db, 't')).length, 2);
  });
});

describe('--again', () => {
  test('loads a second time', async () => {
    await load();
    assert.equal((await load({ again: true })).rows.loaded, ROWS);
    assert.equal(await fingerprint(site.db, 't'), expectedFingerprint(0, ROWS, 2));
    assert.equal((await jobsOf(site.db, 't'))[0]?.generation, 2);
    assert.equal((await load()).rows.loaded, 0);
  });

  test('killed, is finished by the same command, and by one without it', async () => {
    await load();
    for (const more of [{ again: true }, {}]) {
      const earlier = await countRows(site.db, 't');
      const there = await killHalfway(['--again']);
      assert.ok(there > earlier && there < earlier + ROWS, `${there}`);
      assert.equal((await load(more)).rows.loaded, earlier + ROWS - there);
      assert.equal(await fingerprint(site.db, 't'), expectedFingerprint(0, ROWS, earlier / ROWS + 1));
    }
  });
});

describe('the table in between', () => {
  test('dropped, after a whole load and after half of one: loaded again', async () => {
    await load();
    await site.db.query('drop table t');
    const report = await load();
    assert.equal(report.rows.loaded, ROWS);
    assert.match(report.notes.join(), /does not exist any more; its 50,000 rows are loaded again/);
    await site.db.query('drop table t');
    await killHalfway();
    await site.db.query('drop table t');
    assert.equal((await load()).rows.loaded, ROWS);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('truncated: loaded again', async () => {
    await load();
    await site.db.query('truncate t');
    const report = await load();
    assert.equal(report.rows.loaded, ROWS);
    assert.match(report.notes.join(), /was emptied since/);
    await killHalfway(['--again']);
    await site.db.query('truncate t');
    assert.equal((await load()).rows.loaded, ROWS);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('made anew and empty: loaded again', async () => {
    await load();
    await site.db.query('drop table t');
    await createNumbered(site.db, 't');
    assert.equal((await load()).rows.loaded, ROWS);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('made anew with rows in it: LEDGER_STALE, and --again is the way', async () => {
    await load();
    await site.db.query('drop table t');
    await createNumbered(site.db, 't');
    await site.db.query('insert into t (id) values (-1)');
    assertFailure(await runCli(site.copyArgs()), 'LEDGER_STALE', 4, /made anew since/);
    assert.equal(await countRows(site.db, 't'), 1);
    await load({ again: true });
    await site.db.query('delete from t where id = -1');
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
    assert.equal((await load()).rows.loaded, 0);
  });

  test('renamed: the new name is another target', async () => {
    await load();
    await site.db.query('alter table t rename to old');
    assert.equal((await load()).rows.loaded, ROWS);
    assert.equal(await fingerprint(site.db, 'old'), site.input.fingerprint);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('has rows of others: they stay, and count for nothing', async () => {
    await createNumbered(site.db, 't');
    await site.db.query('insert into t (id) select generate_series(-500, -1)');
    await killHalfway();
    await load();
    assert.equal(await ledgerRows(site.db, 't'), ROWS);
    await site.db.query('delete from t where id < 0');
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });
});

test('several runs that die, each with other slices, and one that ends', async () => {
  for (const [slice, point] of [
    ['rows:7001', 'slice.after-commit:2'],
    ['row-group', 'slice.before-commit:1'],
    ['rows:999', 'slice.sent:5'],
    ['rows:12345', 'slice.after-commit:1'],
  ] as const) {
    await site.killAt(point, ['--workers', '2', '--slice', slice]);
    await site.committed();
  }
  await load();
  assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
});

test('a thread that ends before and after its commit: the run goes on by itself', async () => {
  // Each thread counts by itself; of five slices one of two threads has three.
  for (const point of ['slice.sent', 'slice.after-commit']) {
    const { code, stderr, report } = await copyJson(site.copyArgs([...SLICES, '--again']), {
      env: { PARLOAD_FAILPOINT: `${point}:3:exit` },
    });
    assert.equal(code, 0, `${point}\n${stderr}`);
    assert.ok(report.slices.retried >= 1, point);
  }
  assert.equal(await fingerprint(site.db, 't'), expectedFingerprint(0, ROWS, 2));
});
