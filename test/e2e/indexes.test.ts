// --indexes rebuild: what is dropped comes back as it was, whatever happens in between.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { copy, ParloadError, plan, type RunReport } from '../../src/index.ts';
import { INDEX_FAILPOINTS } from '../../src/runtime/failpoint.ts';
import { portraitOf } from '../support/table-portrait.ts';
import { createNumbered, fingerprint, Gate, jobsOf, Site } from './fixture.ts';

const ROWS = 20_000;
const site = new Site(ROWS, { rowGroupRows: 5_000 });

const sinkOf = (more: object): Record<string, unknown> => ({
  url: site.db.url,
  table: 't',
  indexes: 'rebuild',
  ...more,
});
const load = (sink: object = {}, job: object = {}): Promise<RunReport> =>
  copy({ source: site.input.path, sink: sinkOf(sink), workers: 2, slice: 'rows:5000', ...job });
const isCode = (code: string) => (error: unknown) => ParloadError.is(error) && error.code === code;
const names = async (): Promise<string[]> =>
  (
    await site.db.query(
      "select indexrelid::regclass::text as name from pg_index where indrelid = 't'::regclass order by 1",
    )
  ).map((r) => String(r.name));

const ALL = ['"odd ""one"', 't_expr', 't_once', 't_pkey', 't_text'];
const KEPT = ['t_once', 't_pkey'];

async function withIndexes(): Promise<Awaited<ReturnType<typeof portraitOf>>> {
  await createNumbered(site.db, 't');
  await site.db.query(
    `alter table t add primary key (id); create unique index t_once on t (id, text);
     create index t_text on t (text) with (fillfactor = 60); comment on index t_text is 'it''s \\ an index';
     create index t_expr on t ((id % 7), value desc nulls last) include (at);
     alter index t_expr alter column 1 set statistics 99; alter table t cluster on t_expr;
     create index "odd ""one" on t using brin (at) where id > 100`,
  );
  return portraitOf(site.db, 'public.t');
}

test('not unique ones are dropped while rows come in, and come back as they were', async () => {
  const before = await withIndexes();
  const { target } = await plan({ source: site.input.path, sink: sinkOf({}) });
  assert.deepEqual(target.steps, [
    '3 indexes dropped before the load are built again: "odd ""one", "t_expr", "t_text"; queries go without them meanwhile',
    'index "t_once" stays: it keeps rows out',
    'index "t_pkey" stays: it keeps rows out',
  ]);
  const gate = await Gate.close(site.db, 't', 'new.id = 9999');
  const run = load();
  await gate.reached(1);
  assert.deepEqual(await names(), KEPT);
  await assert.rejects(load({ indexes: 'keep' }, { where: 'id > 1' }), isCode('LOCKED'));
  await gate.open();
  const report = await run;
  await site.db.query('drop trigger gate on t');
  assert.deepEqual(
    report.phases.map((p) => p.name),
    ['load', 'index'],
  );
  assert.deepEqual(await portraitOf(site.db, 'public.t'), before);
  assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  const again = await load();
  assert.deepEqual(again.phases, [], 'nothing to load, so nothing was dropped');
});

test('a failed load leaves them dropped and says so; the next run brings them back, whatever it does', async () => {
  const before = await withIndexes();
  await site.db.query('insert into t (id) values (7777)');
  await assert.rejects(load(), isCode('SINK_REJECTED'));
  assert.deepEqual(await names(), KEPT);
  await site.db.query('delete from t');
  const report = await load({ mode: 'replace', indexes: 'keep' });
  assert.match(report.notes.join('\n'), /3 indexes that an earlier run had dropped were built again/);
  assert.deepEqual(await portraitOf(site.db, 'public.t'), before);
  assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  assert.deepEqual(await site.db.query('select * from parload.dropped_index'), []);
});

test('a partitioned table keeps its own; with other modes it is refused', async () => {
  await site.db.query(
    `create table t (id bigint, value float8, text text, at timestamp) partition by range (id);
     create table low partition of t for values from (minvalue) to (maxvalue); create index on t (text)`,
  );
  const { target } = await plan({ source: site.input.path, sink: sinkOf({}) });
  assert.match((target.steps ?? []).join(), /"t_text_idx" stays: the table is partitioned/);
  await load();
  assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  const low = await plan({ source: site.input.path, sink: sinkOf({ table: 'low' }) });
  assert.match((low.target.steps ?? []).join(), /stays: it is a part of the index of a partitioned table/);
  await assert.rejects(load({ mode: 'replace' }), isCode('CONFIG_INVALID'));
  await assert.rejects(load({ atomic: 'staging' }), isCode('CONFIG_INVALID'));
});

describe('killed', () => {
  for (const point of [...INDEX_FAILPOINTS, 'slice.after-commit', 'job.finished'] as const) {
    for (const second of [['--indexes', 'rebuild'], []]) {
      test(`${point}, then ${second.length === 0 ? 'without it' : 'again'}`, async () => {
        const before = await withIndexes();
        await site.killAt(`${point}:1`, ['--workers', '2', '--slice', 'rows:5000', '--indexes', 'rebuild']);
        if (point === 'indexes.dropped' || point === 'slice.after-commit')
          assert.deepEqual(await names(), KEPT);
        if (point === 'indexes.built' || point === 'job.finished') assert.deepEqual(await names(), ALL);
        await site.resume(['--workers', '1', ...second]);
        assert.deepEqual(await portraitOf(site.db, 'public.t'), before);
        assert.equal((await jobsOf(site.db, 't'))[0]?.state, 'finished');
      });
    }
  }
});
