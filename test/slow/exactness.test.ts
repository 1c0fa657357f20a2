// The large shared files, every value of every row together: the MD5 of each row, summed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyArgs, copyJson } from '../e2e/fixture.ts';
import { compareColumns, compareRows, GOLDEN } from '../e2e/golden.ts';
import { withPostgres } from '../support/postgres.ts';
import { sharedOrSkip } from '../support/shared.ts';

const postgres = withPostgres();

for (const [name, golden] of GOLDEN) {
  if (golden.rows < 1_000_000) continue;
  for (const way of [
    ['--workers', '3', '--slice', 'rows:77777'],
    ['--workers', '1', '--slice', 'row-group', '--memory', '1g'],
  ]) {
    test(`${name} ${way.join(' ')}`, async (t) => {
      const path = sharedOrSkip(t, 'data', ...name.split('/'));
      if (path === null) return;
      const db = await postgres.freshDatabase();
      const { code, stderr } = await copyJson(copyArgs(path, db, 'loaded', way));
      assert.equal(code, 0, stderr);
      await compareColumns(db, 'loaded', golden);
      await compareRows(db, 'loaded', golden);
    });
  }
}
