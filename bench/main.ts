// `make bench` and `parload bench`. Progress on stderr, the table on stdout, everything else in files.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toParloadError } from '../src/errors/index.ts';
import { type BenchResults, parseResults } from '../src/report/bench/results.ts';
import { BENCH_USAGE, type BenchOptions, parseBenchOptions } from './options.ts';
import { ResultsFolder, writePages } from './output.ts';
import { runSuites } from './runner.ts';
import { matrixSuite, readSuite, type Suite } from './suites.ts';

const stamp = (): string => new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');

/** The folder of package.json: the checkout, or the installed package. */
function packageRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json')) && dir !== dirname(dir)) dir = dirname(dir);
  return dir;
}

/** Beside the checkout's other data; an installed package is not written to. */
const cacheFolder = (root: string): string =>
  join(root.includes('node_modules') ? process.cwd() : root, '.parload', 'bench');

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Several files as one: the environment of the first, all suites and runs. */
function readResults(paths: readonly string[]): BenchResults {
  return parseResults(paths.map((path) => readFileSync(path, 'utf8')).join('\n'));
}

const suitesOf = (options: BenchOptions, root: string): Suite[] =>
  options.sources.length > 0 ? [matrixSuite(options)] : options.cases.map((name) => readSuite(name, root));

async function measure(options: BenchOptions, root: string): Promise<ResultsFolder> {
  const cacheDir = cacheFolder(root);
  const suites = suitesOf(options, root);
  const folder = new ResultsFolder(options.outDir ?? join(cacheDir, 'results', stamp()));
  let stopped = false;
  const stop = (): void => {
    if (stopped) process.exit(130);
    stopped = true;
    say('stopping after this run; once more to stop at once');
  };
  process.on('SIGINT', stop);
  try {
    await runSuites(suites, {
      root,
      cacheDir,
      options,
      say,
      emit: (record) => folder.add(record),
      stopped: () => stopped,
    });
  } finally {
    process.off('SIGINT', stop);
  }
  return folder;
}

/** Returns the exit code: 1 when a run failed. */
export async function bench(args: readonly string[]): Promise<number> {
  const options = parseBenchOptions(args);
  if (options === null) {
    process.stdout.write(BENCH_USAGE);
    return 0;
  }
  const root = packageRoot();
  const folder = options.from.length > 0 ? null : await measure(options, root);
  const results = readResults(folder === null ? options.from : [folder.jsonl]);
  const dir = folder?.dir ?? options.outDir;
  if (dir !== null) {
    process.stdout.write(writePages(results, dir));
    say(
      `\nwritten: ${['runs.jsonl', 'report.md', 'report.html'].map((f) => relative('', join(dir, f))).join(', ')}`,
    );
  }
  return results.runs.some((run) => run.problems.length > 0) ? 1 : 0;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  try {
    process.exitCode = await bench(argv.slice(2));
  } catch (error) {
    const known = toParloadError(error);
    process.stderr.write(`bench: ${known.message}\n${known.hint === null ? '' : `${known.hint}\n`}`);
    process.exitCode = known.exitCode;
  }
}
