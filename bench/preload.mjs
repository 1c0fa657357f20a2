// The probe: loaded by `node --import` into the process under test and into each of its threads. Counts garbage
// collections, compilations of big WebAssembly modules, and how long the threads' event loops waited; the main thread
// writes the sums to PARLOAD_BENCH_PROBE when the process ends. Threads are killed without a word, so they count in
// shared memory.
import { readFileSync, writeFileSync } from 'node:fs';
import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import { getEnvironmentData, isMainThread, setEnvironmentData, threadId } from 'node:worker_threads';

/** Node and the Snappy library compile small modules of their own in each thread; that of ZSTD has 49 KiB. */
const BIG_MODULE_BYTES = 32 * 1024;
const LOOP_EVERY_MS = 50;
const THREADS = 256;
const KEY = 'parload.bench.probe';

/** Places in the shared array; times in microseconds. */
const SUMS = ['majorCount', 'majorUs', 'minorCount', 'minorUs', 'wasmCompilations'];
const at = Object.fromEntries(SUMS.map((name, i) => [name, i]));
const LOOPS = SUMS.length;

const path = process.env.PARLOAD_BENCH_PROBE;
if (path !== undefined && path !== '') {
  if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(4 * (LOOPS + 2 * THREADS)));
  const shared = getEnvironmentData(KEY);
  // A thread with an environment of its own has none: it counts for itself and nobody reads it.
  const counts = new Int32Array(shared ?? new SharedArrayBuffer(4 * (LOOPS + 2 * THREADS)));
  watchGc(counts);
  watchWasm(counts);
  if (isMainThread) process.once('exit', () => write(counts));
  else watchLoop(counts);
}

function watchGc(counts) {
  const note = (entries) => {
    for (const { detail, duration } of entries) {
      const major = detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
      const minor = detail.kind === constants.NODE_PERFORMANCE_GC_MINOR;
      if (!major && !minor) continue;
      Atomics.add(counts, major ? at.majorCount : at.minorCount, 1);
      Atomics.add(counts, major ? at.majorUs : at.minorUs, Math.round(duration * 1000));
    }
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  if (isMainThread) process.once('exit', () => note(observer.takeRecords()));
}

function watchWasm(counts) {
  const seen = (bytes) => {
    if ((bytes?.byteLength ?? 0) >= BIG_MODULE_BYTES) Atomics.add(counts, at.wasmCompilations, 1);
  };
  const { compile, instantiate, Module } = WebAssembly;
  WebAssembly.compile = (bytes) => {
    seen(bytes);
    return compile(bytes);
  };
  WebAssembly.instantiate = (source, imports) => {
    if (!(source instanceof Module)) seen(source);
    return instantiate(source, imports);
  };
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [bytes]) {
      seen(bytes);
      return new target(bytes);
    },
  });
}

function watchLoop(counts) {
  const place = LOOPS + 2 * (threadId % THREADS);
  const note = () => {
    const { active, idle } = performance.eventLoopUtilization();
    counts[place] = Math.round(active);
    counts[place + 1] = Math.round(idle);
  };
  setInterval(note, LOOP_EVERY_MS).unref();
}

/** Resident memory of this program alone: ru_maxrss also knows that of the process that spawned it. */
function highWaterBytes() {
  try {
    const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return line === null ? null : Number(line[1]) * 1024;
  } catch {
    return null;
  }
}

function write(counts) {
  const loops = [];
  for (let i = LOOPS; i < counts.length; i += 2) {
    if (counts[i] + counts[i + 1] > 0) loops.push({ activeMs: counts[i], idleMs: counts[i + 1] });
  }
  const sums = Object.fromEntries(SUMS.map((name, i) => [name, counts[i]]));
  writeFileSync(path, JSON.stringify({ ...sums, loops, highWaterBytes: highWaterBytes() }));
}
