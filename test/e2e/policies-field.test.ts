// What users of other tools ran into, as their threads tell it: each case here is one of them, through the whole command.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Float64, Int64, TimestampNanosecond, Utf8 } from 'apache-arrow';
import { runCli } from '../support/cli.ts';
import { type ParquetColumn, parquetBytes } from '../support/parquet.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';
import { sharedOrSkip } from '../support/shared.ts';
import { assertFailure, copyArgs, copyJson, countRows } from './fixture.ts';

const postgres = withPostgres();
const dir = mkdtempSync(join(tmpdir(), 'parload-field-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, rows: number, columns: readonly ParquetColumn[]): string {
  const path = join(dir, name);
  writeFileSync(path, parquetBytes({ columns, rows, rowGroupRows: 1000 }));
  return path;
}

const id: ParquetColumn = { name: 'id', type: new Int64(), value: (row) => BigInt(row) };

/** Loads into a table that is there already; the values of `c` in the order of `id`. */
async function into(
  db: TestDatabase,
  path: string,
  columns: string,
  more: readonly string[] = [],
): Promise<(string | null)[]> {
  await db.query(`drop table if exists t; create table t (${columns})`);
  const run = await copyJson(copyArgs(path, db, 't', ['--again', ...more]));
  assert.equal(run.code, 0, run.stderr);
  return (await db.query('select c::text as c from t order by id')).map((row) => row.c as string | null);
}

describe('NUL bytes', () => {
  test('node-postgres#2080, pgloader#128: the text of a user with U+0000 in it', async () => {
    const db = await postgres.freshDatabase();
    const path = file('hello.parquet', 2, [
      id,
      { name: 'c', type: new Utf8(), value: (row) => (row === 1 ? 'Hello world\0!' : 'Hello') },
    ]);
    const refused = await runCli(copyArgs(path, db, 't'));
    assertFailure(refused, 'VALUE_REFUSED', 4, /where: .*row 1.*column c/);
    assert.match(refused.stderr, /hint: .*--null-byte strip/);
    // duckdb-postgres#255: removed with '', or replaced by a word
    assert.deepEqual(await into(db, path, 'id bigint, c text', ['--null-byte', 'strip']), [
      'Hello',
      'Hello world!',
    ]);
    assert.deepEqual(await into(db, path, 'id bigint, c text', ['--null-byte', 'replace:NULLBYTE']), [
      'Hello',
      'Hello worldNULLBYTE!',
    ]);
    // ora2pg#1336: what must be kept goes into bytea
    assert.deepEqual(await into(db, path, 'id bigint, c bytea'), [
      `\\x${Buffer.from('Hello').toString('hex')}`,
      `\\x${Buffer.from('Hello world\0!').toString('hex')}`,
    ]);
  });

  test('duckdb-postgres#228: one in the last of many rows does not cost the load', async () => {
    const db = await postgres.freshDatabase();
    const path = file('late.parquet', 20_000, [
      id,
      { name: 'c', type: new Utf8(), value: (row) => (row === 19_999 ? 'x\0' : 'xy') },
    ]);
    const args = copyArgs(path, db, 't', ['--slice', 'rows:1000', '--workers', '2']);
    const first = await copyJson(args);
    assert.equal(first.report.error?.code, 'VALUE_REFUSED');
    const kept = await countRows(db, 't');
    const second = await copyJson([...args, '--null-byte', 'strip']);
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual([second.report.rows.skipped, second.report.rows.loaded], [kept, 20_000 - kept]);
    assert.equal(await countRows(db, 't'), 20_000);
  });

  test('pg_analytics#188, steampipe#292: the escape \\u0000 into jsonb', async () => {
    const db = await postgres.freshDatabase();
    const path = file('escape.parquet', 2, [
      id,
      {
        name: 'c',
        type: new Utf8(),
        value: (row) => (row === 0 ? '{"a": "x\\u0000y"}' : '{"a": "x\\\\u0000y"}'),
      },
    ]);
    await db.query('create table t (id bigint, c jsonb)');
    assertFailure(await runCli(copyArgs(path, db, 't')), 'VALUE_REFUSED', 4, /--null-byte strip/);
    const texts = await into(db, path, 'id bigint, c jsonb', ['--null-byte', 'strip']);
    // the second one is text that shows an escape, and no NUL
    assert.deepEqual(texts, ['{"a": "xy"}', '{"a": "x\\\\u0000y"}']);
    assert.deepEqual(await into(db, path, 'id bigint, c json'), [
      '{"a": "x\\u0000y"}',
      '{"a": "x\\\\u0000y"}',
    ]);
  });
});

describe('NaN', () => {
  const path = file('nan.parquet', 4, [
    id,
    {
      name: 'c',
      type: new Float64(),
      value: (row) => [Number.NaN, 1.25, null, Number.NEGATIVE_INFINITY][row],
    },
  ]);

  test('duckdb#23971, pg_duckdb#1069: it is NaN in numeric, and neither 0 nor NULL', async () => {
    const db = await postgres.freshDatabase();
    for (const type of ['numeric', 'double precision', 'text']) {
      assert.deepEqual(await into(db, path, `id bigint, c ${type}`), ['NaN', '1.25', null, '-Infinity']);
    }
  });

  test('NULL only on request, and counted; pg_parquet#97: or an error', async () => {
    const db = await postgres.freshDatabase();
    const nulled = await into(db, path, 'id bigint, c numeric(5,2)', ['--non-finite', 'null']);
    assert.deepEqual(nulled, [null, '1.25', null, null]);
    const refused = await runCli(copyArgs(path, db, 'n', ['--non-finite', 'error']));
    assertFailure(refused, 'VALUE_REFUSED', 4, /row 0.*column c/);
  });
});

describe('timestamps', () => {
  test('sling#444, sling#329: nanoseconds; NULL stays NULL and is no 1970', async () => {
    const db = await postgres.freshDatabase();
    const path = file('nanos.parquet', 4, [
      id,
      { name: 'c', type: new TimestampNanosecond(), value: (row) => [1 / 64, null, -1 / 64, 2][row] },
    ]);
    assertFailure(await runCli(copyArgs(path, db, 't')), 'VALUE_REFUSED', 4, /--timestamp-ns truncate/);
    assert.deepEqual(await into(db, path, 'id bigint, c timestamp', ['--timestamp-ns', 'truncate']), [
      '1970-01-01 00:00:00.000015',
      null,
      '1969-12-31 23:59:59.999984',
      '1970-01-01 00:00:00.002',
    ]);
    assert.deepEqual(await into(db, path, 'id bigint, c timestamp', ['--timestamp-ns', 'round']), [
      '1970-01-01 00:00:00.000016',
      null,
      '1969-12-31 23:59:59.999984',
      '1970-01-01 00:00:00.002',
    ]);
    assert.deepEqual(await into(db, path, 'id bigint, c bigint'), ['15625', null, '-15625', '2000000']);
  });
});

describe('foreign files', () => {
  const strict = new TextDecoder('utf-8', { ignoreBOM: true });

  for (const [name, column] of [
    ['duckdb/data__parquet-testing__invalid.parquet', 'X1'],
    ['duckdb/data__parquet-testing__invalid_utf8_dictionary.parquet', 'X1'],
    ['duckdb/data__parquet-testing__invalid_utf8_dlba.parquet', 'X1'],
  ] as const) {
    test(`${name}: refused by name, or with U+FFFD as TextDecoder has it`, async (t) => {
      const path = sharedOrSkip(t, 'data', 'corpora', ...name.split('/'));
      if (path === null) return;
      const db = await postgres.freshDatabase();
      assertFailure(
        await runCli(copyArgs(path, db, 'refused')),
        'VALUE_REFUSED',
        4,
        /--invalid-utf8 replace/,
      );
      await db.query(`create table raw ("${column}" bytea)`);
      assert.equal((await runCli(copyArgs(path, db, 'raw'))).code, 0);
      const run = await copyJson(copyArgs(path, db, 'text', ['--invalid-utf8', 'replace']));
      assert.equal(run.code, 0, run.stderr);
      const raw = await db.query<{ c: Buffer }>(`select "${column}" as c from raw order by ctid`);
      const text = await db.query<{ c: string }>(`select "${column}" as c from text order by ctid`);
      const expected = raw.map(({ c }) => strict.decode(c));
      assert.deepEqual(
        text.map(({ c }) => c),
        expected,
      );
      const changed = raw.filter(({ c }, i) => !Buffer.from(expected[i]!).equals(c)).length;
      assert.deepEqual(run.report.changes, [
        { column, policy: 'invalidUtf8', action: 'replace', values: changed },
      ]);
    });
  }

  test('a text with NUL, and a time of day that is negative', async (t) => {
    const nul = sharedOrSkip(t, 'data', 'corpora', 'duckdb', 'data__parquet-testing__nullbyte.parquet');
    const time = sharedOrSkip(
      t,
      'data',
      'corpora',
      'duckdb',
      'data__parquet-testing__negative-timetz.parquet',
    );
    if (nul === null || time === null) return;
    const db = await postgres.freshDatabase();
    const stripped = await copyJson(copyArgs(nul, db, 'nul', ['--null-byte', 'strip']));
    assert.equal(stripped.code, 0, stripped.stderr);
    assert.deepEqual(
      stripped.report.changes.map((c) => [c.column, c.values]),
      [['hello world', 1]],
    );
    assertFailure(
      await runCli(copyArgs(time, db, 'time')),
      'VALUE_REFUSED',
      4,
      /column col33.*--overflow null/s,
    );
    const nulled = await copyJson(copyArgs(time, db, 'time', ['--overflow', 'null']));
    assert.equal(nulled.code, 0, nulled.stderr);
    assert.equal(nulled.report.rows.loaded, 3);
    const nulls = await db.query('select count(*) - count(col33) as n from time');
    const counted = nulled.report.changes.filter((c) => c.column === 'col33').map((c) => c.values);
    assert.deepEqual(counted, [Number(nulls[0]?.n)]);
  });
});
