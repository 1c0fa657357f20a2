// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of job files, not of JavaScript
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { resolveCommand, resolveJob, resolveSink, transformsKey } from '../../../src/config/resolve.ts';
import type { JobInput } from '../../../src/config/schema.ts';
import { ParloadError } from '../../../src/errors/index.ts';
import { MiB } from '../../../src/runtime/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'parload-config-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(dir, `job-${Math.random().toString(36).slice(2)}.yaml`);
  writeFileSync(path, text);
  return path;
};

const command = (
  text: string | null,
  flags: Record<string, string | boolean> = {},
  env: Record<string, string> = {},
  positional: readonly string[] = [],
) =>
  resolveCommand({
    file: text === null ? undefined : file(text),
    line: { source: positional.slice(0, -1), sink: positional.at(-1), flags },
    env,
  });

const errorOf = async (promise: Promise<unknown>): Promise<ParloadError> => {
  const error: unknown = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  if (ParloadError.is(error)) return error;
  throw error ?? new Error('no error');
};

const JOB = 'source: a.parquet\nsink:\n  url: postgres://h/db\n  table: t\nworkers: 3\n';

describe('precedence', () => {
  test('default < file < environment < flag', async () => {
    const bare = JOB.replace('workers: 3\n', '');
    const unnamed = await command(bare);
    assert.equal(unnamed.workersNamed, false);
    assert.ok(unnamed.workers >= 1);
    const named = [
      await command(JOB),
      await command(JOB, {}, { PARLOAD_WORKERS: '4' }),
      await command(JOB, { '--workers': '5' }, { PARLOAD_WORKERS: '4' }),
    ];
    assert.deepEqual(
      named.map((j) => [j.workers, j.workersNamed]),
      [
        [3, true],
        [4, true],
        [5, true],
      ],
    );
  });

  test("the same for a connector's options", async () => {
    const table = async (flags: Record<string, string>, env: Record<string, string>): Promise<unknown> =>
      ((await command(JOB, flags, env)).sink.options as { table: string }).table;
    assert.equal(await table({}, {}), 't');
    assert.equal(await table({}, { PARLOAD_TABLE: 'from_env' }), 'from_env');
    assert.equal(await table({ '--table': 'from_flag' }, { PARLOAD_TABLE: 'from_env' }), 'from_flag');
  });

  test('positional source and sink replace those of the file and keep its options', async () => {
    const job = await command(JOB, {}, {}, ['b.parquet', 'c.parquet', 'postgres://other/db']);
    assert.deepEqual((job.source.options as { paths: string[] }).paths, ['b.parquet', 'c.parquet']);
    const { url, table } = job.sink.options as { url: string; table: string };
    assert.deepEqual([url, table], ['postgres://other/db', 't']);
  });

  test('a sink of another kind leaves the options of the first behind', async () => {
    const job = await command(JOB, {}, { PARLOAD_TABLE: 'x' }, ['b.parquet', 'null:']);
    assert.equal(job.sink.kind, 'null');
  });

  test('defaults', async () => {
    const job = await resolveJob({ source: 'a.parquet', sink: 'null:' });
    assert.equal(job.batchBytes, MiB);
    assert.equal(job.retries, 5);
    assert.equal(job.again, false);
    assert.deepEqual(job.slice, { kind: 'auto' });
    assert.ok(job.memoryBytes > 0);
    assert.equal(job.stallTimeoutMs, 60_000);
    assert.deepEqual(job.transforms, []);
  });

  test('the library does not hear the environment', async () => {
    process.env.PARLOAD_WORKERS = '7';
    try {
      const job = await resolveJob({ source: 'a.parquet', sink: 'null:', workers: 2 });
      assert.equal(job.workers, 2);
      assert.equal((await resolveJob({ source: 'a.parquet', sink: 'null:' })).workersNamed, false);
    } finally {
      delete process.env.PARLOAD_WORKERS;
    }
  });
});

describe('values', () => {
  test('sizes, slices, numbers from variables', async () => {
    const job = await command(
      'source: a.parquet\nsink: "null:"\nmemory: 1.5GiB\nbatchBytes: 128k\nslice: rows:5000\nworkers: ${env:N}\n',
      {},
      { N: '6' },
    );
    assert.equal(job.memoryBytes, 1536 * MiB);
    assert.equal(job.batchBytes, 128 * 1024);
    assert.deepEqual(job.slice, { kind: 'rows', rows: 5000 });
    assert.equal(job.workers, 6);
  });

  test('stall timeout comes from the sink', async () => {
    assert.equal((await command(JOB, { '--stall-timeout': '5s' })).stallTimeoutMs, 5000);
  });
});

describe('errors name the option, the place and what would be right', () => {
  const cases: readonly [string, Promise<unknown> | (() => Promise<unknown>), RegExp][] = [
    [
      'unknown key in the file',
      () => command(`${JOB}wokers: 3\n`),
      /^unknown option "wokers" \(did you mean "workers"\?\) \(.*\.yaml:6\)$/,
    ],
    [
      'unknown key of the sink',
      () => command(JOB.replace('table:', 'tabel:')),
      /^unknown option "tabel" in sink \(did you mean "table"\?\) \(.*\.yaml:4\)/m,
    ],
    [
      'missing option',
      () => command(null, {}, {}, ['a.parquet', 'postgres://h/db']),
      /^sink\.table is missing; give --table <name>$/,
    ],
    ['wrong type in the file', () => command(JOB.replace('3', 'many')), /^workers: .*\(.*\.yaml:5\)$/],
    ['too small by flag', () => command(JOB, { '--workers': '0' }), /^workers: .*\(--workers\)$/],
    ['no number by flag', () => command(JOB, { '--workers': 'x' }), /^--workers: "x" is not a whole number$/],
    [
      'no number by variable',
      () => command(JOB, {}, { PARLOAD_WORKERS: 'x' }),
      /^PARLOAD_WORKERS: "x" is not a whole number$/,
    ],
    ['size', () => command(JOB, { '--memory': '10x' }), /^memory: "10x" is not a size.*\(--memory\)$/],
    [
      'slice',
      () => command(JOB, { '--slice': 'rows:0' }),
      /^slice: must be auto, row-group or rows:N.*\(--slice\)$/,
    ],
    ['rename', () => command(JOB, { '--rename': 'a' }), /^rename: "a" is not from=to \(--rename\)$/],
    [
      'choice',
      () => command(JOB, { '--create-table': 'maybe' }),
      /^--create-table: "maybe" is not one of auto, never, only$/,
    ],
    [
      'flag of another connector',
      () => command(null, { '--table': 't' }, {}, ['a.parquet', 'null:']),
      /^--table is an option of crate and postgres, not of parquet or null$/,
    ],
    ['columns and exclude', () => command(JOB, { '--columns': 'a', '--exclude': 'b' }), /give one of them/],
    ['no sink', () => command('source: a.parquet\n'), /^no sink/],
    ['no source', () => command('sink: "null:"\n'), /^no source/],
    [
      'library: not a job',
      () => resolveJob({ source: 'a.parquet', sink: 'null:', memory: true } as unknown as JobInput),
      /^memory: expected /,
    ],
  ];
  for (const [name, run, message] of cases) {
    test(name, async () => {
      const error = await errorOf(typeof run === 'function' ? run() : run);
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.equal(error.exitCode, 2);
      assert.match(error.message, message);
    });
  }

  test('several at once, a line each', async () => {
    const error = await errorOf(command(JOB, { '--memory': 'x', '--slice': 'y' }));
    assert.equal(error.message.split('\n').length, 2);
  });

  test('unknown connectors are answered with the known ones', async () => {
    for (const sink of ['ftp://h/x', 'somewhere']) {
      const error = await errorOf(command(null, {}, {}, ['a.parquet', sink]));
      assert.equal(error.code, 'CONNECTOR_UNKNOWN');
      assert.match(error.message, /postgres/);
    }
    const kind = await errorOf(resolveJob({ source: 'a.parquet', sink: { kind: 'postgress', url: 'x' } }));
    assert.match(kind.message, /there is no sink of kind "postgress"; known: .*postgres/);
  });

  test('secrets do not appear', async () => {
    const url = 'postgres://me:hunter2@h/db';
    const bad = await errorOf(command(null, {}, {}, ['a.parquet', url]));
    assert.ok(!bad.message.includes('hunter2'));
    const unknown = await errorOf(command(null, {}, {}, ['a.parquet', 'ftp://me:hunter2@h/db']));
    assert.ok(!unknown.message.includes('hunter2'));
    const job = await command(null, { '--table': 't' }, {}, ['a.parquet', url]);
    assert.equal(job.display.target, 'postgres://me@h/db');
  });
});

describe('sources', () => {
  test('a path, a list, a folder, a glob and a map are Parquet', async () => {
    for (const source of [
      'a.parquet',
      ['a.parquet', 'b'],
      'data/',
      'data/*',
      { paths: ['x'] },
      { paths: 'x' },
    ]) {
      assert.equal((await resolveJob({ source, sink: 'null:' })).source.kind, 'parquet');
    }
  });

  test('an unknown scheme is no path', async () => {
    const error = await errorOf(resolveJob({ source: 'gopher://x/y.parquet', sink: 'null:' }));
    assert.equal(error.code, 'CONNECTOR_UNKNOWN');
  });
});

describe('a sink without a job', () => {
  test('needs no table; its options and defaults are checked all the same', async () => {
    const { kind, options } = await resolveSink('postgres://h/db', { flags: {} }, {});
    assert.equal(kind, 'postgres');
    assert.equal(options.url, 'postgres://h/db');
    const given = await resolveSink('postgres://h/db', { flags: { '--table': 't' } }, {});
    assert.equal(given.options.table, 't');
    const error = await errorOf(resolveSink({ url: 'postgres://h/db', tabel: 't' }));
    assert.match(error.message, /did you mean "table"/);
  });
});

describe('identity of the transforms', () => {
  test('same work, same key', () => {
    const key = transformsKey({ columns: ['a', 'b'], rename: { a: 'x', b: 'y' } });
    assert.equal(key, transformsKey({ columns: ['b', 'a'], rename: { b: 'y', a: 'x' } }));
    assert.match(key, /^[0-9a-f]{32}$/);
  });

  test('other work, other key', () => {
    const keys = [
      transformsKey({}),
      transformsKey({ columns: ['a'] }),
      transformsKey({ exclude: ['a'] }),
      transformsKey({ where: 'a' }),
      transformsKey({ rename: { a: 'b' } }),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });
});
