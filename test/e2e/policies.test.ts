// The policies of the command line on files: what arrives, what the result, the ledger, plan and status say of it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Dictionary, Field, Float64, Int32, Int64, List, TimestampNanosecond, Utf8 } from 'apache-arrow';
import { type JobPlan, type LedgerJob, status } from '../../src/index.ts';
import { runCli } from '../support/cli.ts';
import { type ParquetColumn, parquetBytes } from '../support/parquet.ts';
import { withPostgres } from '../support/postgres.ts';
import { assertFailure, copyArgs, copyJson, countRows } from './fixture.ts';

const postgres = withPostgres();
const dir = mkdtempSync(join(tmpdir(), 'parload-policies-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Stands for bytes that are no text, so that Arrow's own writer takes them. */
const MARK = '~^~';

interface FileOptions {
  readonly rows: number;
  readonly rowGroupRows?: number;
  readonly dictionary?: boolean;
}

/** Each mark becomes 0xff and two letters. */
function writeBroken(name: string, columns: readonly ParquetColumn[], options: FileOptions): string {
  const bytes = Buffer.from(parquetBytes({ columns, codec: 'UNCOMPRESSED', statistics: false, ...options }));
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at))
    bytes.write('\xffxy', at, 'latin1');
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

const list = new List(new Field('item', new Utf8(), true));
const id: ParquetColumn = { name: 'id', type: new Int64(), value: (row) => BigInt(row) };
const utf8 = (name: string, value: ParquetColumn['value']): ParquetColumn => ({
  name,
  type: new Utf8(),
  value,
});

describe('text that is not UTF-8, on each way through the reader', () => {
  const bad = (row: number): string => (row % 100 === 7 ? `b${MARK}${row}` : `é${row}`);
  const ways: readonly (readonly [string, readonly ParquetColumn[], FileOptions])[] = [
    ['plain', [id, utf8('c', bad)], { rows: 3000, dictionary: false }],
    ['dictionary', [id, utf8('c', (row) => bad(row % 200))], { rows: 3000 }],
    ['joined', [id, utf8('c', bad)], { rows: 3000, rowGroupRows: 50 }],
    [
      'arrow-dictionary',
      [
        id,
        { name: 'c', type: new Dictionary(new Utf8(), new Int32()), value: (row) => bad(row % 200) as never },
      ],
      { rows: 3000 },
    ],
    [
      'nested',
      [id, utf8('c', bad), { name: 'l', type: list, value: (row) => [bad(row), null, 'x'] }],
      { rows: 3000, dictionary: false },
    ],
    [
      'nested-joined',
      [id, utf8('c', bad), { name: 'l', type: list, value: (row) => [bad(row), null, 'x'] }],
      { rows: 3000, rowGroupRows: 50 },
    ],
  ];
  for (const [name, columns, options] of ways) {
    test(name, async () => {
      const db = await postgres.freshDatabase();
      const path = writeBroken(`${name}.parquet`, columns, options);
      const refused = await runCli(copyArgs(path, db, 't', ['--workers', '2']));
      assertFailure(refused, 'VALUE_REFUSED', 4, /where: .*row 7.*column c|where: .*column c.*row 7/);
      assert.match(refused.stderr, /hint: .*--invalid-utf8 replace/);
      assert.equal(await countRows(db, 't'), 0);
      const run = await copyJson(copyArgs(path, db, 't', ['--workers', '2', '--invalid-utf8', 'replace']));
      assert.equal(run.code, 0, run.stderr);
      const names = columns.slice(1).map((c) => c.name);
      assert.deepEqual(
        run.report.changes.toSorted((a, b) => (a.column < b.column ? -1 : 1)),
        names.map((column) => ({ column, policy: 'invalidUtf8', action: 'replace', values: 30 })),
      );
      const [row] = await db.query(
        `select count(*) as n, count(*) filter (where c like 'b\ufffd%') as changed,
                count(*) filter (where c like 'é%') as kept from t`,
      );
      assert.deepEqual(row, { n: '3000', changed: '30', kept: '2970' });
      if (!names.includes('l')) return;
      const [first] = await db.query('select l from t where id = 107');
      assert.deepEqual(first?.l, ['b\ufffdxy107', null, 'x']);
    });
  }
});

/** NUL in every 10th text, nanoseconds in every 4th time, NaN in every 5th number. */
const mixed: readonly ParquetColumn[] = [
  id,
  utf8('name', (row) => (row % 10 === 9 ? `n\0${row}` : `n${row}`)),
  // milliseconds; a 64th of one is 15,625 ns
  { name: 'at', type: new TimestampNanosecond(), value: (row) => row + (row % 4 === 3 ? 1 / 64 : 0) },
  { name: 'x', type: new Float64(), value: (row) => (row % 5 === 4 ? Number.NaN : row) },
];
const ALL = ['--null-byte', 'strip', '--timestamp-ns', 'truncate', '--non-finite', 'null'];

describe('counts', () => {
  test('are exact with several workers, and the summary says them', async () => {
    const db = await postgres.freshDatabase();
    const path = join(dir, 'mixed.parquet');
    writeFileSync(path, parquetBytes({ columns: mixed, rows: 20_000, rowGroupRows: 1000 }));
    const run = await runCli(copyArgs(path, db, 't', [...ALL, '--workers', '3', '--slice', 'rows:1000']));
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /changed +2,000 values of "name" lost their NUL bytes\n/);
    assert.match(run.stdout, / +5,000 values of "at" truncated to microseconds\n/);
    assert.match(run.stdout, / +4,000 values of "x" became NULL, being NaN or infinite\n/);
    const [row] = await db.query(
      `select count(*) filter (where x is null) as x, count(*) filter (where name = 'n' || id) as name from t`,
    );
    assert.deepEqual(row, { x: '4000', name: '20000' });
    const shown = await runCli(['status', db.url]);
    assert.match(shown.stdout, /2,000 values of "name" lost their NUL bytes/);
  });

  test('a filter leaves out what it leaves out; a new name is the one that is reported', async () => {
    const db = await postgres.freshDatabase();
    const path = join(dir, 'mixed.parquet');
    writeFileSync(path, parquetBytes({ columns: mixed, rows: 20_000, rowGroupRows: 1000 }));
    const { code, stderr, report } = await copyJson(
      copyArgs(path, db, 't', [
        ...ALL,
        '--where',
        'id < 1000',
        '--columns',
        'id,name',
        '--rename',
        'name=label',
      ]),
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(report.changes, [{ column: 'label', policy: 'nullByte', action: 'strip', values: 100 }]);
  });

  test('a load that a value stopped goes on under a policy, and nothing is counted twice', async () => {
    const db = await postgres.freshDatabase();
    const columns: ParquetColumn[] = [id, utf8('c', (row) => (row === 9500 || row === 9600 ? 'a\0' : 'ab'))];
    const path = join(dir, 'late.parquet');
    // slices of one size, so that they come in the order of the file
    writeFileSync(path, parquetBytes({ columns, rows: 10_000, rowGroupRows: 1000, dictionary: false }));
    const args = (...more: string[]): string[] =>
      copyArgs(path, db, 't', ['--workers', '1', '--slice', 'rows:1000', ...more]);
    const first = await copyJson(args());
    assert.equal(first.code, 4);
    assert.deepEqual(
      [first.report.error?.code, first.report.error?.where.row, first.report.error?.where.column],
      ['VALUE_REFUSED', 9500, 'c'],
    );
    assert.equal(first.report.error?.where.input, path);
    assert.equal(await countRows(db, 't'), 9000);
    const second = await copyJson(args('--null-byte', 'strip'));
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual([second.report.rows.loaded, second.report.rows.skipped], [1000, 9000]);
    assert.deepEqual(second.report.changes, [
      { column: 'c', policy: 'nullByte', action: 'strip', values: 2 },
    ]);
    const third = await copyJson(args('--null-byte', 'replace:?'));
    assert.equal(third.code, 0, third.stderr);
    assert.deepEqual([third.report.rows.loaded, third.report.changes], [0, []]);
    const [job] = (await status(db.url)) as readonly LedgerJob[];
    assert.deepEqual(job?.changes, [{ column: 'c', policy: 'nullByte', action: 'strip', values: 2 }]);
  });

  test('wide tables: each of 100 columns has its own count', async () => {
    const db = await postgres.freshDatabase();
    const columns = Array.from(
      { length: 100 },
      (_, k): ParquetColumn => utf8(`c${k}`, (row) => (row < k ? `\0${row}` : String(row))),
    );
    const path = join(dir, 'wide.parquet');
    writeFileSync(path, parquetBytes({ columns, rows: 300, rowGroupRows: 100 }));
    const { code, stderr, report } = await copyJson(copyArgs(path, db, 't', ['--null-byte', 'replace:0']));
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      new Map(report.changes.map((c) => [c.column, c.values])),
      new Map(Array.from({ length: 99 }, (_, k) => [`c${k + 1}`, k + 1])),
    );
    const [row] = await db.query(`select count(*) filter (where c99 like '0%') as n from t`);
    assert.equal(row?.n, '99');
  });
});

describe('what can be said where', () => {
  test('plan names the columns that each policy could touch, and what becomes of them', async () => {
    const db = await postgres.freshDatabase();
    const path = join(dir, 'mixed.parquet');
    writeFileSync(path, parquetBytes({ columns: mixed, rows: 100 }));
    const args = [path, db.url, '--table', 't'];
    const text = await runCli(['plan', ...args, '--timestamp-ns', 'round', '--null-byte', 'replace:␀']);
    assert.equal(text.code, 0, text.stderr);
    assert.match(
      text.stdout,
      /at +timestamp\[ns\] +timestamp +checked +values with nanoseconds are rounded\n/,
    );
    assert.match(text.stdout, /name +string +text +checked +values with a NUL character get "␀" for it\n/);
    assert.match(text.stdout, /--null-byte replace:␀ +name\n {2}--timestamp-ns round +at\n/);
    assert.match(text.stdout, /--invalid-utf8 error +name\n {2}--non-finite keep +x\n/);
    const json = await runCli(['plan', ...args, '--json', '--overflow', 'null']);
    const plan = JSON.parse(json.stdout) as JobPlan;
    assert.equal(plan.policies.overflow, 'null');
    assert.deepEqual(Object.fromEntries(plan.target.mapping.map((m) => [m.name, m.policies])), {
      id: [],
      name: ['nullByte', 'invalidUtf8'],
      at: ['timestampNs'],
      x: ['nonFinite'],
    });
  });

  test('a column that is NOT NULL gets a note, and the server keeps it so', async () => {
    const db = await postgres.freshDatabase();
    const path = join(dir, 'mixed.parquet');
    writeFileSync(path, parquetBytes({ columns: mixed, rows: 100 }));
    await db.query('create table t (id bigint, name text, at timestamp, x float8 not null)');
    const plan = await runCli(['plan', path, db.url, '--table', 't', ...ALL]);
    assert.match(plan.stdout, /NOT NULL, so a value that a policy makes NULL is refused: "x"/);
    assertFailure(await runCli(copyArgs(path, db, 't', ALL)), 'SINK_REJECTED', 4);
    assert.equal(await countRows(db, 't'), 0);
  });

  test('a job file says the same; null without quotes is the action', async () => {
    const db = await postgres.freshDatabase();
    const path = join(dir, 'mixed.parquet');
    writeFileSync(path, parquetBytes({ columns: mixed, rows: 100 }));
    const job = join(dir, 'job.yaml');
    writeFileSync(
      job,
      `source: ${path}\nsink:\n  url: ${db.url}\n  table: t\nnullByte: strip\ntimestampNs: round\nnonFinite: null\n`,
    );
    const { code, stderr, report } = await copyJson(['copy', '-c', job]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      report.changes.map((c) => `${c.column} ${c.action} ${c.values}`),
      ['name strip 10', 'at round 25', 'x null 20'],
    );
    const again = await copyJson(['copy', '-c', job, '--again', '--non-finite', 'keep'], {
      env: { PARLOAD_NULL_BYTE: 'replace:-' },
    });
    assert.deepEqual(
      again.report.changes.map((c) => `${c.column} ${c.action} ${c.values}`),
      ['name replace 10', 'at round 25'],
    );
  });

  test('what is no policy is refused with the name of the flag', async () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['--null-byte', 'drop', /--null-byte|nullByte: must be error, strip or replace:X/],
      ['--null-byte', 'replace:', /needs a text behind it/],
      ['--null-byte', `replace:${'x'.repeat(17)}`, /longer than 16 bytes/],
      ['--timestamp-ns', 'floor', /--timestamp-ns: "floor" is not one of error, truncate, round/],
      ['--overflow', 'wrap', /--overflow/],
    ];
    for (const [flag, value, message] of cases) {
      const result = await runCli(['copy', 'a.parquet', 'null:', flag, value]);
      assertFailure(result, 'CONFIG_INVALID', 2, message);
    }
  });

  test('null:pg applies them too', async () => {
    const path = join(dir, 'mixed.parquet');
    writeFileSync(path, parquetBytes({ columns: mixed, rows: 100 }));
    const { code, report } = await copyJson(['copy', path, 'null:pg', ...ALL]);
    assert.equal(code, 0);
    assert.deepEqual(
      report.changes.map((c) => c.values),
      [10, 25, 20],
    );
    const plain = await copyJson(['copy', path, 'null:']);
    assert.deepEqual([plain.code, plain.report.changes], [0, []]);
  });
});

test('a ledger of the older layout is upgraded, and read as it is by status', async () => {
  const db = await postgres.freshDatabase();
  const path = join(dir, 'old.parquet');
  writeFileSync(path, parquetBytes({ columns: mixed, rows: 2000, rowGroupRows: 1000 }));
  const args = copyArgs(path, db, 't', [...ALL, '--slice', 'rows:1000']);
  assert.equal((await copyJson(args)).code, 0);
  await db.query(`alter table parload.slice drop column changes;
    update parload.meta set value = '1' where key = 'version'; delete from parload.slice where row_start > 0;
    update parload.input set finished = false; delete from t where id >= 1000`);
  const [before] = (await status(db.url)) as readonly LedgerJob[];
  assert.deepEqual([before?.rowsLoaded, before?.changes], [1000, []]);
  const planned = await runCli(['plan', path, db.url, '--table', 't', '--json']);
  assert.equal((JSON.parse(planned.stdout) as JobPlan).source.rowsCommitted, 1000);
  const run = await copyJson(args);
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual([run.report.rows.loaded, run.report.rows.skipped], [1000, 1000]);
  const [after] = (await status(db.url)) as readonly LedgerJob[];
  assert.deepEqual(
    after?.changes.map((c) => `${c.column} ${c.values}`),
    ['at 250', 'name 100', 'x 200'],
  );
});
