import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkTotals, totalsOf } from '../../../src/coordinator/totals.ts';
import type { SourcePlan } from '../../../src/model/index.ts';
import { receipt, slice } from './fakes.ts';

const inputs = [{ id: 'in', uri: 'f', sizeBytes: 1, version: '1', rowCount: 1000, partCount: 1 }];
const plan: SourcePlan = {
  slices: [slice(0, 300), slice(300, 200)],
  rowsPruned: 100,
  rowsCommitted: 400,
  bytesPerWorker: 1,
  notes: [],
};
const task = (n: number) => ({ slice: plan.slices[n]!, attempt: 1 });

describe('totals', () => {
  test('every row of the input is somewhere', () => {
    const totals = totalsOf(inputs, plan, [
      receipt(task(0), { rowsFiltered: 50, rowsLoaded: 250 }),
      receipt(task(1), { alreadyCommitted: true, rowsRead: 0, rowsLoaded: 0 }),
    ]);
    const { total, loaded, filtered, pruned, skipped } = totals;
    assert.deepEqual(
      { total, loaded, filtered, pruned, skipped },
      {
        total: 1000,
        loaded: 250,
        filtered: 50,
        pruned: 100,
        skipped: 600,
      },
    );
    assert.equal(loaded + filtered + pruned + skipped, total);
    checkTotals(totals, plan);
  });

  test('a slice that nobody accounts for is an error', () => {
    assert.throws(() => checkTotals(totalsOf(inputs, plan, [receipt(task(0))]), plan), {
      code: 'COUNT_DIFFERS',
    });
  });

  test('rows that were read and went nowhere are an error', () => {
    const receipts = [receipt(task(0), { rowsLoaded: 299 }), receipt(task(1))];
    assert.throws(() => checkTotals(totalsOf(inputs, plan, receipts), plan), { code: 'COUNT_DIFFERS' });
  });
});
