// Suites, one after the other: data and server made ready, then round after round of all cases in turn (A B C A B C), so
// that what changes on the machine meanwhile meets every case.
import { cpus } from 'node:os';
import { ParloadError } from '../src/errors/index.ts';
import type { BenchRecord, CaseSpec, RunRecord } from '../src/report/bench/results.ts';
import { type DataPlaces, type PreparedData, prepareFiles, prepareNamed } from './datasets/prepare.ts';
import { describeEnvironment } from './environment.ts';
import type { BenchOptions } from './options.ts';
import { planCopy } from './plan.ts';
import { runCase } from './run-case.ts';
import { BenchServer } from './server/bench-server.ts';
import { CrateTarget } from './server/crate-target.ts';
import { DEFAULT_RUNS, GIVEN, type Suite } from './suites.ts';
import {
  floorIsFeasible,
  makeFloor,
  missingTool,
  needsCrate,
  needsDdl,
  needsServer,
  removeFloor,
  TABLE,
  type ToolContext,
  usesFloorFile,
} from './tools.ts';

export interface RunnerContext {
  readonly root: string;
  readonly cacheDir: string;
  readonly options: BenchOptions;
  /** One line for people, on stderr. */
  readonly say: (line: string) => void;
  readonly emit: (record: BenchRecord) => void;
  /** True once the user wants no further runs. */
  readonly stopped: () => boolean;
}

/** The server that a Postgres sink means: the command line's, the environment's, or null for the embedded one. */
function serverUrl({ sink }: BenchOptions): string | null {
  if (sink?.startsWith('postgres') === true) return sink;
  return process.env.PARLOAD_BENCH_PG_URL || null;
}

export async function runSuites(suites: readonly Suite[], context: RunnerContext): Promise<void> {
  const chosen = suites.map((suite) => chosenCases(suite, context));
  if (chosen.every((suite) => suite.cases.length === 0)) {
    throw new ParloadError('USAGE', 'no case is left to run', { hint: '--only matches the ids of cases.' });
  }
  const withServer = chosen.some((suite) => suite.cases.some(needsServer));
  const server = withServer ? await BenchServer.open(serverUrl(context.options)) : null;
  const withCrate = chosen.some((suite) => suite.cases.some(needsCrate));
  const crate = withCrate ? await CrateTarget.open(process.env.PARLOAD_BENCH_CRATE_URL || null, TABLE) : null;
  try {
    const environment = describeEnvironment(context.root, server?.facts ?? null);
    context.emit(environment);
    if (environment.loadBefore > cpus().length / 2) {
      context.say(
        `this machine is busy (load ${environment.loadBefore.toFixed(1)}): do not trust the figures`,
      );
    }
    for (const suite of chosen) {
      if (suite.cases.length > 0 && !context.stopped())
        await new SuiteRun(suite, { server, crate }, context).run();
    }
  } finally {
    await crate?.close();
    await server?.close();
  }
}

/** What the command line narrows, and what this machine can do. */
function chosenCases(suite: Suite, { options, root, say }: RunnerContext): Suite {
  const cases = suite.cases
    .filter(({ id }) => options.only === null || options.only.test(id))
    .filter((spec) => {
      const missing = missingTool(spec, root);
      if (missing !== null) say(`left out: ${spec.id} (${missing})`);
      return missing === null;
    });
  const args = suite.name === 'matrix' ? [] : options.args;
  return {
    ...suite,
    cases: cases.map((spec) => ({
      ...spec,
      runs: options.runs ?? spec.runs ?? DEFAULT_RUNS,
      args: spec.tool === 'parload' ? [...spec.args, ...args] : spec.args,
    })),
  };
}

class SuiteRun {
  readonly #suite: Suite;
  readonly #server: BenchServer | null;
  readonly #crate: CrateTarget | null;
  readonly #context: RunnerContext;
  readonly #data = new Map<string, PreparedData>();
  readonly #ddl = new Map<string, readonly string[]>();

  constructor(
    suite: Suite,
    { server, crate }: { server: BenchServer | null; crate: CrateTarget | null },
    context: RunnerContext,
  ) {
    this.#suite = suite;
    this.#server = server;
    this.#crate = crate;
    this.#context = context;
  }

  async run(): Promise<void> {
    try {
      await this.#rounds(await this.#prepare());
    } finally {
      const given = this.#data.get(GIVEN);
      if (given !== undefined) removeFloor(given, this.#context.cacheDir);
    }
  }

  async #rounds(cases: readonly CaseSpec[]): Promise<void> {
    const { name, title } = this.#suite;
    const data = [...this.#data.values()].map(({ facts }) => facts);
    this.#context.emit({ type: 'suite', name, title, data, cases });
    const rounds = Math.max(...cases.map((spec) => spec.runs));
    this.#context.say(`${title}: ${cases.length} cases, ${rounds} rounds`);
    for (let round = 1; round <= rounds; round++) {
      for (const spec of cases) {
        if (this.#context.stopped()) return;
        if (round <= spec.runs) await this.#one(spec, round, rounds);
      }
    }
  }

  /** Makes data, ready-made bytes and DDL; returns the cases that can run. */
  async #prepare(): Promise<CaseSpec[]> {
    const kept: CaseSpec[] = [];
    for (const spec of this.#suite.cases) {
      const data = await this.#dataOf(spec.data);
      if (usesFloorFile(spec)) {
        if (!floorIsFeasible(data.facts)) {
          this.#context.say(`left out: ${spec.id} (its ready-made bytes would fill the disk)`);
          continue;
        }
        await makeFloor(data, this.#tools);
      }
      if (needsDdl(spec)) await this.#ddlOf(data);
      kept.push(spec);
    }
    return kept;
  }

  get #tools(): ToolContext {
    const { root, cacheDir, say } = this.#context;
    return { root, cacheDir, say };
  }

  async #dataOf(name: string): Promise<PreparedData> {
    const known = this.#data.get(name);
    if (known !== undefined) return known;
    const { root, cacheDir, say, options } = this.#context;
    const places: DataPlaces = { root, cacheDir, say };
    const data =
      name === GIVEN && options.sources.length > 0
        ? await prepareFiles(name, options.sources)
        : await prepareNamed(name, places);
    this.#data.set(name, data);
    return data;
  }

  /** As parload itself would make the table. */
  async #ddlOf(data: PreparedData): Promise<readonly string[]> {
    const known = this.#ddl.get(data.facts.name);
    if (known !== undefined) return known;
    const { url, env } = this.#server!;
    const plan = await planCopy([...data.sources, url, '--table', TABLE], env);
    const ddl = plan.target.ddl.filter((statement) => /^\s*create table/i.test(statement));
    this.#ddl.set(data.facts.name, ddl);
    return ddl;
  }

  async #one(spec: CaseSpec, round: number, rounds: number): Promise<void> {
    const { checksum } = this.#context.options;
    const data = this.#data.get(spec.data)!;
    const record = await runCase({
      suite: this.#suite.name,
      spec,
      round,
      data,
      server: needsServer(spec) ? this.#server : null,
      crate: needsCrate(spec) ? this.#crate : null,
      ddl: this.#ddl.get(data.facts.name) ?? [],
      checksum: checksum === 'every' || (checksum === 'first' && round === 1),
      context: this.#tools,
    });
    // Ctrl-C reached the child as well: that run says nothing.
    if (this.#context.stopped() && record.problems.length > 0) return;
    this.#context.emit(record);
    this.#context.say(`  ${round}/${rounds}  ${spec.id.padEnd(32)} ${shown(record)}`);
  }
}

function shown(run: RunRecord): string {
  if (run.problems.length > 0) return `FAILED: ${run.problems.join('; ')}`;
  const cpu = run.cpuUserSeconds + run.cpuSystemSeconds;
  const server = run.serverCpuSeconds === null ? '' : `  server ${run.serverCpuSeconds.toFixed(2)} s`;
  const rss = (run.peakRssBytes / 1024 ** 2).toFixed(0);
  return `${run.wallSeconds.toFixed(2)} s  CPU ${cpu.toFixed(2)} s  RSS ${rss} MiB${server}`;
}
