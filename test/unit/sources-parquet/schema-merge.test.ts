import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import type { ArrowField, ArrowType, LogicalType } from '../../../src/model/index.ts';
import { mergeSchemas } from '../../../src/sources/parquet/schema-merge.ts';

const INT: ArrowType = { id: 'int', bits: 32, signed: true };
const TEXT: ArrowType = { id: 'utf8', large: false };

const f = (
  name: string,
  type: ArrowType = INT,
  nullable = false,
  logical: LogicalType | null = null,
): ArrowField => ({
  name,
  type,
  nullable,
  logical,
});

const merge = (...files: ArrowField[][]): readonly ArrowField[] =>
  mergeSchemas(files.map((fields, i) => ({ uri: `file${i + 1}`, schema: { fields } }))).fields;

const refuses = (files: ArrowField[][], ...words: RegExp[]): void => {
  assert.throws(
    () => merge(...files),
    (error) => {
      assert.ok(ParloadError.is(error));
      assert.equal(error.code, 'SCHEMA_MISMATCH');
      for (const word of words) assert.match(error.message, word);
      return true;
    },
  );
};

describe('merging schemas', () => {
  it('takes order from the first file and nullability from all', () => {
    const merged = merge([f('a'), f('b', TEXT)], [f('b', TEXT, true), f('a')]);
    assert.deepEqual(
      merged.map(({ name, nullable }) => [name, nullable]),
      [
        ['a', false],
        ['b', true],
      ],
    );
  });

  it('widens inside lists and structs, whatever the items are called', () => {
    const list = (item: string, nullable: boolean): ArrowType => ({
      id: 'list',
      large: false,
      item: f(item, INT, nullable),
    });
    const [merged] = merge([f('l', list('item', false))], [f('l', list('element', true))]);
    assert.ok(merged?.type.id === 'list' && merged.type.item.nullable && merged.type.item.name === 'item');
  });

  it('lets an enumeration be text', () => {
    assert.equal(merge([f('e', TEXT, true, 'enum')], [f('e', TEXT, true)])[0]?.logical, null);
  });

  it('refuses differences by name', () => {
    refuses([[f('a')], [f('a', TEXT)]], /"a"/, /string in file2/, /int32 in file1/);
    refuses([[f('a'), f('b')], [f('a')]], /file2 lacks the column "b"/);
    refuses([[f('a')], [f('a'), f('b')]], /file2 has the column "b"/);
    refuses([[f('a')], [f('A')]], /file2 lacks the column "a"/);
    refuses([[f('j', TEXT, true, 'json')], [f('j', TEXT, true)]], /"j"/);
    refuses([[f('a'), f('a')]], /file1 has more than one column named "a"/);
    refuses([[f('a')], [f('a'), f('a')]], /file2 has more than one column named "a"/);
  });
});

describe('merging schemas that may evolve', () => {
  const evolve = (...files: ArrowField[][]): readonly ArrowField[] =>
    mergeSchemas(
      files.map((fields, i) => ({ uri: `file${i + 1}`, schema: { fields } })),
      { evolve: true },
    ).fields;
  const LONG: ArrowType = { id: 'int', bits: 64, signed: true };

  it('takes columns from all files, nullable where one lacks them', () => {
    assert.deepEqual(evolve([f('a'), f('b')], [f('c', TEXT), f('a')]), [
      f('a'),
      f('b', INT, true),
      f('c', TEXT, true),
    ]);
  });

  it('takes the wider type, whatever the order', () => {
    assert.deepEqual(evolve([f('a')], [f('a', LONG, true)]), [f('a', LONG, true)]);
    assert.deepEqual(evolve([f('a', LONG)], [f('a')]), [f('a', LONG)]);
  });

  it('names the file that made the column what it is', () => {
    assert.throws(
      () => evolve([f('a')], [f('a', LONG)], [f('a', TEXT)]),
      /"a" is string in file3 and int64 in file2/,
    );
    assert.throws(() => evolve([f('x')], [f('a', TEXT)], [f('a')]), /int32 in file3 and string in file2/);
    assert.throws(() => evolve([f('a', TEXT, true, 'json')], [f('a', TEXT, true)]), /"a"/);
  });
});
