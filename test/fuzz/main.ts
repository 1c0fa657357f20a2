// `make fuzz`: TIME= seconds, SEED= a number, CASE= only that one, FILE= a saved file.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/root.ts';
import { loadCorpus } from './corpus.ts';
import { complaint, describeFailure, fuzz } from './fuzz.ts';
import { FuzzReader } from './reader.ts';

const DEFAULT_SECONDS = 60;
const dir = join(ROOT, 'dist', 'fuzz');

async function readOne(path: string): Promise<void> {
  const reader = new FuzzReader();
  const bytes = readFileSync(path).toString('base64');
  const outcome = await reader.ask({ path: join(dir, 'one.parquet'), bytes, sliceRows: null });
  reader.close();
  console.log(outcome);
  process.exitCode = complaint(outcome, false) === null ? 0 : 1;
}

async function run(): Promise<void> {
  const { FILE, CASE, SEED, TIME } = process.env;
  const seed = Number(SEED || Math.floor(Math.random() * 2 ** 31));
  const corpus = loadCorpus({ shared: true });
  console.log(`${corpus.length} sound files; SEED=${seed}`);
  if (FILE) return readOne(FILE);
  const one = CASE
    ? { from: Number(CASE), to: Number(CASE) + 1 }
    : { timeMs: 1000 * Number(TIME || DEFAULT_SECONDS) };
  const processes = CASE ? 1 : Math.max(1, Math.min(4, availableParallelism()));
  const result = await fuzz({ seed, corpus, dir, processes, ...one });
  for (const failure of result.failures) console.log(`\n${describeFailure(seed, failure)}`);
  console.log(
    `\n${result.cases} damaged files: ${result.read} read, ${result.refused} refused, ${result.failures.length} failures`,
  );
  if (result.failures.length > 0) process.exitCode = 1;
}

await run();
