// One run of one case: reset, warm, measure, check.
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaseSpec, RunRecord } from '../src/report/bench/results.ts';
import type { PreparedData } from './datasets/prepare.ts';
import { type ChildResult, runChild } from './measure/child.ts';
import { EventMeter } from './measure/events.ts';
import { type ProbeFigures, readProbe } from './measure/probe.ts';
import { machineSeconds } from './measure/proc.ts';
import type { ServerCpu, ServerCpuMeter } from './measure/server-cpu.ts';
import type { BenchServer } from './server/bench-server.ts';
import { countRows, tableSums } from './server/checksum.ts';
import type { CrateTarget } from './server/crate-target.ts';
import { type Command, commandFor, TABLE, type ToolContext, type ToolFigures } from './tools.ts';

export interface CaseRun {
  readonly suite: string;
  readonly spec: CaseSpec;
  readonly round: number;
  readonly data: PreparedData;
  readonly server: BenchServer | null;
  readonly crate: CrateTarget | null;
  /** Makes the table for tools that load into an existing one. */
  readonly ddl: readonly string[];
  readonly checksum: boolean;
  readonly context: ToolContext;
}

const RUN_TIMEOUT_MS = 60 * 60_000;
/** The server writes its checkpoint's end and the like; the run must not pay for it. */
const SETTLE_MS = 300;
/** Backends are looked at more rarely than the child: it costs a file a process. */
const SERVER_EVERY = 5;

/** Reads the files once, so that every case finds them in the page cache. */
async function warm(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (/^[a-z0-9+]+:\/\//.test(path)) continue;
    for await (const _ of createReadStream(path, { highWaterMark: 1 << 20 }).on('error', () => undefined)) {
      // only that it was read matters
    }
  }
}

interface Measured {
  readonly child: ChildResult;
  readonly events: EventMeter;
  readonly probe: ProbeFigures;
  readonly server: ServerCpu | null;
  /** Of everything that ran on the machine. */
  readonly machine: number | null;
}

/** What a load goes into, as far as its CPU and its password are concerned. */
interface Target {
  readonly env?: Readonly<Record<string, string>>;
  meter(): ServerCpuMeter | null;
}

async function measure(command: Command, probePath: string, server: Target | null): Promise<Measured> {
  const events = new EventMeter();
  const meter = server?.meter() ?? null;
  let samples = 0;
  const machineBefore = machineSeconds();
  const child = await runChild({
    command: command.command,
    args: command.args,
    env: { ...command.env, ...server?.env },
    timeoutMs: RUN_TIMEOUT_MS,
    onSample: () => {
      if (samples++ % SERVER_EVERY === 0) meter?.sample();
    },
    onErrorLine: (line) => events.add(line),
  });
  const cpu = meter?.end() ?? null;
  const machineAfter = machineSeconds();
  const machine = machineAfter === null || machineBefore === null ? null : machineAfter - machineBefore;
  return { child, events, probe: readProbe(probePath), server: cpu, machine };
}

interface Outcome {
  readonly figures: ToolFigures | null;
  readonly rowCount: number;
  readonly checksum: string | null;
  readonly problems: readonly string[];
}

const NO_ROWS = { figures: null, rowCount: 0, checksum: null };

async function check(run: CaseRun, command: Command, child: ChildResult): Promise<Outcome> {
  if (child.timedOut) return { ...NO_ROWS, problems: [`no end after ${RUN_TIMEOUT_MS / 60_000} minutes`] };
  if (child.code !== 0) {
    return { ...NO_ROWS, problems: [`exit ${child.code}: ${reasonOf(child.stderr)}`] };
  }
  const figures = command.read(child.stdout);
  try {
    return await checkTable(run, figures);
  } catch (error) {
    return { ...NO_ROWS, problems: [`the result could not be checked: ${reasonOf(String(error))}`] };
  }
}

async function checkTable(run: CaseRun, figures: ToolFigures): Promise<Outcome> {
  const { server, crate } = run;
  if (crate !== null) {
    const rowCount = (await crate.counted()) ?? figures.rowCount ?? 0;
    const problems =
      rowCount === figures.rowCount ? [] : [`the tool says ${figures.rowCount} rows, ${rowCount} arrived`];
    return { figures, rowCount, checksum: null, problems };
  }
  if (server === null || run.spec.sink !== 'postgres') {
    return { figures, rowCount: figures.rowCount ?? 0, checksum: null, problems: [] };
  }
  const sums = run.checksum ? await tableSums(server, TABLE) : null;
  const rowCount = sums?.rows ?? (await countRows(server, TABLE));
  const said = figures.rowCount;
  const problems =
    said !== null && said !== rowCount ? [`the tool says ${said} rows, the table has ${rowCount}`] : [];
  return { figures, rowCount, checksum: sums?.digest ?? null, problems };
}

/** Ours begins with `error:`; others say it in their last line. */
function reasonOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^(\w+: )?error:/i.test(line)) ?? lines.at(-1) ?? 'no message';
}

export async function runCase(run: CaseRun): Promise<RunRecord> {
  const probePath = join(tmpdir(), `parload-bench-probe-${process.pid}.json`);
  const url = run.crate?.url ?? run.server?.url ?? null;
  const args = [...run.spec.args, ...(run.crate?.resetArgs ?? [])];
  const command = commandFor({ ...run.spec, args }, run.data, url, run.context, probePath);
  const server = run.spec.sink === 'postgres' ? run.server : null;
  await run.crate?.reset();
  await server?.reset(TABLE, command.needsTable ? run.ddl : []);
  await warm(run.data.sources);
  await sleep(SETTLE_MS);
  const measured = await measure(command, probePath, run.crate ?? server);
  return record(run, measured, await check(run, command, measured.child));
}

/** What neither client nor server used; unknown when the server's own use is. */
function othersOf({ child, server, machine }: Measured): number | null {
  if (machine === null) return null;
  return Math.max(0, machine - child.cpuUserSeconds - child.cpuSystemSeconds - (server?.totalSeconds ?? 0));
}

function record(run: CaseRun, measured: Measured, outcome: Outcome): RunRecord {
  const { child, probe } = measured;
  const { figures } = outcome;
  const { peakBytesPerSecond, ...slices } = measured.events.figures();
  const bytesSent = figures?.bytesSent ?? 0;
  const average = child.wallSeconds === 0 ? 0 : bytesSent / child.wallSeconds;
  return {
    type: 'run',
    suite: run.suite,
    caseId: run.spec.id,
    round: run.round,
    problems: outcome.problems,
    wallSeconds: child.wallSeconds,
    cpuUserSeconds: child.cpuUserSeconds,
    cpuSystemSeconds: child.cpuSystemSeconds,
    reportedCpuSeconds: figures?.report?.cpuSeconds ?? null,
    // The probe looks at the very end; polling may miss the last moments.
    peakRssBytes: Math.max(child.peakRssBytes, probe.highWaterBytes ?? 0),
    othersCpuSeconds: othersOf(measured),
    serverCpuSeconds: measured.server?.totalSeconds ?? null,
    backendCpuSeconds: measured.server?.busiestSeconds ?? null,
    rowCount: outcome.rowCount,
    bytesSent,
    // A load shorter than the seconds that were counted in has no peak above its average.
    peakBytesPerSecond: peakBytesPerSecond === null ? null : Math.max(peakBytesPerSecond, average),
    workersUsed: figures?.workersUsed ?? 0,
    ...slices,
    idleShare: probe.idleShare,
    gc: probe.gc,
    wasmCompilations: probe.wasmCompilations,
    checksum: outcome.checksum,
  };
}
