// The benchmark as a user runs it, on few rows: that it measures, compares and writes; its figures mean nothing here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Float64, Int64, Utf8 } from 'apache-arrow';
import { parseResults } from '../../src/report/bench/results.ts';
import { runCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import { withPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';

const postgres = withPostgres();
const dir = temporaryFolder();
const ROWS = 4000;
const file = writeParquetFile(join(dir, 'some.parquet'), {
  rows: ROWS,
  rowGroupRows: 1000,
  columns: [
    { name: 'id', type: new Int64(), value: (row) => BigInt(row) },
    { name: 'amount', type: new Float64(), value: (row) => (row % 7 === 0 ? null : row / 4) },
    { name: 'note', type: new Utf8(), value: (row) => `note ${row % 100}` },
  ],
});

const read = (out: string, name: string): string => readFileSync(join(out, name), 'utf8');

describe('parload bench', () => {
  test('compares sinks and worker counts with the floor, and leaves no trace on the server', async () => {
    const out = join(dir, 'out');
    const args = [
      'bench',
      file,
      await postgres.url(),
      '--workers',
      '1,2',
      '--runs',
      '1',
      '--slice',
      'row-group',
    ];
    const { code, stdout, stderr } = await runCli([...args, '--checksum', 'every', '--out', out]);
    assert.equal(code, 0, `${stdout}\n${stderr}`);

    const { environment, suites, runs } = parseResults(read(out, 'runs.jsonl'));
    assert.equal(environment?.postgres?.kind, 'url');
    assert.equal(suites[0]?.data[0]?.rowCount, ROWS);
    assert.equal(runs.length, 8);
    for (const run of runs) {
      assert.deepEqual(run.problems, [], run.caseId);
      assert.equal(run.rowCount, ROWS, run.caseId);
      assert.ok(run.wallSeconds > 0 && run.wallSeconds < 60, run.caseId);
    }
    const tables = runs.filter((run) => run.checksum !== null);
    assert.equal(tables.length, 4);
    assert.equal(new Set(tables.map((run) => run.checksum)).size, 1);
    const copies = runs.filter((run) => !run.caseId.startsWith('floor'));
    assert.ok(copies.every((run) => run.wasmCompilations === 1));
    assert.ok(copies.every((run) => run.sliceCount === 4));

    assert.match(stdout, /floor 2w/);
    assert.match(read(out, 'report.md'), /\| postgres 2w \|/);
    assert.match(read(out, 'report.html'), /<svg /);
    const left = await postgres.query("select 1 from pg_database where datname = 'parload_bench'");
    assert.equal(left.length, 0);
  });

  test('shows earlier results again', async () => {
    const { code, stdout } = await runCli(['bench', '--from', join(dir, 'out', 'runs.jsonl'), '--out', dir]);
    assert.equal(code, 0);
    assert.match(stdout, /null:pg 2w/);
    assert.match(read(dir, 'report.html'), /<svg /);
  });

  test('a load that fails is a line in the results, and exit code 1', async () => {
    const out = join(dir, 'failing');
    const args = ['bench', file, 'null:', '--sinks', 'none', '--workers', '1', '--runs', '1'];
    const { code, stdout } = await runCli([...args, '--args', '--memory 10MiB', '--out', out]);
    assert.equal(code, 1);
    assert.match(stdout, /FAILED: exit 2: error: /);
  });

  test('usage', async () => {
    const { code, stderr } = await runCli(['bench', file]);
    assert.equal(code, 2);
    assert.match(stderr, /give one source or more, and then the sink/);
  });
});
