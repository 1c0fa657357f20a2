// What goes wrong at the target and in what the user says: code, hint, exit code, no stack, no secret, nothing half-loaded.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Int32, Int64, Utf8 } from 'apache-arrow';
import { freePort } from '../../scripts/pg/cluster.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { withPostgres } from '../support/postgres.ts';
import { assertFailure, copyJson, countRows, createNumbered, fingerprint, Site } from './fixture.ts';

const ROWS = 60_000;
const SECRET = 'hunter2-geheim';

const site = new Site(ROWS);
/** Every command in this file runs with the password in its URI, and must never show it. */
const guarded = withPostgres({ embedded: true, auth: 'scram', password: SECRET });

const assertNoSecret = ({ stdout, stderr }: CliResult): void => {
  for (const secret of [SECRET, encodeURIComponent(SECRET)]) {
    assert.ok(!stdout.includes(secret) && !stderr.includes(secret), 'the password is shown');
  }
};

/** `postgres://user:SECRET@...` of a database that asks for no password. */
const withSecret = (url: string): string => {
  const parsed = new URL(url);
  parsed.password = SECRET;
  return parsed.href;
};

const load = (table: string, more: readonly string[] = [], path = site.input.path): Promise<CliResult> =>
  runCli(['copy', path, withSecret(site.db.url), '--table', table, ...more]);

describe('two at once', () => {
  test('one loads, the other is LOCKED and says by whom; the rows are exact', async () => {
    const slices = ['--slice', 'rows:10000'];
    const { gate, running } = await site.hold('new.id in (15000, 45000)', slices);
    const second = await runCli(site.copyArgs(['--workers', '2', ...slices]));
    const holder = new RegExp(`run [0-9a-f-]{36} \\(process ${running.child.pid} on \\S+, since [^)]+\\)`);
    assertFailure(second, 'LOCKED', 4, holder);
    await gate.open();
    const { code, stderr } = await running.result;
    assert.equal(code, 0, stderr);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('started in the same moment: together they load every row once', async () => {
    const args = site.copyArgs(['--workers', '2', '--slice', 'rows:10000']);
    const results = await Promise.all([runCli(args), runCli(args), runCli(args)]);
    for (const result of results) if (result.code !== 0) assertFailure(result, 'LOCKED', 4);
    assert.ok(results.some((r) => r.code === 0));
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('another job into the same table is no conflict', async () => {
    await createNumbered(site.db, 't');
    const [one, two] = await Promise.all([
      runCli(site.copyArgs(['--where', 'id < 30000'])),
      runCli(site.copyArgs(['--where', 'id >= 30000'])),
    ]);
    assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });
});

describe('connecting', () => {
  test('wrong password', async () => {
    const url = new URL(await guarded.url());
    url.password = `${SECRET}-wrong`;
    const result = await runCli(['copy', site.input.path, url.href, '--table', 't']);
    assertFailure(result, 'SINK_AUTH', 4);
    assertNoSecret(result);
  });

  test('the right password, in a URI, is shown nowhere: not in the result, logs, events or the ledger', async () => {
    const url = await guarded.url();
    const args = ['copy', site.input.path, url, '--table', 't'];
    for (const more of [
      ['--dry-run', '-v'],
      ['--progress', 'json', '-v', '--log-level', 'trace'],
      ['--json', '-v'],
    ]) {
      const result = await runCli([...args, ...more]);
      assert.equal(result.code, 0, result.stderr);
      assertNoSecret(result);
    }
    assertNoSecret(await runCli(['status', url, '-v']));
    assertNoSecret(
      await runCli(['copy', site.input.path, url, '--table', 't', '--where', 'nothing = 1', '-v']),
    );
    const kept = await guarded.query(
      `select (select string_agg(j::text, '') from parload.job j) || (select string_agg(i::text, '') from parload.input i)
        || (select string_agg(s::text, '') from parload.slice s) as text`,
    );
    assert.ok(!String(kept[0]?.text).includes(SECRET));
  });

  test('unknown host', async () => {
    const url = `postgres://me:${SECRET}@no-such-host.invalid/db`;
    const result = await runCli(['copy', site.input.path, url, '--table', 't']);
    assertFailure(result, 'SINK_HOST_UNKNOWN', 4, /no-such-host\.invalid/);
    assertNoSecret(result);
  });

  test('connection refused', async () => {
    const port = await freePort();
    const url = `postgres://me:${SECRET}@127.0.0.1:${port}/db`;
    const result = await runCli(['copy', site.input.path, url, '--table', 't']);
    assertFailure(result, 'SINK_UNREACHABLE', 4, new RegExp(`127\\.0\\.0\\.1:${port}`));
    assertNoSecret(result);
  });

  test('a database that does not exist', async () => {
    const url = new URL(withSecret(site.db.url));
    url.pathname = '/no_such_database';
    const result = await runCli(['copy', site.input.path, url.href, '--table', 't']);
    assertFailure(result, 'SINK_DATABASE_MISSING', 4, /no_such_database/);
    assertNoSecret(result);
  });
});

describe('the table', () => {
  /** Refused before anything is touched: no ledger, and the table as it was. */
  async function assertUntouched(result: CliResult): Promise<void> {
    assertNoSecret(result);
    await site.assertUntouched();
    assert.equal(await countRows(site.db, 't'), 0);
  }

  test('missing, with --create-table never', async () => {
    const result = await load('t', ['--create-table', 'never']);
    assertFailure(result, 'TABLE_MISSING', 4, /"t"/);
    await assertUntouched(result);
  });

  test('there, with --create-table only', async () => {
    await createNumbered(site.db, 't');
    assertFailure(await load('t', ['--create-table', 'only']), 'TABLE_EXISTS', 4);
  });

  test('lacks a column of the file', async () => {
    await site.db.query('create table t (id bigint, value double precision)');
    const result = await load('t');
    assertFailure(result, 'COLUMN_MISSING', 4, /text/);
    assert.match(result.stderr, /\bat\b/, 'all that is missing is named');
    await assertUntouched(result);
  });

  test('has a column more: a default fills it; NOT NULL without one is refused', async () => {
    await site.db.query(
      'create table t (id bigint, value double precision, text text, at timestamp, extra int not null)',
    );
    const result = await load('t');
    assertFailure(result, 'COLUMN_MISSING', 4, /extra/);
    await assertUntouched(result);
    await site.db.query('alter table t alter extra set default 7');
    assert.equal((await load('t')).code, 0);
    assert.deepEqual(await site.db.query('select distinct extra from t'), [{ extra: 7 }]);
  });

  test('has other types: refused by name', async () => {
    await site.db.query('create table t (id boolean, value double precision, text text, at timestamp)');
    const result = await load('t');
    assertFailure(result, 'TYPE_UNSUPPORTED', 4, /"id".*boolean|boolean.*"id"/s);
    await assertUntouched(result);
  });

  test('has a type too narrow: the first value that does not fit, by row', async () => {
    await site.db.query('create table t (id smallint, value double precision, text text, at timestamp)');
    const result = await load('t', ['--workers', '1', '--slice', 'rows:60000']);
    assertFailure(result, 'VALUE_REFUSED', 4, /"id"/);
    assert.match(result.stderr, /row 32,?768\b/);
    assert.equal(await countRows(site.db, 't'), 0);
    assertNoSecret(result);
  });

  test('is a view', async () => {
    await createNumbered(site.db, 'real_table');
    await site.db.query('create view t as select * from real_table');
    const result = await load('t');
    assertFailure(result, 'SINK_SQL', 4, /view/);
    await assertUntouched(result);
  });

  test('may not be written by this user', async () => {
    const role = `reader_${site.db.name}`;
    await createNumbered(site.db, 't');
    await site.db.query(`create role ${role} login; grant select on t to ${role}`);
    const url = new URL(withSecret(site.db.url));
    url.username = role;
    const result = await runCli(['copy', site.input.path, url.href, '--table', 't']);
    assertFailure(result, 'SINK_DENIED', 4);
    await site.db.query(`drop owned by ${role}; drop role ${role}`);
    assertNoSecret(result);
  });

  test('refuses a row: constraint and row of the input, no value', async () => {
    await createNumbered(site.db, 't');
    await site.db.query('alter table t add constraint small check (id <> 41234)');
    const result = await load('t', ['--workers', '2', '--slice', 'rows:10000']);
    assertFailure(result, 'SINK_REJECTED', 4, /constraint "small"/);
    assert.match(result.stderr, /row 41,?234\b/);
    assert.doesNotMatch(result.stderr, /äöü/);
    await site.db.query('alter table t drop constraint small');
    await site.resume();
  });
});

describe('values', () => {
  test('NUL in a text: column and row, nothing of the slice is there', async () => {
    const path = writeParquetFile(join(site.dir, 'nul.parquet'), {
      rows: 1000,
      columns: [
        { name: 'n', type: new Int32(), value: (row) => row },
        { name: 'word', type: new Utf8(), value: (row) => (row === 777 ? 'a\0b' : `w${row}`) },
      ],
    });
    const result = await load('words', [], path);
    assertFailure(result, 'VALUE_REFUSED', 4, /"word"/);
    assert.match(result.stderr, /row 777\b/);
    assert.equal(await countRows(site.db, 'words'), 0);
    assertNoSecret(result);
  });

  test('NULL for a NOT NULL column', async () => {
    await site.db.query(
      'create table t (id bigint, value double precision not null, text text, at timestamp)',
    );
    const result = await load('t', ['--workers', '1', '--slice', 'rows:60000']);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /value/);
    assert.match(result.stderr, /row 5\b/);
    assert.equal(await countRows(site.db, 't'), 0);
  });
});

describe('what the user says', () => {
  const cases: readonly (readonly [string, readonly string[], string, RegExp])[] = [
    ['an unknown flag', ['--tabel', 'x'], 'USAGE', /--tabel[\s\S]*--table/],
    ['a filter that is none', ['--where', 'id >='], 'FILTER_INVALID', /./],
    ['a filter on a column that is not there', ['--where', 'nothing = 1'], 'COLUMN_UNKNOWN', /nothing/],
    ['a filter of another type', ['--where', "id = 'x'"], 'FILTER_INVALID', /id/],
    ['an unknown column', ['--columns', 'id,nothing'], 'COLUMN_UNKNOWN', /nothing/],
    ['a rename of what is not there', ['--rename', 'nothing=x'], 'COLUMN_UNKNOWN', /nothing/],
    ['too little memory', ['--memory', '40m'], 'MEMORY_TOO_SMALL', /need [\d.]+ MiB/],
    ['slices of no rows', ['--slice', 'rows:0'], 'CONFIG_INVALID', /slice/],
    ['no workers', ['--workers', '0'], 'CONFIG_INVALID', /workers/],
    ['an unknown mode', ['--mode', 'upsert'], 'CONFIG_INVALID', /mode/],
  ];
  for (const [name, more, code, message] of cases) {
    test(name, async () => {
      const result = await load('t', more);
      assertFailure(result, code, 2, message);
      assertNoSecret(result);
      assert.deepEqual(await site.db.query("select 1 from pg_class where relname = 't'"), []);
    });
  }

  test('the same error as JSON', async () => {
    const { code, report } = await copyJson(site.copyArgs(['--create-table', 'never']));
    assert.equal(code, 4);
    assert.equal(report.error?.code, 'TABLE_MISSING');
    assert.ok((report.error?.hint ?? '').length > 0);
    assert.equal(report.error?.exitCode, 4);
  });

  test('a file without rows or with a column that no table can have', async () => {
    const path = writeParquetFile(join(site.dir, 'twice.parquet'), {
      rows: 3,
      columns: [{ name: 'x'.repeat(70), type: new Int64(), value: BigInt }],
    });
    const result = await load('t', [], path);
    assert.equal(result.code, 4, result.stderr);
    assert.match(result.stderr, /63 bytes/);
  });
});
