// Damaged files, one after the other: each is read whole, or refused by name with its place.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { minimise } from './minimise.ts';
import { type FuzzSeed, mutate } from './mutate.ts';
import { Random } from './random.ts';
import { FuzzReader, LIMIT_BYTES, type Outcome } from './reader.ts';

/** What may be said of a damaged file. */
const REFUSALS = new Set(['PARQUET_CORRUPT', 'PARQUET_UNSUPPORTED', 'NOT_PARQUET']);

export interface FuzzOptions {
  readonly seed: number;
  readonly corpus: readonly FuzzSeed[];
  /** Numbers of cases: from, and up to without it. */
  readonly from?: number;
  readonly to?: number;
  readonly timeMs?: number;
  readonly processes?: number;
  /** Scratch files, and what failed. */
  readonly dir: string;
}

export interface FuzzFailure {
  readonly number: number;
  readonly file: string;
  readonly told: readonly string[];
  readonly why: string;
  /** The damaged file, made smaller in its damage where that works. */
  readonly saved: string;
}

export interface FuzzResult {
  readonly cases: number;
  readonly read: number;
  readonly refused: number;
  readonly failures: readonly FuzzFailure[];
}

export interface FuzzCase {
  readonly file: FuzzSeed;
  readonly bytes: Buffer;
  readonly told: readonly string[];
  readonly mustRefuse: boolean;
  readonly sliceRows: number | null;
}

export function caseOf(corpus: readonly FuzzSeed[], seed: number, number: number): FuzzCase {
  const random = new Random(seed, number);
  const file = random.pick(corpus);
  const donor = random.pick(corpus);
  const mutant = mutate(file, donor.bytes, random);
  return { file, ...mutant, sliceRows: random.chance(0.3) ? 1 + random.below(200) : null };
}

/** null: as it must be. */
export function complaint(outcome: Outcome, mustRefuse: boolean): string | null {
  if (!('peakBytes' in outcome)) return `${outcome.kind}: ${outcome.message}`;
  if (outcome.kind === 'crashed' || outcome.kind === 'wrong') return `${outcome.kind}: ${outcome.message}`;
  if (outcome.peakBytes > LIMIT_BYTES) return `memory: ${Math.round(outcome.peakBytes / 2 ** 20)} MiB`;
  if (outcome.kind === 'read') return mustRefuse ? 'read, although a checksum does not match' : null;
  if (!REFUSALS.has(outcome.code)) return `refused with ${outcome.code}: ${outcome.message}`;
  if (!outcome.place.includes('input')) return `refused without saying which file: ${outcome.message}`;
  return null;
}

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { corpus, seed, dir, from = 0, to = Number.POSITIVE_INFINITY } = options;
  const end = performance.now() + (options.timeMs ?? Number.POSITIVE_INFINITY);
  mkdirSync(dir, { recursive: true });
  const failures: FuzzFailure[] = [];
  const counts = { cases: 0, read: 0, refused: 0 };
  let next = from;
  const work = async (worker: number): Promise<void> => {
    const reader = new FuzzReader();
    const path = join(dir, `case-${process.pid}-${worker}.parquet`);
    while (next < to && performance.now() < end) {
      const number = next++;
      const one = caseOf(corpus, seed, number);
      const ask = (bytes: Buffer): Promise<Outcome> =>
        reader.ask({ path, bytes: bytes.toString('base64'), sliceRows: one.sliceRows });
      const outcome = await ask(one.bytes);
      counts.cases += 1;
      const why = complaint(outcome, one.mustRefuse);
      if (why === null) counts[outcome.kind === 'read' ? 'read' : 'refused'] += 1;
      else {
        const small = await minimise(one, why, async (bytes) => complaint(await ask(bytes), one.mustRefuse));
        const saved = join(dir, `failure-${seed}-${number}.parquet`);
        writeFileSync(saved, small);
        failures.push({ number, file: one.file.name, told: one.told, why, saved });
      }
    }
    reader.close();
  };
  await Promise.all(Array.from({ length: options.processes ?? 1 }, (_, worker) => work(worker)));
  return { ...counts, failures };
}

/** For people. */
export const describeFailure = (seed: number, { number, file, told, why, saved }: FuzzFailure): string =>
  [
    `case ${number} (make fuzz SEED=${seed} CASE=${number}): ${file}`,
    ...told.map((line) => `  ${line}`),
    `  ${why.split('\n').slice(0, 6).join('\n    ')}`,
    `  saved as ${saved}`,
  ].join('\n');
