import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import type { ArrowBatch, Transform } from '../../../src/model/index.ts';
import { transform as rename } from '../../../src/transforms/rename/index.ts';
import { transform as select } from '../../../src/transforms/select/index.ts';
import { batchOf, boolColumn } from '../../support/columns.ts';

const batch = batchOf({ a: boolColumn([true]), b: boolColumn([false]), c: boolColumn([null]) });
const input = batch.schema;

const namesOf = ({ schema }: { schema: ArrowBatch['schema'] }): string[] => schema.fields.map((f) => f.name);

const fails = (code: ErrorCode, work: () => Transform): void =>
  assert.throws(work, (error) => ParloadError.is(error) && error.code === code);

describe('select', () => {
  it('keeps columns in the order asked for', () => {
    const step = select.create({ columns: ['c', 'a'] }, input);
    const result = step.apply(batch);
    assert.deepEqual(namesOf(step), ['c', 'a']);
    assert.deepEqual(namesOf(result), ['c', 'a']);
    assert.deepEqual(result.columns, [batch.columns[2], batch.columns[0]]);
    assert.deepEqual(step.requires, ['c', 'a']);
  });

  it('drops columns, also when the source has left them out already', () => {
    assert.deepEqual(namesOf(select.create({ exclude: ['b'] }, input)), ['a', 'c']);
    const narrowed = { fields: input.fields.filter((f) => f.name !== 'b') };
    assert.deepEqual(namesOf(select.create({ exclude: ['b'] }, narrowed)), ['a', 'c']);
  });

  it('refuses what makes no sense', () => {
    fails('COLUMN_UNKNOWN', () => select.create({ columns: ['x'] }, input));
    fails('CONFIG_INVALID', () => select.create({ columns: ['a', 'a'] }, input));
    fails('CONFIG_INVALID', () => select.create({ exclude: ['a', 'b', 'c'] }, input));
    assert.equal(select.options.safeParse({ columns: ['a'], exclude: ['b'] }).success, false);
    assert.equal(select.options.safeParse({ columns: [] }).success, false);
  });
});

describe('rename', () => {
  it('changes names and nothing else, all at once', () => {
    const step = rename.create({ rename: { a: 'b', b: 'a' } }, input);
    const result = step.apply(batch);
    assert.deepEqual(namesOf(result), ['b', 'a', 'c']);
    assert.equal(result.columns, batch.columns);
    assert.equal(step.requires, null);
  });

  it('refuses what makes no sense', () => {
    fails('COLUMN_UNKNOWN', () => rename.create({ rename: { x: 'y' } }, input));
    fails('CONFIG_INVALID', () => rename.create({ rename: { a: 'b' } }, input));
  });
});
