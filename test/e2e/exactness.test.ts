// Real files and odd shapes arrive exactly: rows, nulls and checksums of every column equal pyarrow's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runCli } from '../support/cli.ts';
import { withPostgres } from '../support/postgres.ts';
import { sharedOrSkip } from '../support/shared.ts';
import { assertFailure, copyArgs, copyJson } from './fixture.ts';
import { compareColumns, compareRows, GOLDEN } from './golden.ts';

/** A hash of every row of more takes long; those are in test/slow/exactness.test.ts. */
const MOST_HASHED_ROWS = 400_000;

const postgres = withPostgres();

describe('as pyarrow reads it', () => {
  for (const [name, golden] of GOLDEN) {
    test(name, async (t) => {
      const path = sharedOrSkip(t, 'data', ...name.split('/'));
      if (path === null) return;
      const db = await postgres.freshDatabase();
      const excluded = Object.keys(golden.excluded);
      const { code, stderr, report } = await copyJson(
        copyArgs(path, db, 'loaded', [
          '--workers',
          '2',
          ...(excluded.length > 0 ? ['--exclude', excluded.join(',')] : []),
        ]),
      );
      assert.equal(code, 0, stderr);
      assert.equal(report.state, 'done');
      assert.equal(report.rows.loaded, golden.rows);
      await compareColumns(db, 'loaded', golden);
      if (golden.rows <= MOST_HASHED_ROWS) await compareRows(db, 'loaded', golden);
    });
  }
});

describe('what cannot arrive as it is, is refused by name', () => {
  for (const [name, golden] of GOLDEN) {
    for (const [column, code] of Object.entries(golden.excluded)) {
      test(`${name}, column ${column}: ${code}`, async (t) => {
        const path = sharedOrSkip(t, 'data', ...name.split('/'));
        if (path === null) return;
        const db = await postgres.freshDatabase();
        const result = await runCli(copyArgs(path, db, 'loaded', ['--columns', column]));
        assertFailure(result, code, 4, new RegExp(`"?${column}"?`));
        const rows = await db.query("select 1 from pg_class where relname = 'loaded' and reltuples > 0");
        assert.deepEqual(rows, []);
      });
    }
  }

  test('real/yellow_esam.parquet: the beginning of a file is no file', async (t) => {
    const path = sharedOrSkip(t, 'data', 'real', 'yellow_esam.parquet');
    if (path === null) return;
    const db = await postgres.freshDatabase();
    const result = await runCli(copyArgs(path, db, 'loaded'));
    assertFailure(result, 'PARQUET_CORRUPT', 3);
    assert.deepEqual(await db.query("select 1 from pg_class where relname = 'loaded'"), []);
  });
});
