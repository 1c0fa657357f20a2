import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { barsOf } from '../../../src/report/bench/bars.ts';
import { parseResults } from '../../../src/report/bench/results.ts';
import { spreadOf, summarize } from '../../../src/report/bench/summary.ts';
import { environment, MiB, results, run, spec } from './records.ts';

const only = (r: ReturnType<typeof results>) => summarize(r)[0]!;

describe('spread', () => {
  test('median of an odd and of an even number', () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3, n: 3 });
    assert.equal(spreadOf([4, 1, 2, 3])?.median, 2.5);
    assert.equal(spreadOf([]), null);
  });
});

describe('summary', () => {
  test('failed runs count nowhere, and are named', () => {
    const { cases } = only(
      results(
        [spec('a')],
        [run('a', { wallSeconds: 2 }), run('a', { wallSeconds: 90, problems: ['exit 1'] })],
      ),
    );
    assert.equal(cases[0]?.wall?.max, 2);
    assert.deepEqual(cases[0]?.problems, ['exit 1']);
  });

  test('scaling against one worker, only where both were measured', () => {
    const { cases } = only(
      results(
        [spec('a 1'), spec('a 2', { workers: 2 }), spec('alone', { sink: 'null:' })],
        [run('a 1', { wallSeconds: 4 }), run('a 2', { wallSeconds: 2.5 }), run('alone')],
      ),
    );
    assert.equal(cases[1]?.scaling, 1.6);
    assert.equal(cases[1]?.efficiency, 0.8);
    assert.equal(cases[2]?.scaling, null);
  });

  test('the floor with as many connections, else with one', () => {
    const floor = (id: string, workers: number) => spec(id, { tool: 'floor', slice: '', workers });
    const { cases } = only(
      results(
        [floor('f1', 1), floor('f2', 2), spec('a', { workers: 2 }), spec('b', { workers: 4 })],
        [
          run('f1', { wallSeconds: 4 }),
          run('f2', { wallSeconds: 3 }),
          run('a', { wallSeconds: 3.3 }),
          run('b', { wallSeconds: 6 }),
        ],
      ),
    );
    assert.equal(cases[2]?.toFloor?.toFixed(2), '1.10');
    assert.equal(cases[3]?.toFloor, 1.5);
    assert.equal(cases[0]?.toFloor, null);
  });

  test('a table that differs from the others is no good run', () => {
    const { cases } = only(
      results(
        [spec('a'), spec('b', { workers: 2 }), spec('c', { workers: 4 }), spec('d', { workers: 8 })],
        [
          run('a', { checksum: 'x' }),
          run('b', { checksum: 'x' }),
          run('c', { checksum: 'y' }),
          run('d', { rowCount: 999 }),
        ],
      ),
    );
    assert.equal(cases[0]?.problems.length, 0);
    assert.match(cases[2]?.problems[0] ?? '', /sums of the columns differ/);
    assert.match(cases[3]?.problems[0] ?? '', /999 rows arrived, the data has 1000/);
  });

  test('lines of JSON come back as they were written', () => {
    const { suites, runs } = results([spec('a')], [run('a')]);
    const text = [environment, ...suites, ...runs].map((r) => JSON.stringify(r)).join('\n');
    assert.deepEqual(parseResults(`${text}\n`), { environment, suites, runs });
  });
});

describe('verdict', () => {
  const verdictOf = (parts: Parameters<typeof run>[1], specParts: Parameters<typeof spec>[1] = {}) =>
    only(results([spec('a', specParts)], [run('a', parts)])).cases[0]?.verdict?.bottleneck;

  test('fewer slices than workers', () =>
    assert.equal(verdictOf({ sliceCount: 1 }, { workers: 2 }), 'slices'));

  test('one slice that the others wait for', () => {
    assert.equal(verdictOf({ longestSliceSeconds: 3.5, totalSliceSeconds: 4 }, { workers: 2 }), 'slices');
    assert.notEqual(
      verdictOf({ longestSliceSeconds: 3.5, totalSliceSeconds: 7.5 }, { workers: 2 }),
      'slices',
    );
  });

  test('a busy backend', () => assert.equal(verdictOf({ backendCpuSeconds: 3.8 }), 'server'));

  test('near the floor', () => {
    const cases = [spec('f', { tool: 'floor', slice: '' }), spec('a')];
    const { verdict } = only(results(cases, [run('f'), run('a', { wallSeconds: 4.1 })])).cases[1]!;
    assert.equal(verdict?.bottleneck, 'server');
  });

  test('client and server fill the machine', () => {
    assert.equal(verdictOf({ serverCpuSeconds: 5.5, backendCpuSeconds: 2 }), 'machine');
  });

  test('the client', () => {
    const client = {
      cpuUserSeconds: 7,
      cpuSystemSeconds: 0.5,
      serverCpuSeconds: null,
      backendCpuSeconds: null,
    };
    assert.equal(verdictOf(client, { sink: 'null:', workers: 2 }), 'client');
    assert.equal(verdictOf({ ...client, cpuUserSeconds: 3.4 }, { sink: 'null:', workers: 1 }), 'client');
  });

  test('others, waiting, or nothing', () => {
    assert.equal(verdictOf({ idleShare: 0.7, othersCpuSeconds: 4 }), 'others');
    assert.equal(verdictOf({ idleShare: 0.7 }), 'wait');
    assert.equal(verdictOf({ idleShare: 0.1 }), 'unclear');
  });
});

describe('bars', () => {
  const judged = (
    cases: Parameters<typeof results>[0],
    runs: Parameters<typeof results>[1],
    suite = 'bars',
  ) =>
    Object.fromEntries(
      barsOf(only(results(cases, runs, suite))).map((bar) => [bar.name, `${bar.state} ${bar.figure}`]),
    );

  test('other cases have none', () => {
    assert.deepEqual(barsOf(only(results([spec('copy taxi 2w')], [run('copy taxi 2w')]))), []);
  });

  test('only what was run is judged', () => {
    const bars = judged(
      [spec('floor taxi 1w', { tool: 'floor', slice: '' }), spec('copy taxi 2w', { workers: 2 })],
      [run('floor taxi 1w'), run('copy taxi 2w', { wallSeconds: 4.4, peakRssBytes: 200 * MiB })],
    );
    assert.deepEqual(bars, {
      'taxi: wall with 2 workers by ready-made bytes on one connection at most 1.05 x':
        'MISS 1.10 x (4.40 s / 4.00 s)',
      'peak memory of copy taxi 2w at most 256 MiB': 'PASS 200 MiB, most 200 MiB',
      'one wasm compilation a process': 'PASS at most 1 in 2 cases',
      'full GCs take at most 10 % of the client CPU': 'PASS 0.5 % (2 of them) in floor taxi 1w',
    });
  });

  test('the most of the runs decides over memory', () => {
    const bars = judged(
      [spec('mixed', { data: 'mixed', workers: 2 })],
      [run('mixed'), run('mixed', { peakRssBytes: 300 * MiB }), run('mixed')],
    );
    assert.equal(bars['peak memory of mixed at most 256 MiB'], 'MISS 100 MiB, most 300 MiB');
  });

  test('the start of the command, some of which loads no rows', () => {
    const cases = [
      spec('node', { tool: 'start:node', sink: 'null:' }),
      spec('help', { tool: 'start:help', sink: 'null:' }),
      spec('one row', { tool: 'start:copy', sink: 'null:' }),
    ];
    const bars = judged(
      cases,
      [
        run('node', { wallSeconds: 0.1, rowCount: 0 }),
        run('help', { wallSeconds: 0.14, rowCount: 0 }),
        run('one row', { cpuUserSeconds: 0.25, cpuSystemSeconds: 0.04 }),
      ],
      'start',
    );
    assert.deepEqual(bars, {
      'wall of --help at most 0.15 s': 'PASS 0.14 s',
      'wall of --help by that of Node.js itself at most 1.3 x': 'MISS 1.40 x (0.14 s / 0.10 s)',
      'client CPU of one row at most 0.30 s': 'PASS 0.29 s',
    });
    const none = judged(cases, [run('one row', { rowCount: 0 })], 'start');
    assert.deepEqual(none, { 'one row runs': 'FAIL 0 rows arrived, the data has 1000' });
  });

  test('a case that failed is a bar as well', () => {
    const bars = judged([spec('mixed', { data: 'mixed' })], [run('mixed', { problems: ['exit 1: no'] })]);
    assert.deepEqual(bars, { 'mixed runs': 'FAIL exit 1: no' });
  });
});
