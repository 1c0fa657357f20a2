// Threads that end in every way a thread can: the slice is tried again, or the run ends with a typed error. Never a hang.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCli } from '../support/cli.ts';
import { ROOT, temporaryFolder } from '../support/root.ts';

const FLIGHTS = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');
const DIST = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const COPY = ['copy', FLIGHTS, 'null:', '--workers', '2', '--json', '--progress', 'json'];

interface Outcome {
  readonly code: number | null;
  readonly report: {
    readonly state: string;
    readonly error: { readonly code: string; readonly message: string } | null;
    readonly rows: { readonly loaded: number };
    readonly slices: { readonly retried: number };
  };
  readonly stderr: string;
}

const outcomeOf = ({
  code,
  stdout,
  stderr,
}: {
  code: number | null;
  stdout: string;
  stderr: string;
}): Outcome => {
  assert.notEqual(stdout, '', stderr);
  return { code, report: JSON.parse(stdout), stderr };
};

describe('a worker that ends', () => {
  test('in the middle of a slice: replaced, and the slice tried again', async () => {
    const env = { PARLOAD_FAILPOINT: 'slice.sent:9:exit' };
    const { code, report, stderr } = outcomeOf(
      await runCli([...COPY, '--slice', 'rows:100000', '--retries', '20'], { env }),
    );
    assert.equal(code, 0, stderr);
    assert.equal(report.rows.loaded, 3_000_000);
    assert.ok(report.slices.retried > 0);
    assert.match(stderr, /"type":"worker.lost"/);
  });

  test('every time: attempts end', async () => {
    const env = { PARLOAD_FAILPOINT: 'slice.begun:1:exit' };
    const { code, report } = outcomeOf(await runCli([...COPY, '--retries', '1'], { env }));
    assert.equal(code, 1);
    assert.equal(report.error?.code, 'WORKER_DIED');
  });
});

describe('a thread entry that', () => {
  const dir = temporaryFolder('parload-workers-');
  before(() => {
    for (const name of ['src', 'workers'])
      cpSync(join(DIST, name), join(dir, 'dist', name), { recursive: true });
    mkdirSync(join(dir, 'bin'));
    for (const name of ['package.json', 'bin/parload.js']) cpSync(join(ROOT, name), join(dir, name));
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  });
  const close = 'export const closeTask = async () => {};';
  const cases: readonly [string, string, RegExp][] = [
    ['ends when it starts', 'process.exit(7);', /ended in the middle/],
    ['throws when it starts', 'throw new Error("boom");', /ended in the middle/],
    [
      'throws what cannot be cloned',
      `export const runTask = async () => { throw { a: () => 1 } }; ${close}`,
      /./,
    ],
    [
      'throws outside of its task',
      `export const runTask = () => new Promise(() => setTimeout(() => { throw new Error("boom") }, 10)); ${close}`,
      /ended in the middle/,
    ],
    [
      'runs out of memory',
      `export const runTask = async () => { const all = []; for (;;) all.push(new Array(1e6).fill({})); }; ${close}`,
      /ran out of its \d+ MiB of JavaScript heap/,
    ],
  ];
  for (const [name, entry, message] of cases) {
    test(`${name}: a typed error, after the attempts`, async () => {
      writeFileSync(join(dir, 'dist/workers/slice.js'), entry);
      const args = [join(dir, 'bin/parload.js'), ...COPY, '--retries', '1'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        encoding: 'utf8',
        timeout: 60_000,
      });
      const { code, report } = outcomeOf({ code: status, stdout, stderr });
      assert.equal(code, 1);
      assert.equal(report.state, 'failed');
      assert.equal(report.error?.code, 'WORKER_DIED');
      assert.match(report.error?.message ?? '', message);
    });
  }
});

describe('stopping', () => {
  test('once: slices in flight finish, exit 130', async () => {
    const result = await runCli([...COPY, '--slice', 'rows:20000'], {
      signalWhen: { matches: /"type":"slice.done"/, signal: 'SIGINT' },
    });
    const { code, report, stderr } = outcomeOf(result);
    assert.equal(code, 130);
    assert.equal(report.state, 'interrupted');
    assert.equal(report.error?.code, 'INTERRUPTED');
    assert.match(stderr, /"type":"stopping","force":false/);
    assert.ok(report.rows.loaded > 0);
  });

  test('SIGTERM does the same', async () => {
    const result = await runCli([...COPY, '--slice', 'rows:20000'], {
      signalWhen: { matches: /"type":"slice.done"/, signal: 'SIGTERM' },
    });
    assert.equal(outcomeOf(result).code, 130);
  });
});
