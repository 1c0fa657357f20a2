// Every foreign test file: each cell equal to pyarrow's or the file refused by name, within 20 s and 512 MiB.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/root.ts';
import { sharedOrSkip } from '../support/shared.ts';
import { GOLDEN_FILES } from './golden.ts';
import { foreignFiles, problemOf } from './report.ts';
import { readForeignFiles } from './results.ts';

test('files of other projects are read as pyarrow reads them, or refused as the docs say', async (t) => {
  const data = sharedOrSkip(t, 'data', 'corpora');
  if (data === null) return;
  const results = await readForeignFiles(join(data, '..'));
  const problems = results.flatMap((result) => {
    const problem = problemOf(result);
    return problem === null ? [] : [`${result.name} ${problem}`];
  });
  assert.deepEqual(problems, []);
  assert.equal(results.length, GOLDEN_FILES.size, 'all of them are there');
  const docs = readFileSync(join(ROOT, 'docs', 'foreign-files.md'), 'utf8');
  assert.equal(docs, foreignFiles(results), 'docs/foreign-files.md is out of date: make foreign-files');
});
