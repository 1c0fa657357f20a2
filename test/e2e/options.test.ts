// The options of a load against a real table: rows and columns, SQL of the user, dry run, job file, library.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Int32, Utf8 } from 'apache-arrow';
import { type ColumnMapping, copy, plan, status } from '../../src/index.ts';
import { runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { assertFailure, copyArgs, copyJson, countRows, fingerprint, Site } from './fixture.ts';

const ROWS = 20_000;

const site = new Site(ROWS, { rowGroupRows: 2000 });

async function load(more: readonly string[], table = 't') {
  const result = await copyJson(site.copyArgs(more, table));
  assert.equal(result.code, 0, result.stderr);
  return result.report;
}

describe('--where keeps what SQL keeps', () => {
  const filters: readonly (readonly [string, boolean])[] = [
    ['id >= 2345 and id < 13456', true],
    ['id in (1, 1999, 2000, 19999, 60000)', false],
    ['value is null', false],
    ['value > 100.125 and text is not null', false],
    ["text >= 'row 3' and text < 'row 4'", false],
    ["text in ('row 100 äöü 9', 'row 7 äöü 7', 'none')", false],
    ["at >= '2023-11-14 22:13:25' and at < '2023-11-14 22:13:30'", true],
  ];
  test('row by row', async () => {
    await load([], 'everything');
    for (const [filter, prunes] of filters) {
      const report = await load(['--where', filter]);
      const { rows } = report;
      assert.equal(rows.loaded + rows.filtered + rows.pruned, ROWS, filter);
      if (prunes) assert.ok(rows.pruned > 0, `no row group was skipped: ${filter}`);
      const [difference] = await site.db.query(
        `select (select count(*)::int from (table t except all select * from everything where ${filter}) as more) as more,
                (select count(*)::int from (select * from everything where ${filter} except all table t) as less) as less`,
      );
      assert.deepEqual(difference, { more: 0, less: 0 }, filter);
      await site.db.query('drop table t');
    }
  });
});

describe('columns', () => {
  const columnsOf = async (table: string): Promise<string[]> =>
    (
      await site.db.query(
        'select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum',
        [table],
      )
    ).map((r) => String(r.attname));

  test('--columns, --exclude, --rename, and together with a filter on a column that is left out', async () => {
    await load(['--columns', 'text,id'], 'chosen');
    assert.deepEqual((await columnsOf('chosen')).toSorted(), ['id', 'text']);
    await load(['--exclude', 'value,at'], 'others');
    assert.deepEqual(await columnsOf('others'), ['id', 'text']);
    await load(['--rename', 'id=number,text=Some Words'], 'renamed');
    assert.deepEqual(await columnsOf('renamed'), ['number', 'value', 'Some Words', 'at']);
    await load(['--columns', 'id,text', '--rename', 'id=n', '--where', 'value > 2000'], 'mixed');
    assert.deepEqual((await columnsOf('mixed')).toSorted(), ['n', 'text']);
    const [same] = await site.db.query(
      `select (select count(*)::int from (select id, text from chosen except table others) x) as a,
              (select count(*)::int from (select number, "Some Words" from renamed except select id, text from chosen) x) as b,
              (select count(*)::int from (select n, text from mixed except select number, "Some Words" from renamed
                 where value > 2000) x) as c,
              (select count(*)::int from mixed) as d, (select count(*)::int from renamed where value > 2000) as e`,
    );
    assert.deepEqual([same?.a, same?.b, same?.c], [0, 0, 0]);
    assert.equal(same?.d, same?.e);
  });

  test('a table with the columns in another order and more of them', async () => {
    await site.db.query(
      "create table t (at timestamp, extra text default 'x', text text, id bigint, value float8, g bigint generated always as (id * 2) stored)",
    );
    await load([]);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
    assert.deepEqual(
      await site.db.query("select count(*)::int as n from t where g = id * 2 and extra = 'x'"),
      [{ n: ROWS }],
    );
  });

  test('hive folders become columns, and a filter on them opens no other file', async () => {
    const { mkdirSync } = await import('node:fs');
    for (const [year, first] of [
      [2023, 0],
      [2024, 100],
    ] as const) {
      mkdirSync(join(site.dir, 'hive', `year=${year}`, 'city=a%2Fb'), { recursive: true });
      const path = join(site.dir, 'hive', `year=${year}`, 'city=a%2Fb', 'p.parquet');
      writeParquetFile(path, {
        rows: 100,
        columns: [
          { name: 'n', type: new Int32(), value: (row) => first + row },
          { name: 's', type: new Utf8(), value: String },
        ],
      });
    }
    const args = copyArgs(join(site.dir, 'hive'), site.db, 'parts', ['--where', 'year = 2024']);
    const plan = await runCli(['plan', ...args.slice(1), '--json']);
    const types = JSON.parse(plan.stdout).target.mapping.map((m: ColumnMapping) => [m.name, m.sourceType]);
    assert.deepEqual(
      types.slice(-1),
      [['city', 'string']],
      'the type of its values, not of their dictionary',
    );

    const { code, report } = await copyJson(args);
    assert.equal(code, 0);
    assert.equal(report.rows.loaded, 100);
    assert.equal(report.rows.pruned, 100);
    assert.deepEqual(
      await site.db.query('select distinct year::int, city, min(n) as least from parts group by 1, 2'),
      [{ year: 2024, city: 'a/b', least: 100 }],
    );
  });
});

describe('SQL of the user', () => {
  test('--pre-sql and --post-sql run each time, --analyze counts', async () => {
    await site.db.query('create table log (at text, rows bigint)');
    const sql = [
      '--pre-sql',
      "create table if not exists t (id bigint, value float8, text text, at timestamp); truncate t; insert into log values ('pre', 0)",
      '--post-sql',
      "insert into log select 'post', count(*) from t",
      '--analyze',
    ];
    await load(sql);
    assert.deepEqual(await site.db.query('select at, rows::int from log order by at'), [
      { at: 'post', rows: ROWS },
      { at: 'pre', rows: 0 },
    ]);
    assert.deepEqual(await site.db.query("select reltuples::int as n from pg_class where relname = 't'"), [
      { n: ROWS },
    ]);
    assert.equal((await load(sql)).rows.loaded, ROWS, 'truncated by --pre-sql, so loaded again');
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('--pre-sql that fails: nothing is loaded; --post-sql that fails: the rows stay and a rerun runs it', async () => {
    assertFailure(await runCli(site.copyArgs(['--pre-sql', 'selekt 1'])), 'SINK_SQL', 4, /--pre-sql/);
    assert.equal(await countRows(site.db, 't'), 0);
    const post = ['--post-sql', 'insert into done values (1)'];
    assertFailure(await runCli(site.copyArgs(post)), 'TABLE_MISSING', 4, /--post-sql/);
    assert.equal(await countRows(site.db, 't'), ROWS);
    await site.db.query('create table done (n int)');
    assert.equal((await load(post)).rows.loaded, 0);
    assert.deepEqual(await site.db.query('select n from done'), [{ n: 1 }]);
  });
});

test('--dry-run and plan change nothing', async () => {
  for (const args of [site.copyArgs(['--dry-run']), ['plan', site.input.path, site.db.url, '--table', 't']]) {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /CREATE TABLE/i);
    assert.match(stdout, /20,000 to load/);
  }
  const left = await site.db.query(
    "select 1 from pg_namespace where nspname = 'parload' union all select 1 from pg_class where relname = 't'",
  );
  assert.deepEqual(left, []);
});

test('flags, a job file and the library give the same table, and are the same job', async () => {
  const where = 'id >= 1000 and value is not null';
  await load(['--where', where, '--rename', 'text=words', '--exclude', 'at', '--workers', '2'], 'by_flags');

  const path = join(site.dir, 'job.yaml');
  const yaml = [
    `source: ${site.input.path}`,
    'sink:',
    `  url: \${env:TEST_URL}`,
    '  table: by_file',
    `where: ${JSON.stringify(where)}`,
    'rename: { text: words }',
    'exclude: [at]',
    'workers: 2',
  ];
  writeFileSync(path, `${yaml.join('\n')}\n`);
  const byFile = await copyJson(['copy', '-c', path], { env: { TEST_URL: site.db.url } });
  assert.equal(byFile.code, 0, byFile.stderr);

  const job = {
    source: site.input.path,
    sink: { url: site.db.url, table: 'by_library' },
    where,
    rename: { text: 'words' },
    exclude: ['at'],
    workers: 2,
  };
  const planned = await plan(job);
  assert.equal(planned.target.exists, false);
  const byLibrary = await copy(job);
  assert.equal(byLibrary.state, 'done');

  assert.deepEqual(byFile.report.rows, byLibrary.rows);
  const [same] = await site.db.query(
    `select (select count(*)::int from (table by_flags except all table by_file) x) as a,
            (select count(*)::int from (table by_file except all table by_library) x) as b,
            (select count(*)::int from by_flags) as n, (select count(*)::int from by_library) as m`,
  );
  assert.deepEqual([same?.a, same?.b], [0, 0]);
  assert.equal(same?.n, same?.m);

  // One job whoever starts it: what the file began, the library finds done.
  assert.equal((await copy({ ...job, sink: { url: site.db.url, table: 'by_flags' } })).rows.loaded, 0);
  const jobs = await status({ url: site.db.url, table: 'by_library' });
  assert.deepEqual(
    jobs.map((j) => [j.state, j.rowsLoaded]),
    [['finished', byLibrary.rows.loaded]],
  );
});
