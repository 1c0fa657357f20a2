// Results made by hand, with what a test is about and usual figures for the rest.
import type {
  BenchResults,
  CaseSpec,
  DataSet,
  Environment,
  RunRecord,
} from '../../../src/report/bench/results.ts';

export const MiB = 1024 * 1024;

export const environment: Environment = {
  type: 'environment',
  startedAt: '2024-01-01T00:00:00.000Z',
  parload: '0.1.0',
  gitCommit: 'abcdef0123',
  node: 'v20.0.0',
  cpuModel: 'a processor <fast>',
  cores: 2,
  memoryBytes: 8 * 1024 * MiB,
  kernel: 'Linux 6',
  loadBefore: 0.1,
  postgres: { version: '17.1', kind: 'embedded', measured: true, settings: { fsync: 'on' } },
};

export const dataSet = (name: string, rowCount = 1000): DataSet => ({
  name,
  title: `${name} & more`,
  origin: 'made by the bench',
  files: 1,
  fileBytes: MiB,
  rowCount,
  rowGroups: 3,
  columns: 19,
});

export const spec = (id: string, parts: Partial<CaseSpec> = {}): CaseSpec => ({
  id,
  title: id,
  tool: 'parload',
  data: 'taxi',
  sink: 'postgres',
  workers: 1,
  slice: 'auto',
  args: [],
  runs: 3,
  ...parts,
});

export const run = (caseId: string, parts: Partial<RunRecord> = {}): RunRecord => ({
  type: 'run',
  suite: 's',
  caseId,
  round: 1,
  problems: [],
  wallSeconds: 4,
  cpuUserSeconds: 1.5,
  cpuSystemSeconds: 0.5,
  reportedCpuSeconds: 1.9,
  peakRssBytes: 100 * MiB,
  othersCpuSeconds: 0,
  serverCpuSeconds: 3,
  backendCpuSeconds: 2,
  rowCount: 1000,
  bytesSent: 40 * MiB,
  peakBytesPerSecond: 12 * MiB,
  workersUsed: 1,
  sliceCount: 8,
  longestSliceSeconds: 0.5,
  totalSliceSeconds: 3.8,
  idleShare: 0.2,
  gc: { majorCount: 2, majorMs: 10, minorCount: 5, minorMs: 5 },
  wasmCompilations: 1,
  checksum: null,
  ...parts,
});

export const results = (
  cases: readonly CaseSpec[],
  runs: readonly RunRecord[],
  suiteName = 's',
): BenchResults => ({
  environment,
  suites: [
    {
      type: 'suite',
      name: suiteName,
      title: 'A suite',
      data: [...new Set(cases.map((c) => c.data))].map((name) => dataSet(name)),
      cases,
    },
  ],
  runs: runs.map((r) => ({ ...r, suite: suiteName })),
});
