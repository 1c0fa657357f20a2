// Databases and users that are not as most: other encodings, few privileges.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Utf8 } from 'apache-arrow';
import { type CliResult, runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { queryAt, withPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';
import { assertFailure, copyJson } from './fixture.ts';

const server = withPostgres({ embedded: true });
const dir = temporaryFolder('parload-servers-');

const texts = (name: string, values: readonly string[]): string =>
  writeParquetFile(join(dir, name), {
    columns: [{ name: 'v', type: new Utf8(), value: (row) => values[row] }],
    rows: values.length,
  });

const WESTERN = ['äé', 'ß', 'plain'];
const western = texts('western.parquet', WESTERN);
const euro = texts('euro.parquet', ['plain', '€']);

/** The URL of a new database. */
async function databaseIn(encoding: string): Promise<string> {
  const name = `enc_${encoding.toLowerCase()}`;
  await server.query(
    `create database ${name} encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0`,
  );
  const url = new URL(await server.url());
  url.pathname = `/${name}`;
  return url.href;
}

describe('encodings of the database', () => {
  test('LATIN1 takes what it has, and refuses the row with the rest', async () => {
    const url = await databaseIn('LATIN1');
    const loaded = await copyJson(['copy', western, url, '--table', 't']);
    assert.equal(loaded.code, 0, loaded.stderr);
    assert.match(loaded.stdout, /encoding is LATIN1: the server refuses rows/);
    const rows = await queryAt(url, 'select v from t order by v');
    assert.deepEqual(rows.map((row) => row.v).sort(), [...WESTERN].sort());
    const refused = await runCli(['copy', euro, url, '--table', 'u']);
    assertFailure(refused, 'SINK_REJECTED', 4, /a character that the database's encoding lacks/);
    assert.equal((await queryAt(url, 'select * from u')).length, 0);
  });

  test('SQL_ASCII keeps the bytes', async () => {
    const url = await databaseIn('SQL_ASCII');
    const loaded = await copyJson(['copy', euro, url, '--table', 't']);
    assert.equal(loaded.code, 0, loaded.stderr);
    const rows = await queryAt(url, "select encode(v::bytea, 'hex') as hex from t order by 1");
    assert.deepEqual(
      rows.map((row) => row.hex),
      ['706c61696e', 'e282ac'],
    );
  });
});

describe('a user with few privileges', () => {
  const load = (url: string): Promise<CliResult> => runCli(['copy', western, url, '--table', 'public.t']);

  test('who may insert needs the ledger as well, and is told how to get it', async () => {
    const db = await server.freshDatabase();
    const role = `${db.name}_clerk`;
    await db.query(`create role ${role} login; create table t (v text); grant insert on t to ${role}`);
    const clerk = new URL(db.url);
    clerk.username = role;

    assertFailure(await load(clerk.href), 'SINK_DENIED', 4, /GRANT CREATE ON DATABASE/);

    // its owner has made it for a load of his own
    assert.equal((await runCli(['copy', western, db.url, '--table', 'other'])).code, 0);
    assertFailure(await load(clerk.href), 'SINK_DENIED', 4, /GRANT USAGE ON SCHEMA parload/);

    await db.query(
      `grant usage on schema parload to ${role};
       grant select, insert, update, delete on all tables in schema parload to ${role}`,
    );
    const { code, stderr } = await load(clerk.href);
    assert.equal(code, 0, stderr);
    const [count] = await db.query('select count(*)::int as n from t');
    assert.equal(count?.n, WESTERN.length);
    await db.query(`drop owned by ${role}; drop role ${role}`);
  });
});
