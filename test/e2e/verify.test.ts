// `parload verify` finds every fault that is put into a table that was loaded, and names the columns.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import { Float64, Int64, Utf8 } from 'apache-arrow';
import type { VerifyReport } from '../../src/index.ts';
import { runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';
import { assertFailure, copyArgs, copyJson } from './fixture.ts';

const ROWS = 9_000;
const postgres = withPostgres();
const dir = temporaryFolder();
const path = join(dir, 'rows.parquet');
let db: TestDatabase;

before(() => {
  writeParquetFile(path, {
    rows: ROWS,
    rowGroupRows: 2_000,
    columns: [
      { name: 'id', type: new Int64(), value: (row) => BigInt(row) },
      { name: 'a', type: new Float64(), value: (row) => (row % 5 === 0 ? null : row / 4) },
      { name: 'b', type: new Float64(), value: (row) => row / 2 + 1 },
      {
        name: 'text',
        type: new Utf8(),
        value: (row) => (row % 7 === 0 ? '' : row % 9 === 0 ? null : `t${row}`),
      },
    ],
  });
});

beforeEach(async () => {
  db = await postgres.freshDatabase();
  const { code, stderr } = await copyJson(copyArgs(path, db, 't', ['--workers', '2']));
  assert.equal(code, 0, stderr);
});

interface Verified {
  readonly code: number | null;
  readonly stderr: string;
  readonly report: VerifyReport;
  /** Names of columns that differ. */
  readonly different: readonly string[];
}

async function verify(more: readonly string[] = []): Promise<Verified> {
  const result = await runCli(['verify', path, db.url, '--table', 't', '--json', '--workers', '2', ...more]);
  assert.notEqual(result.stdout, '', result.stderr);
  const report = JSON.parse(result.stdout) as VerifyReport;
  return { ...result, report, different: report.columns.filter((c) => !c.equal).map((c) => c.name) };
}

async function assertDifferent(columns: readonly string[], message: RegExp): Promise<VerifyReport> {
  const { code, report, different, stderr } = await verify();
  assert.equal(report.state, 'different');
  assert.deepEqual(different, columns);
  assertFailure({ code, stderr, stdout: '', signal: null, elapsedMs: 0 }, 'VERIFY_DIFFERS', 6, message);
  return report;
}

test('what was loaded is equal, whatever the order, the size of parts and the workers', async () => {
  const { code, report, stderr } = await verify();
  assert.equal(code, 0, stderr);
  assert.equal(report.state, 'equal');
  assert.deepEqual(report.rows, { source: ROWS, filtered: 0, rejected: 0, target: ROWS });
  assert.deepEqual(
    report.columns.map((c) => [c.name, c.equal, c.nulls.source, c.nulls.target]),
    [
      ['id', true, 0, 0],
      ['a', true, ROWS / 5, ROWS / 5],
      ['b', true, 0, 0],
      ['text', true, 857, 857],
    ],
  );
  await db.query(
    'create table u as select * from t order by md5(id::text); drop table t; alter table u rename to t',
  );
  assert.equal((await verify(['--workers', '3', '--slice', 'rows:700'])).code, 0);
});

describe('a fault in the table', () => {
  test('one cell changed', async () => {
    await db.query('update t set b = b + 0.5 where id = 4321');
    await assertDifferent(['b'], /values differ in column "b"/);
  });

  test('one row missing', async () => {
    await db.query('delete from t where id = 8999');
    const report = await assertDifferent([], /files have 9,000 rows, the table has 8,999: 1 fewer/);
    assert.equal(report.rows.target, ROWS - 1);
  });

  test('one row twice', async () => {
    await db.query('insert into t select * from t where id = 0');
    await assertDifferent([], /the table has 9,001: 1 more/);
  });

  test('one row missing and another one twice: the counts are equal', async () => {
    await db.query('delete from t where id = 100; insert into t select * from t where id = 101');
    await assertDifferent(['id', 'a', 'b', 'text'], /column "id", "a", "b", "text"/);
  });

  test('two columns swapped', async () => {
    await db.query('update t set a = b, b = a');
    await assertDifferent(['a', 'b'], /column "a", "b"/);
  });

  test('a NULL for an empty string', async () => {
    await db.query("update t set text = null where id = 14 and text = ''");
    const report = await assertDifferent(['text'], /column "text"/);
    assert.deepEqual(report.columns[3]?.nulls, { source: 857, target: 858 });
  });

  test('an empty string for a NULL', async () => {
    await db.query("update t set text = '' where id = 9");
    await assertDifferent(['text'], /column "text"/);
  });

  test('two rows exchanged a cell: the column that moved is named', async () => {
    await db.query(
      'update t set b = case id when 10 then (select b from t where id = 20) else (select b from t where id = 10) end where id in (10, 20)',
    );
    const report = await assertDifferent(['b'], /the same values, but in other rows: column "b"/);
    assert.equal(report.columns[2]?.difference, 'rows');
  });

  test('two pairs of rows exchanged cells of two columns: that rows are mixed is known', async () => {
    await db.query(
      `update t set b = (select b from t x where x.id = 30 - t.id) where id in (10, 20);
       update t set text = (select text from t x where x.id = 70 - t.id) where id in (30, 40)`,
    );
    await assertDifferent([], /several columns at once/);
  });

  test('nothing of the data is said', async () => {
    await db.query("update t set text = 'hush-hush' where id = 5");
    const result = await runCli(['verify', path, db.url, '--table', 't', '-v']);
    assert.equal(result.code, 6);
    assert.match(result.stdout, /text +text +values differ/);
    assert.doesNotMatch(result.stdout + result.stderr, /hush|t5\b/);
  });
});

describe('a table with other rows too', () => {
  test('--table-where compares a part of it', async () => {
    await db.query('alter table t add column load int default 1; alter table t alter load set default 2');
    await db.query('insert into t (id, b) select i, i from generate_series(1, 50) i');
    const all = await verify();
    assert.equal(all.code, 6);
    assert.match(all.stderr, /50 more\n.*hint: .*--table-where/s);
    const part = await verify(['--table-where', 'load = 1 -- first']);
    assert.equal(part.code, 0, part.stderr);
    assert.ok(part.report.notes.some((n) => /not compared: "load"/.test(n)));
  });

  test('filter, selection and new names as copy had them', async () => {
    await db.query('truncate t');
    const how = [
      '--where',
      'id >= 100 and id < 400',
      '--columns',
      'id,text',
      '--rename',
      'text=t2',
      '--table',
      'part',
    ];
    assert.equal((await copyJson(['copy', path, db.url, ...how])).code, 0);
    const result = await verify(how);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.report.rows.source, 300);
    assert.equal(result.report.rows.filtered, ROWS - 300);
  });

  test('partitions and children are read as the table shows them', async () => {
    await db.query(
      `create table p (like t) partition by range (id); create table p1 partition of p for values from (0) to (5000);
       create table p2 partition of p for values from (5000) to (9000); insert into p select * from t`,
    );
    assert.equal((await verify(['--table', 'p'])).code, 0);
    await db.query(
      'create table child () inherits (t); insert into child select * from t where id = 3; delete from only t where id = 3',
    );
    assert.equal((await verify()).code, 0);
    await db.query('delete from child');
    assert.equal((await verify()).code, 6);
  });
});

describe('what stops a comparison', () => {
  test('no table, no column, no rows to read', async () => {
    assertFailure(await runCli(['verify', path, db.url, '--table', 'none']), 'TABLE_MISSING', 4);
    await db.query('alter table t drop column b');
    assertFailure(await runCli(['verify', path, db.url, '--table', 't']), 'COLUMN_MISSING', 4, /"b"/);
    assertFailure(await runCli(['verify', path, 'null:']), 'USAGE', 2, /keeps no rows/);
    assertFailure(
      await runCli(['verify', path, db.url, '--table', 't', '--exclude', 'b', '--table-where', 'nope = 1']),
      'SINK_SQL',
      4,
    );
  });

  test('a backend that is ended: the part is read again', async () => {
    await db.query('alter table t add column wait text default pg_sleep(0)::text');
    const running = runCli([
      'verify',
      path,
      db.url,
      '--table',
      't',
      '--table-where',
      '(id <> 4000 or pg_sleep(3) is not null)',
      '--json',
    ]);
    let ended = false;
    for (let i = 0; i < 200 && !ended; i++) {
      const rows = await db.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'COPY (SELECT%' and wait_event = 'PgSleep'",
      );
      ended = rows.length > 0;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const { code, stderr } = await running;
    assert.ok(ended);
    assert.equal(code, 0, stderr);
  });
});
