// Figures as texts: the columns that terminal, Markdown and HTML share.
import { formatBytes, formatCount, MiB } from '../../runtime/index.ts';
import type { Environment } from './results.ts';
import type { CaseSummary, Spread } from './summary.ts';

export interface Figure {
  readonly head: string;
  readonly align: 'l' | 'r';
  /** '' when there is nothing to say. */
  readonly of: (summary: CaseSummary) => string;
}

const fixed = (spread: Spread | null, digits: number): string =>
  spread === null ? '' : spread.median.toFixed(digits);

const mib = (spread: Spread | null): string => (spread === null ? '' : (spread.median / MiB).toFixed(0));

const ratio = (value: number | null): string => (value === null ? '' : value.toFixed(2));

const millions = (spread: Spread | null): string => {
  if (spread === null) return '';
  return spread.median >= 100_000 ? `${(spread.median / 1e6).toFixed(2)} M` : formatCount(spread.median);
};

export const rangeText = (spread: Spread | null, digits = 2): string =>
  spread === null ? '' : `${spread.min.toFixed(digits)}–${spread.max.toFixed(digits)}`;

export const CASE: Figure = { head: 'case', align: 'l', of: (s) => s.spec.id };

export const FIGURES: readonly Figure[] = [
  { head: 'wall s', align: 'r', of: (s) => fixed(s.wall, 2) },
  { head: 'min–max', align: 'r', of: (s) => rangeText(s.wall) },
  { head: 'rows/s', align: 'r', of: (s) => millions(s.rowsPerSecond) },
  { head: 'MiB/s', align: 'r', of: (s) => mib(s.bytesPerSecond) },
  { head: 'peak', align: 'r', of: (s) => mib(s.peakBytesPerSecond) },
  { head: 'CPU s', align: 'r', of: (s) => fixed(s.clientCpu, 2) },
  { head: 'server s', align: 'r', of: (s) => fixed(s.serverCpu, 2) },
  { head: 'RSS MiB', align: 'r', of: (s) => mib(s.peakRss) },
  { head: 'x 1 worker', align: 'r', of: (s) => ratio(s.scaling) },
  {
    head: 'each',
    align: 'r',
    of: (s) => (s.efficiency === null ? '' : `${Math.round(s.efficiency * 100)} %`),
  },
  { head: 'x floor', align: 'r', of: (s) => ratio(s.toFloor) },
  { head: 'slices', align: 'r', of: (s) => (s.sliceCount === null ? '' : formatCount(s.sliceCount)) },
  { head: 'full GCs', align: 'r', of: (s) => fixed(s.majorGcs, 0) },
  { head: 'wasm', align: 'r', of: (s) => fixed(s.wasmCompilations, 0) },
  { head: 'others', align: 'r', of: (s) => (s.others === null ? '' : s.others.median.toFixed(1)) },
  { head: 'n', align: 'r', of: (s) => String(s.wall?.n ?? 0) },
];

/** What the heads mean, for people who did not write them. */
export const LEGEND = [
  'Medians of n runs in turn, each a fresh process; wall is spawn to exit, min–max its spread.',
  'MiB/s: bytes sent by wall time, and in the busiest second. CPU s: client, user and system.',
  'server s: CPU of all server processes. RSS: high-water mark of the client.',
  'x 1 worker: times as fast as one worker; each: that by the number of workers.',
  'x floor: wall by that of ready-made bytes on as many connections (else one).',
  'others: cores that everything else on the machine kept busy meanwhile; much above 0 and the figures are not to be trusted.',
  'full GCs: major collections of all threads. wasm: compilations of modules over 32 KiB.',
] as const;

export const outcomeText = (summary: CaseSummary): string => {
  if (summary.problems.length > 0) return `FAILED: ${summary.problems.join('; ')}`;
  return summary.verdict?.text ?? '';
};

export function environmentPairs(environment: Environment): [string, string][] {
  const { postgres } = environment;
  const pairs: [string, string][] = [
    ['when', environment.startedAt],
    ['parload', [environment.parload, environment.gitCommit].filter((part) => part !== null).join(' at ')],
    ['machine', `${environment.cores} x ${environment.cpuModel}, ${formatBytes(environment.memoryBytes)}`],
    ['system', `${environment.kernel}, Node.js ${environment.node}`],
    ['load before', environment.loadBefore.toFixed(2)],
  ];
  if (postgres !== null) {
    const kind = postgres.kind === 'embedded' ? 'the embedded build' : 'given by URL';
    const seen = postgres.measured ? '' : '; its CPU could not be measured';
    pairs.push(['Postgres', `${postgres.version}, ${kind}${seen}`]);
    const settings = Object.entries(postgres.settings).map(([name, value]) => `${name}=${value}`);
    pairs.push(['settings', settings.join(' ')]);
  }
  return pairs;
}

/** Columns that say something for at least one case. */
export const usedFigures = (cases: readonly CaseSummary[]): Figure[] =>
  FIGURES.filter((figure) => cases.some((c) => figure.of(c) !== ''));
