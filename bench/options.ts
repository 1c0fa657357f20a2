// What a benchmark is asked to do, from its command line.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ParloadError } from '../src/errors/index.ts';

export interface BenchOptions {
  /** Empty: named suites on the bench's own data. */
  readonly sources: readonly string[];
  /** null: the embedded Postgres, or PARLOAD_BENCH_PG_URL. */
  readonly sink: string | null;
  readonly workers: readonly number[];
  readonly slices: readonly string[];
  readonly sinks: readonly string[];
  readonly runs: number | null;
  /** Names in bench/cases, or paths of YAML files. */
  readonly cases: readonly string[];
  /** Cases whose id matches. */
  readonly only: RegExp | null;
  readonly outDir: string | null;
  /** Results to show again, without measuring. */
  readonly from: readonly string[];
  /** Further flags of copy. */
  readonly args: readonly string[];
  readonly floor: boolean;
  readonly checksum: 'every' | 'first' | 'none';
}

export const BENCH_USAGE = `usage: bench [SOURCE... SINK] [options]
  --workers 1,2,4      worker counts [1, 2, 4 up to the machine's cores]
  --slice auto,rows:N  slice kinds: auto, row-group, rows:N [auto]
  --sinks a,b          further sinks for comparison: null:, null:pg, none [null:,null:pg]
  --runs N             runs of each case [3]
  --cases NAME,..      named cases: files in bench/cases, or paths of YAML files [default,start]
  --only REGEX         only cases whose id matches
  --args "--memory 1g" further flags of copy, for every case
  --no-floor           without ready-made bytes as the floor
  --checksum every|first|none   sums of the columns after which runs of a case [first]
  --out DIR            where results go [.parload/bench/results/<time>]
  --from FILE.jsonl    shows earlier results again; may be repeated
`;

const usage = (message: string): ParloadError =>
  new ParloadError('USAGE', message, { hint: 'bench --help lists the options.' });

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function wholeNumber(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw usage(`--${option}: "${text}" is not a whole number above 0`);
  return value;
}

const defaultWorkers = (): number[] => {
  const cores = availableParallelism();
  return [1, 2, 4].filter((n) => n <= Math.max(2, cores));
};

function checkedSlices(text: string): string[] {
  const slices = list(text);
  for (const slice of slices) {
    if (!/^(auto|row-group|rows:\d+)$/.test(slice))
      throw usage(`--slice: "${slice}" is not auto, row-group or rows:N`);
  }
  return slices;
}

function checksumOf(text: string): BenchOptions['checksum'] {
  if (text === 'every' || text === 'first' || text === 'none') return text;
  throw usage(`--checksum: "${text}" is not every, first or none`);
}

const SPEC = {
  workers: { type: 'string' },
  slice: { type: 'string', default: 'auto' },
  sinks: { type: 'string', default: 'null:,null:pg' },
  runs: { type: 'string' },
  cases: { type: 'string' },
  only: { type: 'string' },
  out: { type: 'string' },
  from: { type: 'string', multiple: true },
  args: { type: 'string', default: '' },
  'no-floor': { type: 'boolean', default: false },
  checksum: { type: 'string', default: 'first' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: SPEC, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

/** null: help was asked for. */
export function parseBenchOptions(argv: readonly string[]): BenchOptions | null {
  const { values, positionals } = parse(argv);
  if (values.help) return null;
  if (positionals.length === 1) throw usage('give one source or more, and then the sink');
  if (positionals.length > 0 && values.cases !== undefined) {
    throw usage('--cases brings its own data; leave out SOURCE and SINK, or --cases');
  }
  return {
    sources: positionals.slice(0, -1),
    sink: positionals.at(-1) ?? null,
    workers:
      values.workers === undefined
        ? defaultWorkers()
        : list(values.workers).map((n) => wholeNumber(n, 'workers')),
    slices: checkedSlices(values.slice),
    sinks: list(values.sinks).filter((sink) => sink !== 'none'),
    runs: values.runs === undefined ? null : wholeNumber(values.runs, 'runs'),
    cases: values.cases === undefined ? ['default', 'start'] : list(values.cases),
    only: values.only === undefined ? null : new RegExp(values.only),
    outDir: values.out ?? null,
    from: values.from ?? [],
    args: values.args.split(/\s+/).filter((word) => word !== ''),
    floor: !values['no-floor'],
    checksum: checksumOf(values.checksum),
  };
}
