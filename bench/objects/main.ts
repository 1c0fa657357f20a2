// `make bench-objects`: one file from disk and from an S3 server on loopback, with 0 and 20 ms of latency, and how long
// planning 1,000 small objects takes. FILE names another file than the bench's taxi rides.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Int32 } from 'apache-arrow';
import { S3_TEST_KEY } from '../../test/fakes/objects/s3-server.ts';
import { parquetBytes } from '../../test/support/parquet.ts';
import { prepareNamed } from '../datasets/prepare.ts';
import { type ChildResult, runChild } from '../measure/child.ts';
import { cleanEnv, PARLOAD } from '../plan.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SERVER = fileURLToPath(new URL('./server.js', import.meta.url));
const DATA = join(ROOT, '.parload', 'bench');
const MANY = 1000;
const WORKERS = '2';
const LATENCY_MS = 20;
const TIMEOUT_MS = 10 * 60_000;
const ROUNDS = Number(process.env.RUNS ?? 5);

interface Store {
  readonly kind: string;
  readonly url: string;
  readonly slowUrl: string;
  readonly child: ChildProcess;
}

async function startStore(latencyMs: number, file: string, copies: number): Promise<Store> {
  const child = spawn(process.execPath, [SERVER, String(latencyMs), file, String(copies)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: process.env,
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    return { ...(JSON.parse(line) as Omit<Store, 'child'>), child };
  }
  throw new Error('the store did not start');
}

async function stopStore({ child }: Store): Promise<void> {
  const ended = new Promise((done) => child.once('close', done));
  child.kill('SIGTERM');
  await ended;
}

async function run(args: readonly string[], url: string | null): Promise<ChildResult> {
  const result = await runChild({
    command: process.execPath,
    args: [PARLOAD, ...args, '--json', ...(url === null ? [] : ['--endpoint-url', url])],
    env: cleanEnv({
      AWS_ACCESS_KEY_ID: S3_TEST_KEY.id,
      AWS_SECRET_ACCESS_KEY: S3_TEST_KEY.secret,
      AWS_REGION: 'us-east-1',
    }),
    timeoutMs: TIMEOUT_MS,
  });
  if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr} ${result.stdout}`);
  return result;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function oneFile(file: string): Promise<void> {
  const store = await startStore(LATENCY_MS, file, 0);
  const urls = [null, store.url, store.slowUrl];
  const names = ['local', `${store.kind}, 0 ms`, `${store.kind}, ${LATENCY_MS} ms`];
  const runs: ChildResult[][] = [[], [], []];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, url] of urls.entries()) {
      const source = url === null ? file : 's3://bench/file.parquet';
      const result = await run(['copy', source, 'null:', '--workers', WORKERS], url);
      // the first one warms caches
      if (round > 0) runs[i]!.push(result);
    }
  }
  await stopStore(store);
  const seconds = runs.map((list) => median(list.map((r) => r.wallSeconds)));
  const peaks = runs.map((list) => median(list.map((r) => r.peakRssBytes / 2 ** 20)));
  const cpu = runs.map((list) => median(list.map((r) => r.cpuUserSeconds + r.cpuSystemSeconds)));
  console.log(`one file into null:, ${WORKERS} workers, median of ${ROUNDS}`);
  names.forEach((name, i) => {
    const times = (seconds[i]! / seconds[0]!).toFixed(2);
    const more = (100 * (peaks[i]! / peaks[0]! - 1)).toFixed(0);
    console.log(
      `  ${name.padEnd(30)} ${seconds[i]!.toFixed(2)} s (${times} x), CPU ${cpu[i]!.toFixed(2)} s, peak RSS ${peaks[i]!.toFixed(0)} MiB (${more} % more)`,
    );
  });
  console.log('  bars: 1.25 x at 0 ms, 1.6 x at 20 ms, RSS within 15 %');
}

async function manyObjects(): Promise<void> {
  mkdirSync(DATA, { recursive: true });
  const small = join(DATA, 'small-object.parquet');
  const columns = [{ name: 'id', type: new Int32(), value: (row: number) => row }];
  writeFileSync(small, parquetBytes({ rows: 100, columns }));
  const store = await startStore(LATENCY_MS, small, MANY);
  const runs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    runs.push((await run(['plan', 's3://bench/many/', 'null:'], store.slowUrl)).wallSeconds);
  }
  await stopStore(store);
  console.log(
    `${MANY} objects planned, ${store.kind}, ${LATENCY_MS} ms: ${median(runs).toFixed(2)} s (bar: 5 s)`,
  );
}

const named = process.env.FILE ?? '';
const places = { root: ROOT, cacheDir: DATA, say: (line: string) => console.error(line) };
const taxi = named === '' ? await prepareNamed('taxi', places) : { sources: [named] };
await oneFile(taxi.sources[0]!);
await manyObjects();
