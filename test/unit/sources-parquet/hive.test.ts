import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import {
  ConstantColumn,
  constantStats,
  parsePartitions,
  partitionColumns,
} from '../../../src/sources/parquet/hive.ts';

const file = (uri: string, ...segments: string[]) => ({
  uri,
  many: true,
  values: parsePartitions(segments),
});

const typesOf = (...values: string[]): unknown => {
  const { fields } = partitionColumns(
    'auto',
    values.map((value, i) => file(`f${i}`, `k=${value}`)),
  );
  const type = fields[0]?.type;
  return type?.id === 'dictionary' ? type.value.id : null;
};

describe('partition values', () => {
  it('are decoded, and the default name is NULL', () => {
    assert.deepEqual(
      parsePartitions([
        'year=2024',
        'city=a%2Fb%20c',
        'x%3Dy=1',
        'n=__HIVE_DEFAULT_PARTITION__',
        'p=5%',
        'e=',
      ]),
      [
        { key: 'year', value: '2024' },
        { key: 'city', value: 'a/b c' },
        { key: 'x=y', value: '1' },
        { key: 'n', value: null },
        { key: 'p', value: '5%' },
        { key: 'e', value: '' },
      ],
    );
  });

  it('have the narrowest type that holds every file', () => {
    assert.equal(typesOf('2023', '2024'), 'int');
    assert.equal(typesOf('01', '12'), 'int');
    assert.equal(typesOf('-5', '9223372036854775807'), 'int');
    assert.equal(typesOf('9223372036854775808'), 'utf8');
    assert.equal(typesOf('007'), 'utf8');
    assert.equal(typesOf('1', 'x'), 'utf8');
    assert.equal(typesOf('2024-01-31', '2024-02-29'), 'date');
    assert.equal(typesOf('2024-01-31', '2024-02-30'), 'utf8');
    assert.equal(typesOf('__HIVE_DEFAULT_PARTITION__'), 'utf8');
    assert.equal(typesOf('__HIVE_DEFAULT_PARTITION__', '1'), 'int');
    assert.equal(typesOf('-0'), 'utf8');
  });
});

describe('partition columns', () => {
  const same = [file('a', 'y=1', 'm=2'), file('b', 'y=2', 'm=__HIVE_DEFAULT_PARTITION__')];

  it('come from files that agree', () => {
    const { fields, note } = partitionColumns('auto', same);
    assert.deepEqual(
      fields.map((f) => [f.name, f.nullable]),
      [
        ['y', false],
        ['m', true],
      ],
    );
    assert.equal(note, null);
  });

  it('are off for single files, when asked, and where folders differ', () => {
    const one = { ...file('a', 'y=1'), many: false };
    assert.equal(partitionColumns('auto', [one]).fields.length, 0);
    assert.equal(partitionColumns('on', [one]).fields.length, 1);
    assert.equal(partitionColumns('off', same).fields.length, 0);
    const differing = [file('a', 'y=1'), file('b')];
    const auto = partitionColumns('auto', differing);
    assert.equal(auto.fields.length, 0);
    assert.match(auto.note ?? '', /differ between a and b/);
    assert.throws(
      () => partitionColumns('on', differing),
      (e) => ParloadError.is(e) && e.code === 'SCHEMA_MISMATCH',
    );
  });

  it('hold one value in every row', () => {
    const { fields } = partitionColumns('auto', same);
    const two = new ConstantColumn(fields[1]!, '2').column(5);
    assert.equal(two.length, 5);
    assert.equal(two.nullCount, 0);
    assert.deepEqual(two.data, new Uint8Array(20));
    assert.equal(new BigInt64Array(two.dictionary!.data!.buffer)[0], 2n);
    const none = new ConstantColumn(fields[1]!, null).column(9);
    assert.equal(none.nullCount, 9);
    assert.deepEqual(none.validity, new Uint8Array(2));
  });

  it('prune by their value', () => {
    const { fields } = partitionColumns('auto', same);
    assert.deepEqual(constantStats(fields[0]!, '7', 10), { min: 7n, max: 7n, nullCount: 0, rowCount: 10 });
    assert.deepEqual(constantStats(fields[0]!, null, 10), {
      min: null,
      max: null,
      nullCount: 10,
      rowCount: 10,
    });
  });
});
