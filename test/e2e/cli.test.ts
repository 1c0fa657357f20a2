// The command as a user meets it: help, mistakes, results. Targets that need a server are elsewhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runCli } from '../support/cli.ts';
import { ROOT } from '../support/root.ts';

const FLIGHTS = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');
const dir = mkdtempSync(join(tmpdir(), 'parload-cli-'));
after(() => rmSync(dir, { recursive: true, force: true }));

describe('help', () => {
  test('names every command; each has help and examples', async () => {
    const { stdout, code } = await runCli(['--help']);
    assert.equal(code, 0);
    for (const command of ['copy', 'plan', 'inspect', 'status']) {
      assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
      const help = await runCli([command, '--help']);
      assert.equal(help.code, 0);
      assert.match(help.stdout, /^Examples?:$/m);
    }
  });

  test('copy lists options in groups, those of connectors included', async () => {
    const { stdout } = await runCli(['copy', '--help']);
    for (const group of ['Job:', 'Rows and columns:', 'Postgres sink:', 'Speed and memory:', 'Output:']) {
      assert.match(stdout, new RegExp(`^${group}$`, 'm'));
    }
    for (const flag of ['--table', '--create-table', '--where', '--workers', '--memory', '--progress']) {
      assert.ok(stdout.includes(flag), flag);
    }
  });

  test('version', async () => {
    assert.match((await runCli(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('mistakes', () => {
  const cases: readonly [string, readonly string[], RegExp, number][] = [
    ['no command', [], /Usage: parload/, 2],
    ['unknown command', ['cpoy'], /unknown command 'cpoy'[\s\S]*copy[\s\S]*code: USAGE/, 2],
    [
      'unknown option',
      ['copy', 'a', 'null:', '--worker', '2'],
      /unknown option '--worker'[\s\S]*--workers/,
      2,
    ],
    ['source without sink', ['copy', 'a.parquet'], /give one source or more, and then the sink/, 2],
    [
      'missing file',
      ['copy', 'nowhere.parquet', 'null:'],
      /nowhere\.parquet[\s\S]*code: SOURCE_NOT_FOUND/,
      3,
    ],
    ['unknown sink', ['copy', FLIGHTS, 'ftp://h/x'], /code: CONNECTOR_UNKNOWN/, 2],
    ['missing table', ['copy', FLIGHTS, 'postgres://h/db'], /sink\.table is missing; give --table <name>/, 2],
    [
      'bad number',
      ['plan', FLIGHTS, 'null:', '--workers', 'two'],
      /--workers: "two" is not a whole number/,
      2,
    ],
    [
      'no memory',
      ['plan', FLIGHTS, 'null:', '--memory', '40m'],
      /need [\d.]+ MiB[\s\S]*code: MEMORY_TOO_SMALL/,
      2,
    ],
    ['unknown progress', ['copy', FLIGHTS, 'null:', '--progress', 'loud'], /code: USAGE/, 2],
    ['missing job file', ['copy', '-c', 'nowhere.yaml'], /code: CONFIG_UNREADABLE/, 2],
    ['status of a sink without ledger', ['status', 'null:'], /keeps no ledger/, 2],
  ];
  for (const [name, args, message, code] of cases) {
    test(name, async () => {
      const result = await runCli(args);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
      assert.equal(result.stdout, '');
      assert.doesNotMatch(result.stderr, /\n {4}at /);
    });
  }

  test('a stack with -v; JSON with --json', async () => {
    const { stdout, stderr } = await runCli(['copy', 'nowhere.parquet', 'null:', '--json', '-v']);
    assert.match(stderr, /\n {4}at /);
    const { state, error } = JSON.parse(stdout);
    assert.equal(state, 'failed');
    assert.equal(error.code, 'SOURCE_NOT_FOUND');
  });

  test('a stack names places in the sources, not in the bundle', async () => {
    const { stderr } = await runCli(['copy', 'nowhere.parquet', 'null:', '-v']);
    const [, file, line] = /\n {4}at .*\((src\/[^:]+):(\d+):\d+\)/.exec(stderr) ?? [];
    assert.ok(file !== undefined && line !== undefined, stderr);
    const text = readFileSync(join(ROOT, file), 'utf8').split('\n')[Number(line) - 1];
    assert.match(text ?? '', /new ParloadError\(/);
    assert.doesNotMatch(stderr, /dist\/bundle/);
  });
});

describe('results', () => {
  test('copy: a summary on stdout, progress elsewhere', async () => {
    const { code, stdout, stderr } = await runCli(['copy', FLIGHTS, 'null:', '--workers', '2']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^3,000,000 rows loaded into null:\n/);
    assert.match(stdout, /^ {2}workers +2$/m);
  });

  test('copy --json: one object', async () => {
    const { code, stdout } = await runCli(['copy', FLIGHTS, 'null:', '--json', '--quiet', '--workers', '2']);
    assert.equal(code, 0);
    const report = JSON.parse(stdout);
    assert.equal(report.state, 'done');
    assert.equal(report.rows.loaded, 3_000_000);
    assert.ok(report.cpuSeconds > 0 && report.peakRssBytes > 0);
  });

  test('--quiet says nothing', async () => {
    const { code, stdout, stderr } = await runCli(['copy', FLIGHTS, 'null:', '--quiet']);
    assert.deepEqual([code, stdout, stderr], [0, '', '']);
  });

  test('--progress json: events as lines on stderr', async () => {
    const { stderr } = await runCli(['copy', FLIGHTS, 'null:', '--progress', 'json', '--workers', '2']);
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    assert.equal(events[0]?.type, 'plan.ready');
    assert.equal(events.at(-1)?.type, 'job.done');
    assert.ok(events.some((e) => e.type === 'slice.done'));
  });

  test('plan and --dry-run print the same plan', async () => {
    const planned = await runCli(['plan', FLIGHTS, 'null:pg']);
    const dry = await runCli(['copy', FLIGHTS, 'null:pg', '--dry-run']);
    assert.equal(planned.code, 0, planned.stderr);
    assert.equal(dry.stdout, planned.stdout);
    assert.match(planned.stdout, /^Columns/m);
    assert.match(planned.stdout, /3,000,000 to load/);
    const json = JSON.parse((await runCli(['plan', FLIGHTS, 'null:', '--json'])).stdout);
    assert.ok(json.source.slices.length > 0 && json.memory.totalBytes > 0);
  });

  test('inspect', async () => {
    const { code, stdout } = await runCli(['inspect', FLIGHTS]);
    assert.equal(code, 0);
    assert.match(stdout, /rows +3,000,000/);
    assert.match(stdout, /^Row groups$/m);
    const json = JSON.parse((await runCli(['inspect', FLIGHTS, '--json'])).stdout);
    assert.equal(json.rows, 3_000_000);
  });

  test('a job file, with a flag over it', async () => {
    const path = join(dir, 'job.yaml');
    writeFileSync(path, `source: ${FLIGHTS}\nsink: "null:"\nworkers: 1\n`);
    const run = async (args: readonly string[]) =>
      JSON.parse((await runCli(['copy', '-c', path, '--json', '--quiet', ...args])).stdout) as {
        workers: number;
      };
    assert.equal((await run([])).workers, 1);
    assert.equal((await run(['--workers', '2'])).workers, 2);
  });

  test('a reader that goes away ends the command without a complaint', () => {
    const command = `"${process.execPath}" bin/parload.js inspect "${FLIGHTS}" -v | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: ROOT, encoding: 'utf8' });
    assert.equal(stdout, `${FLIGHTS}\n`);
    assert.equal(stderr, '');
  });
});

describe('example jobs', () => {
  for (const name of ['ingest', 'measure', 'partitioned']) {
    test(`config/${name}.yaml is valid`, async () => {
      // Far enough to have read and checked the file: the target or the source is not there.
      const { stderr, code } = await runCli(['plan', '-c', join(ROOT, 'config', `${name}.yaml`)], {
        env: { PGHOST: '127.0.0.1', PGPORT: '1', TRIPS_PASSWORD_FILE: '/dev/null' },
      });
      assert.ok(code === 0 || !/code: (CONFIG|USAGE|CONNECTOR|UNEXPECTED)/.test(stderr), stderr);
    });
  }
});
