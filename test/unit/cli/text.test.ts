import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorText } from '../../../src/cli/text/error.ts';
import { inspectText } from '../../../src/cli/text/inspect.ts';
import { planText } from '../../../src/cli/text/plan.ts';
import { statusText } from '../../../src/cli/text/status.ts';
import { summaryText } from '../../../src/cli/text/summary.ts';
import { formatPairs, formatTable, terminalWidth } from '../../../src/cli/text/table.ts';
import { ParloadError, toWire } from '../../../src/errors/index.ts';
import { EXACT_POLICIES, type JobPlan, type RunReport, type ValueChange } from '../../../src/model/index.ts';
import { MiB } from '../../../src/runtime/index.ts';

describe('table', () => {
  test('columns are aligned, empty ones left out', () => {
    const text = formatTable(
      [
        ['name', 'rows', 'note'],
        ['a', '1,000', ''],
        ['longer', '5', ''],
      ],
      { align: 'lrl' },
    );
    assert.equal(text, '  name     rows\n  a       1,000\n  longer      5\n');
  });

  test('a narrow terminal cuts the widest column, a pipe cuts nothing', () => {
    const rows = [
      ['name', 'note'],
      ['a', 'x'.repeat(60)],
    ];
    const lines = formatTable(rows, { width: 30 }).split('\n');
    assert.ok(lines.every((line) => line.length <= 30));
    assert.match(lines[1] ?? '', /…$/);
    assert.ok(formatTable(rows).includes('x'.repeat(60)));
    assert.equal(terminalWidth({ columns: 80 }), 0);
    assert.equal(terminalWidth({ isTTY: true, columns: 80 }), 80);
  });

  test('pairs', () => {
    assert.equal(
      formatPairs([
        ['a', '1'],
        ['bcd', '2'],
        ['x', null],
      ]),
      '  a    1\n  bcd  2\n',
    );
  });
});

describe('error', () => {
  const error = new ParloadError('VALUE_REFUSED', 'a NUL character', {
    where: { input: 'a.parquet', row: 12_345, column: 'note' },
    cause: Object.assign(new Error('invalid byte sequence'), { code: '22021' }),
  });

  test('what, where, why, what to do, code', () => {
    const lines = errorText(error, { verbose: false, color: false }).split('\n');
    assert.equal(lines[0], 'error: a NUL character');
    assert.equal(lines[1], 'where: input a.parquet, row 12,345, column note');
    assert.equal(lines[2], 'cause: 22021: invalid byte sequence');
    assert.match(lines[3] ?? '', /^hint: The value does not fit/);
    assert.equal(lines[4], 'code: VALUE_REFUSED');
  });

  test('the same from the other side of a thread; a stack only when asked; color only when wanted', () => {
    const plain = errorText(error, { verbose: false, color: false });
    assert.equal(errorText(toWire(error), { verbose: false, color: false }), plain);
    assert.match(errorText(error, { verbose: true, color: false }), /\n {4}at /);
    assert.ok(!plain.includes('    at '));
    assert.ok(errorText(error, { verbose: false, color: true }).startsWith('\x1b[31merror:\x1b[0m '));
  });
});

const report = (more: Partial<RunReport> = {}): RunReport => ({
  runId: 'r',
  state: 'done',
  source: ['a.parquet'],
  target: 'postgres://h/db table t',
  workers: 2,
  rows: { total: 3000, read: 2500, loaded: 2000, filtered: 500, pruned: 100, skipped: 400, rejected: 0 },
  phases: [],
  slices: { total: 4, done: 4, skipped: 0, failed: 0, retried: 1 },
  changes: [],
  bytesSent: 10 * MiB,
  elapsedMs: 2000,
  cpuSeconds: 1.25,
  peakRssBytes: 200 * MiB,
  error: null,
  notes: ['a note'],
  ...more,
});

describe('summary', () => {
  test('done', () => {
    assert.equal(
      summaryText(report()),
      `2,000 rows loaded into postgres://h/db table t
  source    a.parquet
  rows      3,000 in the source, 2,000 loaded, 600 filtered out, 400 skipped (loaded before)
  time      2.0 s (1,250 rows/s, 5.0 MiB/s)
  sent      10.0 MiB
  slices    4 of 4, 1 retry
  workers   2
  CPU       1.3 s
  peak RSS  200 MiB
  note: a note
`,
    );
  });

  test('what policies changed, a line each', () => {
    const change = (policy: ValueChange['policy'], action: string, values = 2): ValueChange => ({
      column: 'a b',
      policy,
      action,
      values,
    });
    const changes = [
      change('nullByte', 'strip', 1),
      change('nullByte', 'replace'),
      change('timestampNs', 'truncate', 12_345),
      change('timestampNs', 'round'),
      change('invalidUtf8', 'replace'),
      change('nonFinite', 'null'),
      change('overflow', 'null'),
    ];
    assert.match(
      summaryText(report({ changes })),
      new RegExp(
        [
          '\n {2}changed +1 value of "a b" lost its NUL bytes',
          ' +2 values of "a b" had NUL bytes replaced',
          ' +12,345 values of "a b" truncated to microseconds',
          ' +2 values of "a b" rounded to microseconds',
          ' +2 values of "a b" had what is not UTF-8 replaced by U.FFFD',
          ' +2 values of "a b" became NULL, being NaN or infinite',
          ' +2 values of "a b" became NULL, not fitting the column\n',
        ].join('\n'),
      ),
    );
    const many = Array.from({ length: 300 }, () => change('overflow', 'null', 3));
    const lines = summaryText(report({ changes: many })).split('\n');
    assert.ok(lines.length < 40);
    assert.ok(lines.some((line) => line.endsWith('and 840 more in 280 other lines; --json has all')));
  });

  test('other endings say so first', () => {
    assert.match(summaryText(report({ state: 'failed' })), /^failed after 2,000 rows loaded/);
    assert.match(summaryText(report({ state: 'interrupted' })), /^stopped after 2,000 rows loaded/);
    const nothing = report({ rows: { ...report().rows, read: 0, loaded: 0, skipped: 3000 }, workers: 0 });
    assert.match(summaryText(nothing), /^nothing was left to load into/);
  });
});

const plan: JobPlan = {
  inputs: [{ id: 'i', uri: 'a.parquet', sizeBytes: MiB, version: '1', rowCount: 300, partCount: 1 }],
  source: {
    slices: [0, 1].map((n) => ({
      id: `i:${n}`,
      inputId: 'i',
      inputUri: 'a.parquet',
      rowStart: n * 100,
      rowCount: 100,
      estBytes: MiB,
      detail: null,
    })),
    rowsPruned: 40,
    rowsCommitted: 60,
    bytesPerWorker: 20 * MiB,
    notes: [],
  },
  target: {
    target: 'postgres://h/db table t',
    exists: false,
    mapping: [
      { name: 'a', sourceType: 'int32', targetType: 'integer', exactness: 'exact', note: null, policies: [] },
      {
        name: 'b',
        sourceType: 'string',
        targetType: 'text',
        exactness: 'checked',
        note: 'no NUL',
        policies: ['nullByte', 'invalidUtf8'],
      },
    ],
    ddl: ['CREATE TABLE t (\n  a integer\n)'],
    committed: {},
    connectionsPerWorker: 1,
    connectionsFixed: 2,
    notes: [],
  },
  workers: 2,
  memory: { budgetBytes: 512 * MiB, fixedBytes: 45 * MiB, perWorkerBytes: 30 * MiB, totalBytes: 105 * MiB },
  policies: { ...EXACT_POLICIES, nullByte: 'strip' },
  notes: ['mind this'],
};

describe('plan', () => {
  test('figures, mapping, statements, notes', () => {
    const text = planText(plan, { width: 0, verbose: false });
    assert.match(text, /300 in the source: 200 to load, 40 ruled out by statistics, 60 loaded before/);
    assert.match(text, /2 slices of 100 rows, 1\.0 MiB decoded each/);
    assert.match(text, /45\.0 MiB \+ 2 x 30\.0 MiB = 105 MiB of 512 MiB allowed/);
    assert.match(text, /4 \(2 x 1 for workers, 2 besides\)/);
    assert.match(text, /b +string +text +checked +no NUL/);
    assert.match(text, /--null-byte strip +b\n {2}--invalid-utf8 error +b\n/);
    assert.ok(!text.includes('--overflow'));
    assert.match(text, /\n {2}CREATE TABLE t \(\n {4}a integer\n/);
    assert.match(text, /Notes\n {2}mind this/);
    assert.ok(!text.includes('i:0'));
    assert.match(planText(plan, { width: 0, verbose: true }), /i:0 +100/);
  });
});

describe('status', () => {
  test('progress of each job', () => {
    const text = statusText(
      [
        {
          jobId: 'j1',
          target: 'public.t',
          state: 'unfinished',
          generation: 2,
          rowsLoaded: 50,
          slices: 3,
          changes: [{ column: 'b', policy: 'overflow', action: 'null', values: 1200 }],
          inputs: [{ uri: 'a.parquet', rowCount: 200, rowsCommitted: 50 }],
          lastRun: { runId: 'r', host: 'h', pid: 1, startedAt: '2024-01-01', updatedAt: '2024-01-02' },
        },
      ],
      false,
    );
    assert.match(text, /^public\.t: unfinished \(job j1\)\n/);
    assert.match(text, /25 %: 50 of 200 source rows, 3 slices/);
    assert.match(text, /load 2 \(--again\)/);
    assert.match(text, /changed +1,200 values of "b" became NULL, not fitting the column\n/);
    assert.match(text, /r on h, pid 1, 2024-01-01 to 2024-01-02/);
    assert.match(statusText([], false), /No job/);
  });
});

describe('inspect', () => {
  test('columns and row groups; -v lists all of them', () => {
    const rowGroups = Array.from({ length: 12 }, (_, index) => ({
      index,
      rows: 1000,
      compressedBytes: MiB,
      uncompressedBytes: 2 * MiB,
    }));
    const file = {
      uri: 'a.parquet',
      sizeBytes: MiB,
      rows: 12_000,
      createdBy: 'somebody',
      columns: [
        {
          name: 'a',
          type: 'int32',
          logical: null,
          nullable: true,
          codecs: ['ZSTD'],
          encodings: ['PLAIN'],
          compressedBytes: 1,
          uncompressedBytes: 2,
          nulls: 7,
          min: '1',
          max: 'm'.repeat(100),
        },
      ],
      rowGroups,
      keyValueKeys: [],
    };
    const text = inspectText(file, { width: 0, verbose: false });
    assert.match(text, /and 2 others; -v lists them/);
    assert.match(text, /a +int32 +ZSTD +1 B +2 B +7 +1 +m{23}… +PLAIN/);
    assert.match(inspectText(file, { width: 0, verbose: true }), /\n +11 +1,000/);
  });
});
