import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { didYouMean, editDistance, nearest } from '../../../src/runtime/suggest.ts';

describe('did you mean', () => {
  test('edits', () => {
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('table', 'tabel'), 1);
    assert.equal(editDistance('kitten', 'sitting'), 3);
  });

  test('near names, nearest first, whatever their case and dashes', () => {
    const known = ['table', 'batchRows', 'batchBytes', 'workers'];
    assert.deepEqual(nearest('tabel', known), ['table']);
    assert.deepEqual(nearest('batch-rows', known)[0], 'batchRows');
    assert.deepEqual(nearest('worker', known), ['workers']);
    assert.deepEqual(nearest('zebra', known), []);
  });

  test('as text', () => {
    assert.equal(didYouMean('tabel', ['table']), ' (did you mean "table"?)');
    assert.equal(didYouMean('zebra', ['table']), '');
  });
});
