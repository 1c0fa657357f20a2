import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Random } from '../../../bench/datasets/random.ts';
import { divide } from '../../../bench/floor/copy-file.ts';
import { runChild } from '../../../bench/measure/child.ts';
import { EventMeter } from '../../../bench/measure/events.ts';
import { readProbe } from '../../../bench/measure/probe.ts';
import { ownSeconds, statOf } from '../../../bench/measure/proc.ts';
import { temporaryFolder } from '../../support/root.ts';

const linux = process.platform === 'linux' ? {} : { skip: 'figures of processes come from /proc' };

/** Burns about that much CPU, holds about that much memory, and says when it is done. */
const burner = (ms: number, mib: number): string =>
  `const b = Buffer.alloc(${mib} * 1048576, 1); const end = process.cpuUsage().user + ${ms} * 1000;
   while (process.cpuUsage().user < end) b[0]++; console.log('ended'); console.error('{"a":1}'); console.error('last');`;

describe('a child', () => {
  test('wall, CPU and peak memory', linux, async () => {
    const before = statOf('self');
    const seen: string[] = [];
    const result = await runChild({
      command: process.execPath,
      args: ['-e', burner(300, 120)],
      env: process.env,
      timeoutMs: 60_000,
      onErrorLine: (line) => line.startsWith('{') && seen.push(line) > 0,
    });
    assert.deepEqual([result.code, result.stdout, result.stderr], [0, 'ended\n', 'last']);
    assert.deepEqual(seen, ['{"a":1}']);
    const cpu = result.cpuUserSeconds + result.cpuSystemSeconds;
    assert.ok(cpu >= 0.28 && cpu < 5, `${cpu} s of CPU`);
    assert.ok(result.wallSeconds >= 0.25, `${result.wallSeconds} s`);
    assert.ok(result.peakRssBytes > 120 * 1024 ** 2 && result.peakRssBytes < 400 * 1024 ** 2);
    // Its own CPU is no part of ours.
    assert.ok(ownSeconds(statOf('self')!) - ownSeconds(before!) < cpu + 2);
  });

  test('one that does not end is ended', async () => {
    const result = await runChild({
      command: process.execPath,
      args: ['-e', 'setInterval(() => {}, 1000)'],
      env: process.env,
      timeoutMs: 300,
    });
    assert.equal(result.timedOut, true);
  });

  test('one that does not exist is an error', async () => {
    const request = { command: 'there-is-no-such-program', args: [], env: process.env, timeoutMs: 1000 };
    await assert.rejects(runChild(request), { code: 'ENOENT' });
  });
});

describe('progress events', () => {
  const at = (seconds: number, event: object): string =>
    JSON.stringify({ time: new Date(1_700_000_000_000 + seconds * 1000).toISOString(), ...event });
  const done = (sliceId: string, bytesSent: number, elapsedMs: number) => ({
    type: 'slice.done',
    worker: 1,
    receipt: { sliceId, bytesSent, elapsedMs },
  });

  test('the busiest second, each byte once', () => {
    const meter = new EventMeter();
    assert.equal(meter.add(at(0.1, { type: 'slice.progress', sliceId: 'a', bytes: 100 })), true);
    meter.add(at(1.1, { type: 'slice.progress', sliceId: 'a', bytes: 700 }));
    meter.add(at(1.9, done('a', 900, 1800)));
    meter.add(at(2.5, done('b', 300, 500)));
    assert.deepEqual(meter.figures(), {
      peakBytesPerSecond: 800,
      sliceCount: 2,
      longestSliceSeconds: 1.8,
      totalSliceSeconds: 2.3,
    });
  });

  test('other lines are nobody’s', () => {
    const meter = new EventMeter();
    for (const line of ['error: no', '{not json', '{"a":1}']) assert.equal(meter.add(line), false);
    assert.equal(meter.figures().sliceCount, null);
  });
});

describe('the probe', () => {
  const preload = new URL('../../../../bench/preload.mjs', import.meta.url).href;

  test('counts collections, compilations and waiting of all threads', async () => {
    const dir = temporaryFolder();
    const path = join(dir, 'probe.json');
    // A file, as parload's threads have one: Node 20 loads nothing before code that is given as text.
    const thread = join(dir, 'thread.mjs');
    writeFileSync(thread, 'global.gc(); setTimeout(() => {}, 1000);');
    const script = `
      const { Worker } = require('node:worker_threads');
      // magic, version, and a custom section that makes it big
      const size = 300 * 1024;
      const leb = [size & 127 | 128, size >> 7 & 127 | 128, size >> 14];
      const big = Buffer.concat([Buffer.from([0, 97, 115, 109, 1, 0, 0, 0, 0, ...leb, 1, 120]), Buffer.alloc(size - 2)]);
      new WebAssembly.Module(big);
      new WebAssembly.Module(Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]));
      global.gc();
      const w = new Worker(${JSON.stringify(thread)});
      w.once('online', () => setTimeout(() => w.terminate(), 600));`;
    const { code, stderr } = await runChild({
      command: process.execPath,
      args: ['--expose-gc', '--import', preload, '-e', script],
      env: { ...process.env, PARLOAD_BENCH_PROBE: path },
      timeoutMs: 60_000,
    });
    assert.equal(code, 0, stderr);
    const probe = readProbe(path);
    assert.equal(probe.wasmCompilations, 1);
    assert.ok((probe.gc?.majorCount ?? 0) >= 2, JSON.stringify(probe));
    assert.ok((probe.idleShare ?? 0) > 0.5, JSON.stringify(probe));
    assert.ok((probe.highWaterBytes ?? 1e9) > 20e6);
  });

  test('a process that wrote nothing is unknown, not zero', () => {
    assert.equal(readProbe('/nothing/here.json').gc, null);
    const broken = join(temporaryFolder(), 'x.json');
    writeFileSync(broken, '{');
    assert.equal(readProbe(broken).wasmCompilations, null);
  });
});

describe('ready-made bytes', () => {
  const index = (edges: number[]) => ({ rowCount: 1, rowBytes: edges.at(-1)! - edges[0]!, edges });

  test('parts follow one another, at edges, and cover everything', () => {
    assert.deepEqual(divide(index([19, 100, 200, 300]), 2), [
      { start: 19, end: 200 },
      { start: 200, end: 300 },
    ]);
    assert.deepEqual(divide(index([19, 300]), 3), [{ start: 19, end: 300 }]);
    assert.deepEqual(divide(index([19]), 2), []);
  });
});

describe('random numbers', () => {
  test('are the same for a seed, and spread', () => {
    const take = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 2000 }, () => random.below(10));
    };
    assert.deepEqual(take(7), take(7));
    assert.notDeepEqual(take(7), take(8));
    const counts = take(1).reduce((all, n) => all.set(n, (all.get(n) ?? 0) + 1), new Map<number, number>());
    for (const count of counts.values()) assert.ok(count > 120 && count < 280, String(count));
  });
});
