// --on-error skip: exactly the rows that fail are left out, whatever refuses them; each is in the ledger and in the file,
// once, also after kill -9; and the file loads again.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import { Int32, Int64, Utf8 } from 'apache-arrow';
import { runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';
import { readCells } from '../support/read-cells.ts';
import { temporaryFolder } from '../support/root.ts';
import { assertFailure, copyArgs, copyJson, countRows, noBackends } from './fixture.ts';

const ROWS = 12_000;
const GROUP_ROWS = 3_000;
const postgres = withPostgres();
const dir = temporaryFolder();
const input = join(dir, 'rows.parquet');
let db: TestDatabase;
let file = '';
let turn = 0;

const idOf = (row: number): number => (row % 1999 === 1998 ? row - 1 : row);
const qtyOf = (row: number): number => (row % 997 === 5 ? 40_000 : row % 100);
const noteOf = (row: number): string | null =>
  row % 1009 === 7 ? null : row % 1013 === 8 ? 'much too long' : `n${row % 1000}`;
const parentOf = (row: number): number => (row % 3001 === 9 ? 99 : row % 5);

/** Why a row must fail; null: it must be loaded. Of two rows with one id, the first one is loaded. */
function faultOf(row: number): RegExp | null {
  if (qtyOf(row) === 40_000) return /column "qty" is out of range/;
  if (noteOf(row) === null) return /null in a not-null column.*column "note"/;
  if ((noteOf(row)?.length ?? 0) > 8) return /column "note" is longer than 8 characters/;
  if (row % 1999 === 1998) return /unique constraint violated.*"t_pkey"/;
  if (qtyOf(row) === 77 && row % 700 === 77) return /check constraint violated/;
  if (parentOf(row) === 99) return /foreign key violated/;
  return null;
}
const BAD = Array.from({ length: ROWS }, (_, row) => row).filter((row) => faultOf(row) !== null);

before(() => {
  writeParquetFile(input, {
    rows: ROWS,
    rowGroupRows: GROUP_ROWS,
    columns: [
      { name: 'id', type: new Int64(), value: (row) => BigInt(idOf(row)) },
      { name: 'qty', type: new Int32(), value: qtyOf },
      { name: 'note', type: new Utf8(), value: noteOf },
      { name: 'parent', type: new Int32(), value: parentOf },
    ],
  });
});

const createTable = async (): Promise<void> => {
  await db.query('create table parent (id int primary key); insert into parent select generate_series(0, 4)');
  await db.query(
    `create table t (id bigint primary key, qty smallint check (qty <> 77 or id % 700 <> 77), note varchar(8) not null,
       parent int references parent deferrable initially deferred)`,
  );
};

beforeEach(async () => {
  db = await postgres.freshDatabase();
  file = join(dir, `rejects${turn++}.parquet`);
  await createTable();
});

const skip = (...more: string[]): string[] =>
  copyArgs(input, db, 't', ['--rejects', file, '--workers', '2', '--slice', 'rows:2000', ...more]);

async function loadedIds(): Promise<number[]> {
  return (await db.query('select id::int as id from t order by id')).map((r) => Number(r.id));
}

/** Table, ledger and file hold what they must, each row once. */
async function assertExact(): Promise<void> {
  const good = Array.from({ length: ROWS }, (_, row) => row).filter((row) => faultOf(row) === null);
  assert.deepEqual(await loadedIds(), good.map(idOf));
  const [sums] = await db.query(
    `select sum(rows_loaded)::int as loaded, sum(jsonb_array_length(rejects))::int as rejected, sum(row_count)::int as read
       from parload.slice`,
  );
  assert.deepEqual(sums, { loaded: good.length, rejected: BAD.length, read: ROWS });
  const cells = await readCells(file);
  const column = (name: string): readonly string[] =>
    cells.words[cells.fields.findIndex((f) => f.name === name)]!;
  assert.deepEqual(column('_reject_row').map(Number), BAD);
  assert.deepEqual(column('id').map(Number), BAD.map(idOf));
  assert.deepEqual(
    column('_reject_row_group').map(Number),
    BAD.map((row) => Math.floor(row / GROUP_ROWS)),
  );
  const reasons = column('_reject_reason').map((word) => String(JSON.parse(word)));
  for (const [k, row] of BAD.entries()) assert.match(reasons[k]!, faultOf(row)!, `row ${row}`);
  assert.equal(new Set(column('_reject_input')).size, 1);
}

test('exactly the rows that fail are left out, by encoder, server, key, check and reference', async () => {
  const { code, report, stderr } = await copyJson(skip());
  assert.equal(code, 5, stderr);
  assert.equal(report.state, 'done');
  assert.deepEqual(report.rows, {
    total: ROWS,
    read: ROWS,
    loaded: ROWS - BAD.length,
    filtered: 0,
    pruned: 0,
    skipped: 0,
    rejected: BAD.length,
  });
  assert.deepEqual(report.rejects, { rows: BAD.length, file });
  await assertExact();

  // what was left out is not missed, and everything else is compared
  const verifyArgs = ['verify', input, db.url, '--table', 't', '--on-error', 'skip', '--json'];
  const verified = await runCli(verifyArgs);
  assert.equal(verified.code, 0, verified.stderr);
  assert.deepEqual((JSON.parse(verified.stdout) as { rows: unknown }).rows, {
    source: ROWS - BAD.length,
    filtered: 0,
    rejected: BAD.length,
    target: ROWS - BAD.length,
  });
  await db.query('update t set qty = qty + 1 where id = 10');
  assert.equal((await runCli(verifyArgs)).code, 6);
  await db.query('update t set qty = qty - 1 where id = 10');

  // nothing is left to load; the file is made again as it was, and the exit code stays
  const again = await copyJson(skip());
  assert.equal(again.code, 5);
  assert.equal(again.report.rows.skipped, ROWS);
  await assertExact();
});

test('without a bad row nothing is different', async () => {
  const { code, report } = await copyJson(skip('--where', 'id < 5'));
  assert.equal(code, 0);
  assert.equal(report.rejects, undefined);
  assert.equal(existsSync(file), false);
});

test('--max-errors stops the load over all workers; what was rejected is told, and more may be allowed', async () => {
  const first = await copyJson(skip('--max-errors', '9'));
  assertFailure(first, 'REJECTS_EXCEEDED', 4);
  const [kept] = await db.query(
    'select coalesce(sum(jsonb_array_length(rejects)), 0)::int as n, coalesce(sum(rows_loaded), 0)::int as loaded from parload.slice',
  );
  assert.ok(Number(kept?.n) <= 9, `${kept?.n}`);
  assert.equal(await countRows(db, 't'), Number(kept?.loaded));
  assert.equal(first.report.rejects?.rows ?? 0, Number(kept?.n));
  const second = await copyJson(skip('--max-errors', String(BAD.length)));
  assert.equal(second.code, 5, second.stderr);
  await assertExact();
});

test('one bad row stops a load that does not skip', async () => {
  const result = await runCli(copyArgs(input, db, 't'));
  assert.equal(result.code, 4);
});

describe('the file', () => {
  test('loads again by the same command when the table is mended', async () => {
    assert.equal((await copyJson(skip())).code, 5);
    await db.query(
      'alter table t alter qty type int, alter note type text, alter note drop not null, drop constraint t_pkey',
    );
    await db.query('alter table t drop constraint t_check, drop constraint t_parent_fkey');
    const { code, report, stderr } = await copyJson(copyArgs(file, db, 't'));
    assert.equal(code, 0, stderr);
    assert.equal(report.rows.loaded, BAD.length);
    const [row] = await db.query(
      'select count(*)::int as n, sum(id)::int as ids, sum(qty)::int as qty from t',
    );
    const all = Array.from({ length: ROWS }, (_, k) => k);
    assert.deepEqual(row, {
      n: ROWS,
      ids: all.reduce((sum, k) => sum + idOf(k), 0),
      qty: all.reduce((sum, k) => sum + qtyOf(k), 0),
    });
  });

  test('of something else is not overwritten, nor a folder; nothing is loaded then', async () => {
    writeFileSync(file, 'mine');
    assertFailure(await runCli(skip()), 'FILE_UNWRITABLE', 2, /is there already/);
    assertFailure(
      await runCli(copyArgs(input, db, 't', ['--rejects', input])),
      'FILE_UNWRITABLE',
      2,
      /not the rejects of this job/,
    );
    assert.equal(await countRows(db, 't'), 0);
  });

  test('says nothing of the data in messages', async () => {
    const { stdout, stderr } = await runCli(skip('-v'));
    assert.doesNotMatch(stdout + stderr, /much too long|40000|40,000/);
    assert.match(stdout, new RegExp(`rejects +${BAD.length} rows of this job were rejected: `));
  });
});

test('a row that only comes later in its batch is found by a reference to it', async () => {
  await db.query('create table tree (id bigint primary key, qty int)');
  await db.query('alter table tree add foreign key (qty) references tree (id)');
  // each row refers to one further on; one bad row makes all go one by one
  const path = join(dir, 'tree.parquet');
  writeParquetFile(path, {
    rows: 200,
    columns: [
      { name: 'id', type: new Int64(), value: (row) => BigInt(row) },
      { name: 'qty', type: new Int32(), value: (row) => (row === 50 ? 5000 : Math.min(row + 7, 199)) },
    ],
  });
  const { code, report } = await copyJson(copyArgs(path, db, 'tree', ['--on-error', 'skip']));
  assert.equal(code, 5);
  // 50 refers to nothing; 43 refers to 50, 36 to 43, and so on
  assert.equal(report.rows.rejected, 8);
});

for (const mode of ['replace', 'append']) {
  test(`--mode ${mode} --atomic staging leaves rows out as they go into the staging table`, async () => {
    await db.query(
      'create table s (id bigint, qty smallint, note varchar(8), parent int); insert into s values (-1)',
    );
    const bad = Array.from({ length: ROWS }, (_, row) => row).filter(
      (row) => qtyOf(row) === 40_000 || (noteOf(row)?.length ?? 0) > 8,
    );
    const args = copyArgs(input, db, 's', ['--mode', mode, '--atomic', 'staging', '--rejects', file]);
    const killed = await runCli(args, { env: { PARLOAD_FAILPOINT: 'job.before-finish' } });
    assert.equal(killed.signal, 'SIGKILL', killed.stderr);
    assert.equal(await countRows(db, 's'), 1);
    await noBackends(db);
    const { code, report, stderr } = await copyJson(args);
    assert.equal(code, 5, stderr);
    assert.equal(report.rejects?.rows, bad.length);
    assert.equal(await countRows(db, 's'), ROWS - bad.length + (mode === 'append' ? 1 : 0));
    const cells = await readCells(file);
    assert.deepEqual(cells.words.at(-1)!.map(Number), bad);
  });
}

describe('kill -9', () => {
  for (const point of [
    'slice.before-commit:2',
    'slice.after-commit:2',
    'job.before-finish',
    'job.finished',
    'job.rejects-told',
  ]) {
    test(`at ${point}: no reject is lost, none is there twice`, async () => {
      const killed = await runCli(skip(), { env: { PARLOAD_FAILPOINT: point } });
      assert.equal(killed.signal, 'SIGKILL', killed.stderr);
      await noBackends(db);
      const { code, stderr } = await copyJson(
        copyArgs(input, db, 't', ['--rejects', file, '--workers', '3', '--slice', 'rows:1700']),
      );
      assert.equal(code, 5, stderr);
      await assertExact();
    });
  }
});

test('what cannot be is said before anything is loaded', async () => {
  assertFailure(await runCli(skip('--on-error', 'stop')), 'CONFIG_INVALID', 2, /onError is stop/);
  assertFailure(
    await runCli(['copy', input, 'null:', '--on-error', 'skip']),
    'CONFIG_INVALID',
    2,
    /cannot leave/,
  );
});
