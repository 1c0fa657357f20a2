// What pyarrow reads in the foreign test files (scripts/golden/corpora.py), and the same digests of what we read.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonWord } from '../support/arrow-words.ts';
import { ROOT } from '../support/root.ts';

/** A text says why pyarrow refuses the file. */
export type GoldenFile = string | { readonly rows: number; readonly columns: string };

export const GOLDEN_FILES: ReadonlyMap<string, GoldenFile> = new Map(
  Object.entries(
    (
      JSON.parse(readFileSync(join(ROOT, 'test', 'golden', 'corpora.json'), 'utf8')) as {
        files: Record<string, GoldenFile>;
      }
    ).files,
  ),
);

const DIGITS = 10;

export function digestOf(name: string, words: readonly string[]): string {
  const hash = createHash('sha256').update(jsonWord(name));
  for (const word of words) hash.update('\n').update(word);
  return hash.digest('hex').slice(0, DIGITS);
}
