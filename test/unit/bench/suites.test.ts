import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DATA } from '../../../bench/datasets/catalogue.ts';
import { parseBenchOptions } from '../../../bench/options.ts';
import { matrixSuite, parseSuite, readSuite } from '../../../bench/suites.ts';
import { ROOT } from '../../support/root.ts';

const options = (...args: string[]) => parseBenchOptions(args)!;

describe('options', () => {
  test('sources, then the sink', () => {
    const o = options('a.parquet', 'b.parquet', 'postgres:///x', '--workers', '1,4', '--slice=auto,rows:10');
    assert.deepEqual(o.sources, ['a.parquet', 'b.parquet']);
    assert.equal(o.sink, 'postgres:///x');
    assert.deepEqual(
      [o.workers, o.slices],
      [
        [1, 4],
        ['auto', 'rows:10'],
      ],
    );
  });

  test('further flags of copy', () => {
    assert.deepEqual(options('--args=--memory 1g').args, ['--memory', '1g']);
  });

  test('help is no options', () => assert.equal(parseBenchOptions(['--help']), null));

  for (const wrong of [
    ['one.parquet'],
    ['--workers', '0'],
    ['--slice', 'half'],
    ['--checksum', 'maybe'],
    ['--nothing'],
    ['a', 'null:', '--cases', 'bars'],
  ]) {
    test(`refused: ${wrong.join(' ')}`, () => assert.throws(() => options(...wrong), { code: 'USAGE' }));
  }
});

describe('cases', () => {
  test('lists become cases, and ids say which', () => {
    const { cases } = parseSuite(
      's',
      "title: t\ncases:\n  - { id: a, data: [taxi, lineitem], workers: [1, 2], sink: 'null:' }\n",
    );
    assert.deepEqual(
      cases.map((c) => c.id),
      ['a taxi 1w', 'a taxi 2w', 'a lineitem 1w', 'a lineitem 2w'],
    );
    assert.equal(cases[0]?.slice, 'auto');
  });

  test('`cores` is at least 2, and no case comes twice', () => {
    const { cases } = parseSuite('s', 'title: t\ncases:\n  - { id: a, data: taxi, workers: [2, cores] }\n');
    assert.ok(cases.every((c) => c.workers >= 2));
    assert.equal(new Set(cases.map((c) => c.id)).size, cases.length);
  });

  test('mistakes are named', () => {
    const bad = (yaml: string) => () => parseSuite('s', yaml);
    assert.throws(bad('title: t\ncases:\n  - { id: a, data: taxi, wrokers: 2 }\n'), /wrokers/);
    assert.throws(bad('title: t\ncases:\n  - { id: a, data: taxi, slice: half }\n'), /not auto, row-group/);
    assert.throws(
      bad('title: t\ncases:\n  - { id: a, data: taxi }\n  - { id: a, data: taxi }\n'),
      /two cases are called/,
    );
    assert.throws(() => readSuite('nothing', ROOT), { code: 'CONFIG_UNREADABLE' });
  });

  for (const file of readdirSync(join(ROOT, 'bench', 'cases'))) {
    test(`${file} is valid, and its data sets exist`, () => {
      const { cases } = readSuite(file.replace('.yaml', ''), ROOT);
      for (const { data } of cases) assert.ok(data in DATA, data);
    });
  }
});

describe('matrix', () => {
  test('workers x slices x sinks, and the floor', () => {
    const suite = matrixSuite(
      options('a.parquet', 'postgres:///x', '--workers', '1,2', '--slice', 'auto,row-group', '--runs', '5'),
    );
    const count = (tool: string, sink: string) =>
      suite.cases.filter((c) => c.tool === tool && c.sink === sink).length;
    assert.deepEqual(
      [count('parload', 'null:'), count('parload', 'null:pg'), count('parload', 'postgres')],
      [4, 4, 4],
    );
    assert.equal(count('floor', 'postgres'), 2);
    assert.ok(suite.cases.every((c) => c.runs === 5));
  });

  test('to null: there is no floor', () => {
    const suite = matrixSuite(options('a.parquet', 'null:', '--sinks', 'none', '--workers', '2'));
    assert.deepEqual(
      suite.cases.map((c) => c.id),
      ['null: 2w'],
    );
  });

  test('other sinks are refused', () => {
    assert.throws(() => matrixSuite(options('a.parquet', 'b.parquet')), { code: 'USAGE' });
  });
});
