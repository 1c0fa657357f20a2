// A connector is a folder and nothing else: adds a source and a sink to a copy of the sources, builds, and loads in threads.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Numbers from 0, in one column; `paths: ['range:55000']`. */
const RANGE_MANIFEST = `
import type { ConnectorManifest } from '../../model/index.ts';
export const manifest: ConnectorManifest = {
  kind: 'range', summary: 'numbers', schemes: ['range'], extensions: [], flags: [], example: 'range:1000',
};
`;
const RANGE = `
import { z } from 'zod';
import type { ArrowBatch, ArrowSchema, BatchReader, InputInfo, Slice, Source, SourceModule } from '../../model/index.ts';
import { ParloadError } from '../../errors/index.ts';
import { subtractRanges } from '../../runtime/index.ts';
/** Slices that a thread reads before its decoder fails, and with it every later one. */
let left = Number(process.env.RANGE_FAILS_AFTER ?? 1e9);
/** Set: a thread holds too much memory after its first slice, and must not get a second one. */
const holds = process.env.RANGE_HOLDS !== undefined;
let opened = 0;
const options = z.strictObject({ paths: z.array(z.string()) });
const type = { id: 'int', bits: 32, signed: true } as const;
const schema: ArrowSchema = { fields: [{ name: 'n', type, nullable: false, logical: null }] };
const make = (paths: readonly string[]): Source => {
  const rows = Number(paths[0]!.slice('range:'.length));
  const input: InputInfo = { id: 'r' + rows, uri: paths[0]!, sizeBytes: rows * 4, version: '1', rowCount: rows, partCount: 1 };
  return {
    async inspect() { return { inputs: [input], schema }; },
    async plan(_, hints) {
      const size = hints.slice.kind === 'rows' ? hints.slice.rows : 10_000;
      const slices: Slice[] = [];
      const taken = hints.committed[input.id] ?? [];
      for (const left of subtractRanges({ start: 0, end: rows }, taken)) {
        for (let start = left.start; start < left.end; start += size) {
          const rowCount = Math.min(size, left.end - start);
          slices.push({ id: input.id + ':' + start + '+' + rowCount, inputId: input.id, inputUri: input.uri, rowStart: start, rowCount, estBytes: 4 * rowCount, detail: null });
        }
      }
      const rowsCommitted = taken.reduce((sum, r) => sum + r.end - r.start, 0);
      return { slices, rowsPruned: 0, rowsCommitted, bytesPerWorker: 1 << 20, notes: [] };
    },
    ticket: () => ({ paths: [...paths] }),
    heldBytes: () => (holds && opened > 0 ? 2 ** 40 : 0),
    open(slice): BatchReader {
      left -= 1;
      if (holds && opened++ > 0) throw new Error('this worker holds too much and should have ended');
      if (left === -1) throw new ParloadError('DECODER_MEMORY', 'out of memory');
      if (left < -1) throw new ParloadError('WORKER_DIED', 'this worker should have ended');
      return {
        async *[Symbol.asyncIterator](): AsyncGenerator<ArrowBatch> {
          for (let at = 0; at < slice.rowCount; at += 1000) {
            const length = Math.min(1000, slice.rowCount - at);
            const values = Int32Array.from({ length }, (_, i) => slice.rowStart + at + i);
            const data = new Uint8Array(values.buffer);
            const column = { type, length, offset: 0, nullCount: 0, validity: null, offsets: null, data, children: [], dictionary: null };
            yield { schema, columns: [column], length, selection: null, rowStart: slice.rowStart + at };
          }
        },
        async close() {},
      };
    },
    async close() {},
  };
};
export const source: SourceModule<z.output<typeof options>> = {
  kind: 'range', options: async () => options,
  async share() { return null; },
  async planner(o) { return make(o.paths); },
  async reader(o) { return make(o.paths); },
};
`;
const NDJSON_MANIFEST = `
import type { ConnectorManifest } from '../../model/index.ts';
export const manifest: ConnectorManifest = {
  kind: 'ndjson', summary: 'one JSON object a line', schemes: ['ndjson'], extensions: ['.ndjson'],
  flags: [{ flag: '--ndjson-prefix', key: 'prefix', kind: 'string', placeholder: 'text', help: 'file name prefix' }],
  example: 'parload copy a.parquet ndjson:out',
};
`;
/** A file a slice, complete when it is renamed; what is there counts as committed. */
const NDJSON = `
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RowRange, SinkModule, Slice } from '../../model/index.ts';
const options = z.strictObject({ url: z.string(), prefix: z.string().default('part') });
const dirOf = (o: { url: string }): string => o.url.replace(/^ndjson:/, '');
const committedIn = (dir: string): Record<string, RowRange[]> => {
  const found: Record<string, RowRange[]> = {};
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    const m = /-(r\\d+)-(\\d+)-(\\d+)\\.ndjson$/.exec(name);
    if (m) (found[m[1]!] ??= []).push({ start: Number(m[2]), end: Number(m[2]) + Number(m[3]) });
  }
  for (const list of Object.values(found)) list.sort((a, b) => a.start - b.start);
  return found;
};
export const sink: SinkModule<z.output<typeof options>> = {
  kind: 'ndjson', options: async () => options, traits: { commit: 'slice', replay: 'key' },
  async job(o) {
    const dir = dirOf(o);
    return {
      async describe() {
        return { target: o.url, exists: existsSync(dir), mapping: [], ddl: [], committed: committedIn(dir), connectionsPerWorker: 0, connectionsFixed: 0, notes: [] };
      },
      async prepare() { mkdirSync(dir, { recursive: true }); return { ticket: null, committed: committedIn(dir), notes: [] }; },
      async finish() { return ['finished']; },
      async abort() {},
      async close() {},
    };
  },
  async session(o) {
    let lines: string[] = [];
    let slice: Slice | null = null;
    return {
      async begin(s) { slice = s; lines = []; return true; },
      async write(batch) {
        const data = batch.columns[0]!.data!;
        const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
        for (let i = 0; i < batch.length; i++) lines.push(JSON.stringify({ n: view.getInt32(4 * i, true) }));
        return 10 * batch.length;
      },
      async commit() {
        const path = join(dirOf(o), o.prefix + '-' + slice!.inputId + '-' + slice!.rowStart + '-' + slice!.rowCount + '.ndjson');
        writeFileSync(path + '.tmp', lines.join('\\n') + '\\n');
        renameSync(path + '.tmp', path);
        return lines.length;
      },
      async rollback() {},
      async close() {},
    };
  },
};
`;

describe('a connector added as one folder', () => {
  let dir = '';
  const run = (file: string, args: readonly string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [join(dir, file), ...args], {
      cwd: dir,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
  const copy = (args: readonly string[], env?: Record<string, string>) =>
    run(
      'dist/src/cli/main.js',
      ['copy', 'range:55000', ...args, '--workers', '2', '--slice', 'rows:10000'],
      env,
    );
  const rowsIn = (out: string): number[] =>
    readdirSync(join(dir, out))
      .flatMap((name) =>
        readFileSync(join(dir, out, name), 'utf8')
          .trim()
          .split('\n'),
      )
      .map((line) => (JSON.parse(line) as { n: number }).n)
      .sort((a, b) => a - b);
  const all = Array.from({ length: 55_000 }, (_, i) => i);

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'parload-new-sink-'));
    for (const name of ['src', 'workers', 'scripts']) {
      cpSync(join(root, name), join(dir, name), { recursive: true, dereference: true });
    }
    for (const name of ['package.json', 'tsconfig.json']) cpSync(join(root, name), join(dir, name));
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    const add = (folder: string, files: Record<string, string>): void => {
      mkdirSync(join(dir, 'src', folder), { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'src', folder, name), text);
    };
    add('sources/range', { 'manifest.ts': RANGE_MANIFEST, 'index.ts': RANGE });
    add('sinks/ndjson', { 'manifest.ts': NDJSON_MANIFEST, 'index.ts': NDJSON });
    const gen = run('scripts/gen-registry.mjs', []);
    assert.equal(gen.status, 0, gen.stderr);
    const tsc = run('node_modules/typescript/bin/tsc', ['-p', '.']);
    assert.equal(tsc.status, 0, tsc.stdout);
  });

  after(() => rmSync(dir, { recursive: true, force: true }));

  test('loads every row once, in two threads, and shows its flag in the help', () => {
    const { status, stdout, stderr } = copy(['ndjson:out1', '--ndjson-prefix', 'p', '--json']);
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout);
    assert.equal(report.state, 'done');
    assert.equal(report.workers, 2);
    assert.deepEqual(report.rows, {
      total: 55_000,
      read: 55_000,
      loaded: 55_000,
      filtered: 0,
      pruned: 0,
      skipped: 0,
      rejected: 0,
    });
    assert.deepEqual(rowsIn('out1'), all);
    assert.match(readdirSync(join(dir, 'out1'))[0] ?? '', /^p-/);
    assert.match(run('dist/src/cli/main.js', ['copy', '--help']).stdout, /--ndjson-prefix/);
  });

  test('a run that finds everything committed starts no worker and says so', () => {
    const { status, stdout } = copy(['ndjson:out1', '--ndjson-prefix', 'p']);
    assert.equal(status, 0);
    assert.match(stdout, /committed by an earlier run; --again loads them a second time/);
    assert.deepEqual(rowsIn('out1'), all);
  });

  test('a worker that ends in the middle of a slice is replaced and the slice tried again', () => {
    // Counted in each thread: the second slice that a thread begins ends it.
    const { status, stderr, stdout } = copy(
      ['ndjson:out2', '--json', '--progress', 'json', '--retries', '20'],
      {
        PARLOAD_FAILPOINT: 'slice.first-batch:2:exit',
      },
    );
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout);
    assert.equal(report.state, 'done');
    assert.ok(report.slices.retried > 0);
    assert.match(stderr, /"type":"worker.lost"/);
    assert.deepEqual(rowsIn('out2'), all);
  });

  test('a thread whose decoder failed is retired: its slices go to a fresh one', () => {
    const { status, stderr, stdout } = copy(
      ['ndjson:out5', '--json', '--progress', 'json', '--retries', '2'],
      {
        RANGE_FAILS_AFTER: '1',
      },
    );
    assert.equal(status, 0, stderr);
    assert.ok(JSON.parse(stdout).slices.retried > 0);
    assert.match(stderr, /"code":"DECODER_MEMORY"/);
    assert.doesNotMatch(stderr, /should have ended/);
    assert.deepEqual(rowsIn('out5'), all);
  });

  test('a thread that holds more memory than its share is replaced after its slice, and nothing is tried again', () => {
    const { status, stderr, stdout } = copy(['ndjson:out6', '--json'], { RANGE_HOLDS: '1' });
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).slices.retried, 0);
    assert.deepEqual(rowsIn('out6'), all);
  });

  test('after kill -9 in the middle another number of workers finishes the job', () => {
    const killed = copy(['ndjson:out3'], { PARLOAD_FAILPOINT: 'slice.sent:2' });
    assert.equal(killed.signal, 'SIGKILL');
    const again = run('dist/src/cli/main.js', [
      'copy',
      'range:55000',
      'ndjson:out3',
      '--workers',
      '1',
      '--slice',
      'rows:7000',
      '--json',
    ]);
    assert.equal(again.status, 0, again.stderr);
    const { rows } = JSON.parse(again.stdout);
    assert.ok(rows.skipped > 0, 'something had been committed');
    assert.equal(rows.skipped + rows.loaded, 55_000);
    assert.deepEqual(
      rowsIn('out3').filter((n, i, list) => n !== list[i - 1]),
      all,
    );
    assert.equal(rowsIn('out3').length, 55_000);
  });

  test('an error that no retry mends ends the run with its code, the rest is finished', () => {
    const { status, stderr, stdout } = copy(['ndjson:out4', '--json'], {
      PARLOAD_FAILPOINT: 'slice.sent:2:throw',
    });
    assert.equal(status, 1);
    assert.match(stderr, /^error: Error: fail point slice\.sent/m);
    assert.match(stderr, /^code: UNEXPECTED$/m);
    assert.match(stderr, /^where: .*slice r55000:/m);
    assert.equal(JSON.parse(stdout).state, 'failed');
  });
});
