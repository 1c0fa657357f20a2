// Many damaged files, others each time; PARLOAD_TEST_SEED repeats them, and shared files are among them where they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '../e2e/fixture.ts';
import { loadCorpus } from '../fuzz/corpus.ts';
import { describeFailure, fuzz } from '../fuzz/fuzz.ts';
import { temporaryFolder } from '../support/root.ts';

const CASES = 20_000;
const dir = temporaryFolder();

test(`${CASES} damaged files are read or refused by name`, async (t) => {
  const seed = testSeed();
  t.diagnostic(`seed ${seed}; PARLOAD_TEST_SEED=${seed} repeats it`);
  const { failures } = await fuzz({
    seed,
    corpus: loadCorpus({ shared: true }),
    dir,
    to: CASES,
    processes: 2,
  });
  assert.deepEqual(
    failures.map((failure) => describeFailure(seed, failure)),
    [],
  );
});
