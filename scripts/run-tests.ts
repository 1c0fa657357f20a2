// `make test`: runs the built test files of the suites named, then lists what was skipped and how to turn it on.
// Files are listed here because Node 20's runner takes no globs.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SkippedTest } from './test-skips.ts';

const DIST = dirname(dirname(fileURLToPath(import.meta.url)));
/** Each integration file starts a server of its own: more at once only makes all of them slower. */
const FILES_AT_ONCE = process.env.TEST_JOBS ?? '2';
const FILE_TIMEOUT_MS = 15 * 60_000;

function testFiles(suite: string): string[] {
  const dir = join(DIST, 'test', suite);
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(dir, name));
}

function runNode(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // Ctrl-C reaches the tests by themselves; we stay to report.
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

/** `reason : how to turn it on` of each skipped test, those with one reason together. */
function printSkipped(skipped: readonly SkippedTest[]): void {
  if (skipped.length === 0) return;
  console.log(`\nSkipped: ${skipped.length} ${skipped.length === 1 ? 'test' : 'tests'}`);
  for (const [reason, tests] of groupByReason(skipped)) {
    console.log(`  - ${reason}`);
    const files = [...new Set(tests.map((t) => relative(DIST, t.file).replace(/\.js$/, '.ts')))];
    console.log(`      ${tests.length} in ${files.join(', ')}`);
  }
}

function groupByReason(skipped: readonly SkippedTest[]): Map<string, SkippedTest[]> {
  const groups = new Map<string, SkippedTest[]>();
  for (const s of skipped) groups.set(s.reason, [...(groups.get(s.reason) ?? []), s]);
  return groups;
}

const only = process.env.ONLY ?? '';
const suites = process.argv.slice(2);
const files = suites.flatMap(testFiles).filter((file) => relative(DIST, file).includes(only));
if (files.length === 0) {
  console.error(`no test file in ${suites.join(', ')}${only === '' ? '' : ` whose path contains "${only}"`}`);
  process.exit(1);
}
const scratch = mkdtempSync(join(tmpdir(), 'parload-tests-'));
const skipFile = join(scratch, 'skipped.json');
const code = await runNode([
  '--test',
  `--test-concurrency=${FILES_AT_ONCE}`,
  `--test-timeout=${FILE_TIMEOUT_MS}`,
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  `--test-reporter=${new URL('./test-skips.js', import.meta.url).href}`,
  `--test-reporter-destination=${skipFile}`,
  ...files,
]);
if (existsSync(skipFile)) printSkipped(JSON.parse(readFileSync(skipFile, 'utf8') || '[]') as SkippedTest[]);
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${files.length} test files of ${suites.join(', ')}: ${code === 0 ? 'all passed' : 'FAILED'}`);
process.exitCode = code;
