// The foreign test files that pyarrow reads, each loaded into a new table of a real Postgres: all rows are there, or the load is
// refused by name and the table holds nothing.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy, ParloadError } from '../../src/index.ts';
import { GOLDEN_FILES } from '../corpora/golden.ts';
import { REFUSED_BY_POSTGRES, REFUSED_RIGHTLY } from '../corpora/report.ts';
import { withPostgres } from '../support/postgres.ts';
import { sharedOrSkip } from '../support/shared.ts';

const postgres = withPostgres();

/** The code of the refusal; null when it was loaded. */
async function load(path: string, url: string, table: string): Promise<string | null> {
  try {
    await copy({ source: path, sink: { url, table }, workers: 1, memory: '512MiB' });
    return null;
  } catch (error) {
    return ParloadError.is(error) ? error.code : String(error);
  }
}

test('files of other projects are loaded whole, or refused by name', async (t) => {
  const data = sharedOrSkip(t, 'data', 'corpora');
  if (data === null) return;
  const db = await postgres.freshDatabase();
  const client = await db.connect();
  const refused: Record<string, string> = {};
  let loaded = 0;
  for (const [name, golden] of GOLDEN_FILES) {
    if (typeof golden === 'string' || name in REFUSED_RIGHTLY) continue;
    const code = await load(join(data, '..', name), db.url, 't');
    const { rows } = await client.query<{ there: boolean }>("select to_regclass('t') is not null as there");
    const count = rows[0]!.there ? (await client.query('select 1 from t')).rowCount : 0;
    if (code === null) loaded++;
    else refused[name] = code;
    assert.equal(count, code === null ? golden.rows : 0, name);
    await client.query('drop table if exists t');
  }
  assert.deepEqual(
    refused,
    Object.fromEntries(Object.entries(REFUSED_BY_POSTGRES).map(([name, [code]]) => [name, code])),
  );
  t.diagnostic(`${loaded} files loaded`);
});
