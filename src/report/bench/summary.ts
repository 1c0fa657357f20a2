// Runs -> one summary a case: medians, spread, scaling. Pure.
import { checksumProblems } from './integrity.ts';
import type { BenchResults, CaseSpec, DataSet, RunRecord, SuiteRecord } from './results.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

export interface CaseSummary {
  readonly spec: CaseSpec;
  readonly data: DataSet | null;
  /** Good runs. */
  readonly runs: readonly RunRecord[];
  readonly problems: readonly string[];
  /** null: no good run. */
  readonly wall: Spread | null;
  readonly clientCpu: Spread | null;
  readonly serverCpu: Spread | null;
  readonly backendCpu: Spread | null;
  /** CPU of everybody else, a second of wall. */
  readonly others: Spread | null;
  readonly peakRss: Spread | null;
  readonly rowsPerSecond: Spread | null;
  readonly bytesPerSecond: Spread | null;
  readonly peakBytesPerSecond: Spread | null;
  readonly majorGcs: Spread | null;
  readonly majorGcMs: Spread | null;
  readonly wasmCompilations: Spread | null;
  readonly idleShare: Spread | null;
  readonly sliceCount: number | null;
  readonly longestSlice: Spread | null;
  readonly totalSlice: Spread | null;
  /** Wall of one worker / wall of this case, same data, sink and slices; null without such a case. */
  readonly scaling: number | null;
  /** Scaling / workers. */
  readonly efficiency: number | null;
  /** Wall / wall of the floor with as many connections, else with one; Postgres cases only. */
  readonly toFloor: number | null;
  readonly verdict: Verdict | null;
}

export interface SuiteSummary {
  readonly suite: SuiteRecord;
  readonly cases: readonly CaseSummary[];
}

export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, n: sorted.length };
}

const spreadBy = (runs: readonly RunRecord[], of: (run: RunRecord) => number | null): Spread | null =>
  spreadOf(runs.map(of).filter((value): value is number => value !== null));

function measured(spec: CaseSpec, data: DataSet | null, all: readonly RunRecord[]): CaseSummary {
  const runs = all.filter((run) => run.problems.length === 0);
  return {
    spec,
    data,
    runs,
    problems: [...new Set(all.flatMap((run) => run.problems))],
    wall: spreadBy(runs, (r) => r.wallSeconds),
    clientCpu: spreadBy(runs, (r) => r.cpuUserSeconds + r.cpuSystemSeconds),
    serverCpu: spreadBy(runs, (r) => r.serverCpuSeconds),
    backendCpu: spreadBy(runs, (r) => r.backendCpuSeconds),
    others: spreadBy(runs, (r) => (r.othersCpuSeconds === null ? null : r.othersCpuSeconds / r.wallSeconds)),
    peakRss: spreadBy(runs, (r) => r.peakRssBytes),
    rowsPerSecond: spreadBy(runs, (r) => (r.rowCount === 0 ? null : r.rowCount / r.wallSeconds)),
    bytesPerSecond: spreadBy(runs, (r) => (r.bytesSent === 0 ? null : r.bytesSent / r.wallSeconds)),
    peakBytesPerSecond: spreadBy(runs, (r) => r.peakBytesPerSecond),
    majorGcs: spreadBy(runs, (r) => r.gc?.majorCount ?? null),
    majorGcMs: spreadBy(runs, (r) => r.gc?.majorMs ?? null),
    wasmCompilations: spreadBy(runs, (r) => r.wasmCompilations),
    idleShare: spreadBy(runs, (r) => r.idleShare),
    sliceCount: runs.find((r) => r.sliceCount !== null)?.sliceCount ?? null,
    longestSlice: spreadBy(runs, (r) => r.longestSliceSeconds),
    totalSlice: spreadBy(runs, (r) => r.totalSliceSeconds),
    scaling: null,
    efficiency: null,
    toFloor: null,
    verdict: null,
  };
}

/** Cases that differ in nothing but the number of workers have the same key. */
export const seriesKey = ({ tool, data, sink, slice, args }: CaseSpec): string =>
  JSON.stringify([tool, data, sink, slice, args]);

/** The case with one worker, where other counts were measured as well. */
function oneWorkerOf(cases: readonly CaseSummary[], spec: CaseSpec): CaseSummary | null {
  const series = cases.filter((c) => seriesKey(c.spec) === seriesKey(spec));
  const one = series.find((c) => c.spec.workers === 1);
  return one === undefined || series.length === 1 ? null : one;
}

/** The best of the floors with that many connections. */
function floorWall(cases: readonly CaseSummary[], spec: CaseSpec, connections: number): number | null {
  const walls = cases
    .filter(({ spec: s }) => (s.tool === 'floor' || s.tool === 'psql') && s.data === spec.data)
    .filter(({ spec: s }) => s.workers === connections)
    .map((c) => c.wall?.median)
    .filter((wall): wall is number => wall !== undefined);
  return walls.length === 0 ? null : Math.min(...walls);
}

function compared(summary: CaseSummary, cases: readonly CaseSummary[], cores: number): CaseSummary {
  const { spec, wall } = summary;
  if (wall === null) return summary;
  const base = oneWorkerOf(cases, spec)?.wall ?? null;
  const scaling = base === null ? null : base.median / wall.median;
  const isPostgres = spec.sink === 'postgres' && spec.tool !== 'floor' && spec.tool !== 'psql';
  const floor = isPostgres ? (floorWall(cases, spec, spec.workers) ?? floorWall(cases, spec, 1)) : null;
  const withRatios: CaseSummary = {
    ...summary,
    scaling,
    efficiency: scaling === null ? null : scaling / spec.workers,
    toFloor: floor === null ? null : wall.median / floor,
  };
  return { ...withRatios, verdict: verdictOf(withRatios, { cores, floorSeconds: floor }) };
}

export function summarize(results: BenchResults): SuiteSummary[] {
  const cores = results.environment?.cores ?? 1;
  return results.suites.map((suite) => {
    const own = results.runs.filter((run) => run.suite === suite.name);
    const wrong = checksumProblems(suite, own);
    const checked = own.map((run) =>
      wrong.has(run) ? { ...run, problems: [...run.problems, wrong.get(run)!] } : run,
    );
    const cases = suite.cases.map((spec) =>
      measured(
        spec,
        suite.data.find((d) => d.name === spec.data) ?? null,
        checked.filter((run) => run.caseId === spec.id),
      ),
    );
    return { suite, cases: cases.map((c) => compared(c, cases, cores)) };
  });
}
