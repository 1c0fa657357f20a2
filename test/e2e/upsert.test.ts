// --mode upsert and --mode append --atomic staging: what is merged, what is chosen, what is refused.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Int64, Utf8 } from 'apache-arrow';
import { copy, ParloadError, plan, type RunReport } from '../../src/index.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { leftovers } from '../support/table-portrait.ts';
import { createNumbered, expectedFingerprint, fingerprint, Site } from './fixture.ts';

const ROWS = 3_000;
const site = new Site(ROWS, { rowGroupRows: 500 });

const load = (sink: object, job: object = {}): Promise<RunReport> =>
  copy({
    source: site.input.path,
    sink: { url: site.db.url, table: 't', ...sink },
    workers: 2,
    slice: 'rows:500',
    ...job,
  });
const upsert = (more: object = {}, job: object = {}): Promise<RunReport> =>
  load({ mode: 'upsert', key: ['id'], ...more }, job);

const isCode =
  (code: string, message = /./) =>
  (error: unknown) => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(`${error.message}\n${error.hint}`, message);
    return true;
  };
const count = async (where = 'true'): Promise<number> =>
  Number((await site.db.query(`select count(*) as n from t where ${where}`))[0]?.n);

/** Keys and names, in the order of the file. */
function writePairs(name: string, pairs: readonly (readonly [number | null, string])[]): string {
  const path = join(site.dir, name);
  writeParquetFile(path, {
    rows: pairs.length,
    rowGroupRows: 400,
    columns: [
      {
        name: 'id',
        type: new Int64(),
        value: (row) => (pairs[row]![0] === null ? null : BigInt(pairs[row]![0]!)),
      },
      { name: 'text', type: new Utf8(), value: (row) => pairs[row]![1] },
    ],
  });
  return path;
}

describe('upsert', () => {
  test('makes the table with its key, merges a second input, skips what it merged before', async () => {
    const report = await upsert();
    assert.deepEqual(
      report.phases.map((p) => p.name),
      ['load', 'validate', 'merge'],
    );
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
    assert.deepEqual(await leftovers(site.db), []);
    await site.db.query("update t set text = 'mine', at = '2000-01-01' where id < 10");
    assert.equal((await upsert()).rows.loaded, 0);
    assert.equal(await count("text = 'mine'"), 10);
    const changes = writePairs('changes.parquet', [
      [5, 'five'],
      [-1, 'new'],
    ]);
    await upsert({}, { source: changes });
    const rows = await site.db.query('select id::int, text, at::text from t where id in (5, -1) order by id');
    assert.deepEqual(rows, [
      { id: -1, text: 'new', at: null },
      { id: 5, text: 'five', at: '2000-01-01 00:00:00' },
    ]);
    await upsert({}, { again: true });
    assert.equal(await count("text = 'mine'"), 0);
    assert.equal(await fingerprint(site.db, '(select * from t where id >= 0) as x'), site.input.fingerprint);
  });

  test('--on-conflict nothing and error', async () => {
    await createNumbered(site.db, 't');
    await site.db.query(
      "create unique index on t (id); insert into t (id, text) values (7, 'mine'), (8, 'mine')",
    );
    await assert.rejects(
      upsert({ onConflict: 'error' }),
      isCode('KEY_INVALID', /2 rows of the input have a key \("id"\) that "public\.t" has already/),
    );
    assert.equal(await count(), 2);
    const report = await upsert({ onConflict: 'nothing' });
    assert.match(report.notes.join(), /2,998 of 3,000 rows changed the table/);
    assert.equal(await count("text = 'mine'"), 2);
    assert.equal(await count(), ROWS);
  });

  test('a key of two columns in any order, a key that is all there is', async () => {
    await site.db.query('create table t (text text, id bigint, unique (text, id))');
    const path = writePairs('pairs.parquet', [
      [1, 'a'],
      [1, 'b'],
    ]);
    await upsert({ key: ['id', 'text'] }, { source: path });
    await upsert({ key: ['text', 'id'] }, { source: path, again: true });
    assert.equal(await count(), 2);
  });

  test('without a unique index over exactly the key it is refused, with the way out', async () => {
    await createNumbered(site.db, 't');
    await site.db.query(
      'create unique index on t (id, text); create unique index on t (id) where id > 5; create unique index on t (abs(id)); create index on t (id)',
    );
    const refused = isCode('KEY_NOT_UNIQUE', /CREATE UNIQUE INDEX ON "public"\."t" \("id"\)/);
    await assert.rejects(upsert(), refused);
    await assert.rejects(
      plan({ source: site.input.path, sink: { url: site.db.url, table: 't', mode: 'upsert', key: 'id' } }),
      refused,
    );
    await site.db.query('alter table t add constraint late unique (id) deferrable');
    await assert.rejects(upsert(), refused);
    await assert.rejects(upsert({ key: ['nope'] }), isCode('COLUMN_UNKNOWN'));
    await site.db.query('alter table t drop constraint late; create unique index on t (id) include (text)');
    assert.equal((await upsert()).rows.loaded, ROWS);
  });

  test('rows that share a key: refused with their number, or the last, or the first one', async () => {
    const many = Array.from({ length: 1500 }, (_, i) => [i % 1000, `a${i}`] as const);
    const first = writePairs('first.parquet', many);
    const second = writePairs('second.parquet', [
      [3, 'b0'],
      [2000, 'b1'],
      [3, 'b2'],
      [4, 'b3'],
    ]);
    const job = { source: [first, second], slice: 'rows:400', workers: 3 };
    await assert.rejects(
      upsert({}, job),
      isCode('KEY_INVALID', /1,003 rows of the input share 500 keys \("id"\)/),
    );
    assert.equal(await count(), 0);
    const text = async (id: number): Promise<unknown> =>
      (await site.db.query('select text from t where id = $1', [id]))[0]?.text;
    await upsert({ duplicates: 'last' }, job);
    assert.equal(await count(), 1001);
    assert.deepEqual(
      [await text(3), await text(4), await text(5), await text(999)],
      ['b2', 'b3', 'a1005', 'a999'],
    );
    await site.db.query('truncate t');
    await upsert({ duplicates: 'first' }, job);
    assert.deepEqual(
      [await text(3), await text(4), await text(5), await text(2000)],
      ['a3', 'a4', 'a5', 'b1'],
    );
    assert.deepEqual(await leftovers(site.db).then((l) => l.filter((r) => r.relkind === 'S')), []);
  });

  test('NULL in the key is refused', async () => {
    await site.db.query('create table t (id bigint unique, text text)');
    const path = writePairs('nulls.parquet', [
      [1, 'a'],
      [null, 'b'],
      [null, 'c'],
    ]);
    await assert.rejects(
      upsert({}, { source: path }),
      isCode('KEY_INVALID', /2 rows of the input have NULL in the key/),
    );
    assert.equal(await count(), 0);
  });

  test('several at once over the same rows, in opposite orders, all come through', async () => {
    await createNumbered(site.db, 't');
    await site.db.query('alter table t add primary key (id)');
    const ids = Array.from({ length: 2000 }, (_, i) => i);
    const paths = [0, 1, 2, 3].map((n) =>
      writePairs(
        `at-once-${n}.parquet`,
        (n % 2 === 0 ? ids : [...ids].reverse()).map((id) => [id, `n${n}`] as const),
      ),
    );
    // Jobs of their own: another filter is another job.
    const runs = paths.map((source, n) => upsert({}, { source, workers: 1, where: `id >= ${-1 - n}` }));
    for (const report of await Promise.all(runs)) assert.equal(report.rows.loaded, 2000);
    assert.equal(await count(), 2000);
    const [row] = await site.db.query('select count(distinct text)::int as n from t');
    assert.equal(row?.n, 1, 'each merge is one moment');
  });
});

describe('append at once', () => {
  test('all or nothing, beside other appends, and only once', async () => {
    await createNumbered(site.db, 't');
    await site.db.query("insert into t (id, text) values (-1, 'mine')");
    await site.db.query('alter table t add constraint small check (id < 2500)');
    await assert.rejects(load({ atomic: 'staging' }), isCode('SINK_REJECTED', /row 2\d\d\d of the input/));
    assert.equal(await count(), 1, 'nothing of it');
    await site.db.query('alter table t drop constraint small');
    await load({ atomic: 'staging' });
    assert.equal(await fingerprint(site.db, '(select * from t where id >= 0) as x'), site.input.fingerprint);
    assert.equal((await load({ atomic: 'staging' })).rows.loaded, 0);
    assert.equal((await load({})).rows.loaded, 0, 'plain append knows of it');
    assert.equal((await load({ atomic: 'staging' }, { again: true })).rows.loaded, ROWS);
    assert.equal(await count(), 1 + 2 * ROWS);
    assert.deepEqual(await leftovers(site.db), []);
  });

  test('goes on where plain append was stopped', async () => {
    await createNumbered(site.db, 't');
    await site.db.query('alter table t add constraint small check (id > 100)');
    await assert.rejects(load({}, { workers: 1 }), isCode('SINK_REJECTED'));
    const there = await count();
    assert.ok(there > 0 && there < ROWS, `${there}`);
    await site.db.query('alter table t drop constraint small');
    const report = await load({ atomic: 'staging' });
    assert.equal(report.rows.loaded, ROWS - there);
    assert.equal(await fingerprint(site.db, 't'), expectedFingerprint(0, ROWS));
  });

  test('columns that the rows have not get their defaults from the table', async () => {
    await site.db.query(
      "create table t (nr serial, id bigint, text text not null default 'x', made int generated always as identity, twice bigint generated always as (id * 2) stored, check (nr > 0))",
    );
    const path = writePairs('few.parquet', [
      [1, 'a'],
      [2, 'b'],
    ]);
    await load({ atomic: 'staging' }, { source: path });
    assert.deepEqual(await site.db.query('select nr, id::int, text, made, twice::int from t order by id'), [
      { nr: 1, id: 1, text: 'a', made: 1, twice: 2 },
      { nr: 2, id: 2, text: 'b', made: 2, twice: 4 },
    ]);
  });
});

describe('a staging table', () => {
  const broken = async (): Promise<void> => {
    await createNumbered(site.db, 't');
    await site.db.query('alter table t add constraint small check (id < 2999)');
    await assert.rejects(load({ mode: 'replace' }, { workers: 1 }), isCode('SINK_REJECTED'));
  };

  test('is kept for a rerun, which loads what is missing', async () => {
    await broken();
    await site.db.query('alter table t drop constraint small');
    const left = await leftovers(site.db);
    assert.equal(left.length, 1);
    // The table is made otherwise now, so the staging table is too.
    assert.equal((await load({ mode: 'replace' })).rows.loaded, ROWS);
    assert.deepEqual(await leftovers(site.db), []);
  });

  test('with other inputs is begun anew, and goes with another job that replaces the table', async () => {
    await broken();
    const other = writePairs('other.parquet', [
      [1, 'a'],
      [2, 'b'],
    ]);
    assert.equal((await load({ mode: 'replace' }, { source: other, schema: 'evolve' })).rows.loaded, 2);
    assert.equal(await count(), 2);
    await site.db.query('drop table t');
    await broken();
    await load({ mode: 'replace' }, { source: other, schema: 'evolve', where: 'id > 1' });
    assert.deepEqual(await leftovers(site.db), []);
  });

  test('that lost rows is loaded anew', async () => {
    await createNumbered(site.db, 't');
    const client = await site.db.connect();
    await client.query('begin isolation level repeatable read; select 1');
    // Somebody who looks at the database as it was before would see a part of the rows after a swap.
    await assert.rejects(
      load({ mode: 'replace', lockTimeout: '1s' }),
      isCode('SINK_TIMEOUT', /before the rows of "public\.t" were there/),
    );
    assert.equal(Number((await client.query('select count(*) from t')).rows[0]?.count), 0);
    await client.query('commit');
    const [left] = await leftovers(site.db);
    await site.db.query(`delete from ${String(left?.relname)} where id = 7`);
    const report = await load({ mode: 'replace' });
    assert.match(report.notes.join(), /lost rows; it is loaded anew/);
    assert.equal(report.rows.loaded, ROWS);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('is all that is left when the lock could not be had', async () => {
    await createNumbered(site.db, 't');
    const client = await site.db.connect();
    await client.query('begin; select count(*) from t');
    await assert.rejects(load({ mode: 'replace', lockTimeout: '1s' }), isCode('SINK_TIMEOUT'));
    await client.query('commit');
    const report = await load({ mode: 'replace' });
    assert.equal(report.rows.loaded, 0);
    assert.equal(report.rows.skipped, ROWS);
    assert.doesNotMatch(report.notes.join(), /--again/);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('a second replace of the same table, or an append beside it, is refused meanwhile', async () => {
    await createNumbered(site.db, 't');
    const client = await site.db.connect();
    await client.query('begin; lock table t in access share mode');
    let waiting = (): void => {};
    const ready = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const first = copy(
      { source: site.input.path, sink: { url: site.db.url, table: 't', mode: 'replace' }, workers: 1 },
      { onEvent: (event) => event.type === 'phase' && event.phase === 'swap' && waiting() },
    );
    await ready;
    await assert.rejects(load({ mode: 'replace' }), isCode('LOCKED'));
    await assert.rejects(load({}, { where: 'id > 1' }), isCode('LOCKED'));
    await assert.rejects(load({ mode: 'replace' }, { where: 'id > 1' }), isCode('LOCKED', /must be alone/));
    await client.query('commit');
    assert.equal((await first).rows.loaded, ROWS);
  });
});
