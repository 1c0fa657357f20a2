// --atomic transaction: one connection, one COPY, all workers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Int64, Utf8 } from 'apache-arrow';
import { copy, ParloadError, plan, type RunReport } from '../../src/index.ts';
import { runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { leftovers, portraitOf } from '../support/table-portrait.ts';
import {
  createNumbered,
  expectedFingerprint,
  fingerprint,
  Gate,
  jobsOf,
  ledgerRows,
  Site,
} from './fixture.ts';
import { Watcher } from './watcher.ts';

const ROWS = 30_000;
const site = new Site(ROWS, { rowGroupRows: 5_000 });

const sinkOf = (more: object): Record<string, unknown> => ({
  url: site.db.url,
  table: 't',
  mode: 'replace',
  atomic: 'transaction',
  ...more,
});
const load = (sink: object = {}, job: object = {}): Promise<RunReport> =>
  copy({
    source: site.input.path,
    sink: sinkOf(sink),
    workers: 3,
    slice: 'rows:5000',
    batchBytes: 65_536,
    ...job,
  });
const isCode =
  (code: string, message = /./) =>
  (error: unknown) => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(`${error.message} ${JSON.stringify(error.where)}`, message);
    return true;
  };
const count = async (): Promise<number> => Number((await site.db.query('select count(*) as n from t'))[0]?.n);

async function withOldRows(sql = 'select 1'): Promise<void> {
  await createNumbered(site.db, 't');
  await site.db.query("insert into t (id, value, text) select -g, g, 'old' from generate_series(1, 50) g");
  await site.db.query(sql);
}

async function assertReplaced(): Promise<void> {
  assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  assert.equal(await ledgerRows(site.db, 't'), ROWS);
  assert.equal((await jobsOf(site.db, 't'))[0]?.state, 'finished');
  assert.deepEqual(await leftovers(site.db), []);
}

describe('replace', () => {
  test('the table stays the same one, an older transaction sees all of the new rows', async () => {
    await withOldRows(
      'create index on t (text); create view v as select id from t; grant select on t to public',
    );
    const before = [
      await portraitOf(site.db, 'public.t'),
      await site.db.query("select 't'::regclass::oid as oid"),
    ];
    const older = await site.db.connect();
    await older.query('begin isolation level repeatable read; select 1');
    const { target, workers } = await plan({ source: site.input.path, sink: sinkOf({}), workers: 3 });
    assert.match((target.steps ?? []).join('\n'), /TRUNCATE.*one COPY/);
    assert.equal(target.connectionsPerWorker * workers, 0);
    const report = await load();
    assert.deepEqual(
      report.phases.map((p) => p.name),
      ['load', 'commit'],
    );
    assert.equal(report.rows.loaded, ROWS);
    const { rows } = await older.query('select count(*)::int as n, min(id)::int as least from t');
    assert.deepEqual(rows, [{ n: ROWS, least: 0 }]);
    await older.query('commit');
    await assertReplaced();
    assert.deepEqual(
      [await portraitOf(site.db, 'public.t'), await site.db.query("select 't'::regclass::oid as oid")],
      before,
    );
    await site.db.query('delete from t where id = 3');
    assert.equal((await load()).rows.loaded, ROWS, 'once more, from the beginning');
    await assertReplaced();
  });

  test('a missing table appears with its rows; other modes go on from there', async () => {
    await load();
    await assertReplaced();
    await load({ atomic: 'staging' });
    await assertReplaced();
    await load();
    await assertReplaced();
    assert.equal(
      (await load({ mode: 'append', atomic: 'slice' })).rows.loaded,
      ROWS,
      'what was replaced is not what was appended',
    );
  });

  test('a partitioned table by DELETE, and its readers do not wait', async () => {
    await site.db.query(
      `create table t (id bigint not null, value double precision, text text, at timestamp) partition by range (id);
       create table low partition of t for values from (minvalue) to (3000);
       create table high partition of t for values from (3000) to (maxvalue);
       insert into t (id) values (-1)`,
    );
    const gate = await Gate.close(site.db, 'high', 'new.id = 20000');
    const run = load();
    await gate.reached(1);
    assert.equal(await count(), 1);
    await gate.open();
    await run;
    await assertReplaced();
  });

  test('where other rows point to the table it is refused', async () => {
    await withOldRows('alter table t add primary key (id); create table child (id bigint references t)');
    await assert.rejects(load(), isCode('MODE_REFUSED', /child_id_fkey/));
    assert.equal(await count(), 50);
  });

  test('rows longer than a block arrive', async () => {
    const path = join(site.dir, 'long.parquet');
    const long = (row: number): string => 'ä'.repeat(row % 10 === 3 ? 300_000 : row);
    writeParquetFile(path, {
      rows: 60,
      rowGroupRows: 20,
      columns: [
        { name: 'id', type: new Int64(), value: (row) => BigInt(row) },
        { name: 'text', type: new Utf8(), value: long },
      ],
    });
    await load({}, { source: path, slice: 'rows:20' });
    const rows = await site.db.query('select id::int, length(text) as n from t order by id');
    assert.deepEqual(
      rows,
      Array.from({ length: 60 }, (_, id) => ({ id, n: long(id).length })),
    );
  });
});

describe('append', () => {
  test('all or nothing, and once', async () => {
    await withOldRows('alter table t add constraint small check (id < 29000)');
    await assert.rejects(load({ mode: 'append' }), isCode('SINK_REJECTED', /"row":29\d{3}/));
    assert.equal(await count(), 50);
    await site.db.query('alter table t drop constraint small');
    await load({ mode: 'append' });
    assert.equal(await count(), 50 + ROWS);
    assert.equal((await load({ mode: 'append' })).rows.loaded, 0);
    assert.equal((await load({ mode: 'append', atomic: 'slice' })).rows.loaded, 0);
  });
});

describe('a failure leaves the old rows', () => {
  test('a refused row, with its place', async () => {
    await withOldRows('alter table t add constraint small check (id <> 17777)');
    await assert.rejects(load(), isCode('SINK_REJECTED', /"row":17777/));
    assert.equal(await count(), 50);
    await site.db.query('alter table t drop constraint small');
    await load();
    await assertReplaced();
  });

  test('rows cannot be left out', async () => {
    await withOldRows();
    await assert.rejects(load({}, { onError: 'skip' }), isCode('CONFIG_INVALID', /--on-error skip/));
  });

  test('checks of the user', async () => {
    await withOldRows();
    await assert.rejects(
      load({ check: ['select 1 from {table} where id = 7'] }),
      isCode('CHECK_FAILED', /nothing of this load is in/),
    );
    assert.equal(await count(), 50);
  });

  test('a worker that dies in the middle', async () => {
    await withOldRows();
    const args = site.copyArgs([
      '--mode',
      'replace',
      '--atomic',
      'transaction',
      '--workers',
      '2',
      '--slice',
      'rows:5000',
      '--batch-bytes',
      '65536',
    ]);
    const died = await runCli(args, { env: { PARLOAD_FAILPOINT: 'slice.sent:2:exit' } });
    assert.equal(died.code, 4, died.stderr);
    assert.match(died.stderr, /^code: LOAD_UNDONE$/m);
    assert.equal(await count(), 50);
    assert.equal((await runCli(args)).code, 0);
    await assertReplaced();
  });

  test('a backend that is ended in the middle', async () => {
    await withOldRows();
    const gate = await Gate.close(site.db, 't', 'new.id = 12345');
    const run = load();
    const [pid] = await gate.reached(1);
    await site.db.query('select pg_terminate_backend($1)', [pid]);
    await assert.rejects(run, isCode('SINK_LOST'));
    await gate.open();
    assert.equal(await count(), 50);
  });
});

describe('killed, while somebody reads', () => {
  const points = [
    'publish.locked:1',
    'relay.chunk:1',
    'relay.chunk:5',
    'publish.before-commit:1',
    'publish.after-commit:1',
    'job.finished:1',
  ];
  for (const point of points) {
    test(point, async () => {
      await withOldRows();
      const old = await fingerprint(site.db, 't');
      const watcher = await Watcher.start(site.db, 't');
      const args = ['--mode', 'replace', '--atomic', 'transaction', '--workers', '2', '--slice', 'rows:5000'];
      await site.killAt(point, args);
      const now = await fingerprint(site.db, 't');
      assert.equal(now, /after|finished/.test(point) ? expectedFingerprint(0, ROWS) : old);
      const { code, stderr } = await runCli(site.copyArgs([...args, '--workers', '1']));
      assert.equal(code, 0, stderr);
      const seen = await watcher.stop();
      assert.deepEqual(
        [...seen].filter((f) => f !== old && f !== site.input.fingerprint),
        [],
      );
      await assertReplaced();
    });
  }
});
