// A few seconds of `make fuzz`, always the same ones, on files that every machine has.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../support/root.ts';
import { loadCorpus } from './corpus.ts';
import { caseOf, complaint, describeFailure, fuzz } from './fuzz.ts';
import { FuzzReader } from './reader.ts';

const SEED = 1;
const CASES = 600;

const dir = temporaryFolder();
const corpus = loadCorpus({ shared: false });

test(`${CASES} damaged files are read or refused by name`, async () => {
  const { failures, read, refused } = await fuzz({ seed: SEED, corpus, dir, to: CASES });
  assert.deepEqual(
    failures.map((failure) => describeFailure(SEED, failure)),
    [],
  );
  // Otherwise the damage would be none, or hide everything behind it.
  assert.ok(read > CASES / 20 && refused > CASES / 4, `${read} read, ${refused} refused`);
});

describe('the fuzzer itself', () => {
  test('sound files are read', async () => {
    const reader = new FuzzReader();
    for (const { name, bytes } of corpus) {
      const path = `${dir}/sound.parquet`;
      const outcome = await reader.ask({ path, bytes: bytes.toString('base64'), sliceRows: 70 });
      assert.equal(outcome.kind, 'read', `${name}: ${JSON.stringify(outcome)}`);
    }
    reader.close();
  });

  test('a case is the same every time', () => {
    for (let number = 0; number < 20; number++) {
      assert.deepEqual(caseOf(corpus, 7, number), caseOf(corpus, 7, number));
    }
    assert.notDeepEqual(caseOf(corpus, 7, 1).bytes, caseOf(corpus, 8, 1).bytes);
  });

  test('pages with checksums are among the damaged', () => {
    const cases = Array.from({ length: CASES }, (_, number) => caseOf(corpus, SEED, number));
    assert.ok(cases.filter((one) => one.mustRefuse).length > 10);
  });

  test('what is wrong is a complaint', () => {
    const refused = {
      kind: 'refused',
      code: 'PARQUET_CORRUPT',
      message: '',
      place: ['input'],
      rows: 0,
      peakBytes: 1,
    } as const;
    assert.equal(complaint(refused, true), null);
    assert.match(complaint({ ...refused, place: [] }, false)!, /which file/);
    assert.match(complaint({ ...refused, code: 'WORKER_DIED' }, false)!, /WORKER_DIED/);
    assert.match(complaint({ ...refused, kind: 'crashed', message: 'RangeError' }, false)!, /RangeError/);
    assert.match(complaint({ ...refused, kind: 'wrong' }, false)!, /wrong/);
    assert.match(complaint({ ...refused, kind: 'read' }, true)!, /checksum/);
    assert.equal(complaint({ ...refused, kind: 'read' }, false), null);
    assert.match(complaint({ ...refused, peakBytes: 2 ** 30 }, false)!, /memory/);
    assert.match(complaint({ kind: 'slow', message: '' }, false)!, /slow/);
  });
});
