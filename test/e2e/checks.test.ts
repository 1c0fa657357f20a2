// --not-null, --check and --min-rows: what does not hold is said with counts, and nothing of the data.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCli } from '../support/cli.ts';
import { assertFailure, copyJson, countRows, Site } from './fixture.ts';

const ROWS = 4_000;
const site = new Site(ROWS, { rowGroupRows: 1_000 });

const CHECKS = [
  '--not-null',
  'id',
  '--check',
  'select id, id from {table} where id < 0;',
  '--min-rows',
  String(ROWS),
];

describe('checks of an append', () => {
  test('that hold change nothing', async () => {
    const { code, stderr } = await copyJson(site.copyArgs(CHECKS));
    assert.equal(code, 0, stderr);
    await site.assertExact();
  });

  test('that do not hold: exit 6, what is loaded, and all of them at once', async () => {
    const file = join(site.dir, 'check.sql');
    writeFileSync(file, "select * from {table} where text like 'row 8 %' -- a comment at the end");
    const more = [
      ...['--not-null', 'id,value,text', '--min-rows', '5000'],
      ...[
        '--check',
        'select 1 from {table} where id % 2 = 0',
        '--check',
        `@${file}`,
        '--check',
        'select 1 where false',
      ],
    ];
    const { code, stderr, report } = await copyJson(site.copyArgs(more));
    assert.equal(code, 6);
    assert.equal(report.state, 'failed');
    assert.equal(report.error?.code, 'CHECK_FAILED');
    assert.equal(report.rows.loaded, ROWS);
    assert.match(stderr, /4,000 rows, but --min-rows 5,000/);
    assert.match(stderr, /column "value" is NULL in 364 rows/);
    assert.match(stderr, /column "text" is NULL in 571 rows/);
    assert.match(stderr, /--check 1 of 3 returned more than 1,000 rows; --check 2 of 3 returned 1 row;/);
    assert.match(stderr, /the 4,000 rows of this load are in "public.t" and stay there/);
    assert.doesNotMatch(stderr, /"id" is NULL|check 3/);
    assert.equal(await countRows(site.db, 't'), ROWS);

    // the same again loads nothing twice, and checks again
    const again = await copyJson(site.copyArgs(more));
    assert.equal(again.code, 6);
    assert.equal(again.report.rows.loaded, 0);
    await site.db.query('update t set value = 1 where value is null');
    const mended = await copyJson(site.copyArgs(['--not-null', 'value']));
    assert.equal(mended.code, 0, mended.stderr);
    assert.equal(mended.report.rows.skipped, ROWS);
    assert.equal(await countRows(site.db, 't'), ROWS);
  });

  test('--post-sql and the end of the job wait for them', async () => {
    await site.db.query('create table mark (n int)');
    const failing = [...['--check', 'select 1'], ...['--post-sql', 'insert into mark values (1)']];
    assert.equal((await copyJson(site.copyArgs(failing))).code, 6);
    assert.equal(await countRows(site.db, 'mark'), 0);
  });

  test('columns and SQL that cannot be are found before the load', async () => {
    const load = (more: readonly string[]) => runCli(site.copyArgs(more));
    assertFailure(await load(['--not-null', 'ID']), 'COLUMN_UNKNOWN', 2, /--not-null: .* no column "ID"/);
    assertFailure(await load(['--check', 'select nope from {table}']), 'SINK_SQL', 4, /--check 1/);
    assertFailure(await load(['--check', 'delete from {table} returning 1']), 'SINK_SQL', 4);
    assertFailure(await load(['--check', '@/nowhere/x.sql']), 'CONFIG_INVALID', 2, /check: cannot read/);
    assertFailure(await load(['--min-rows', 'many']), 'CONFIG_INVALID', 2);
    assert.equal(await countRows(site.db, 't'), 0);
  });
});
