import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowCounter } from '../../../bench/server/row-counter.ts';

const BODY = Buffer.from(
  '{"stmt":"INSERT [[ \\" VALUES","bulk_args":[[1,"a]\\\\",[2,[3]],{"x":[1]}],["\\"[",null],[]]}',
);

test('rows are counted wherever the body is cut', () => {
  for (let cut = 0; cut <= BODY.length; cut++) {
    const counter = new RowCounter();
    counter.add(BODY.subarray(0, cut));
    assert.equal(counter.isWhole, cut === 0 || cut === BODY.length);
    counter.add(BODY.subarray(cut));
    assert.equal(counter.rows, 3);
    assert.ok(counter.isWhole);
  }
});
