// What pyarrow reads in the foreign test files (scripts/golden/corpora.py), and the same digests of what we read.
import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellWords, jsonWord } from '../support/arrow-words.ts';
import { readBatches } from '../support/read-cells.ts';
import { ROOT } from '../support/root.ts';

/** A text says why pyarrow refuses the file. */
export type GoldenFile = string | FileDigest;

export interface FileDigest {
  readonly rows: number;
  /** One digest a column, with spaces between. */
  readonly columns: string;
}

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

const startDigest = (name: string): Hash => createHash('sha256').update(jsonWord(name));
const endDigest = (hash: Hash): string => hash.digest('hex').slice(0, DIGITS);

/** Of one column. */
export function digestOf(name: string, words: readonly string[]): string {
  const hash = startDigest(name);
  for (const word of words) hash.update('\n').update(word);
  return endDigest(hash);
}

/** Batch after batch: the cells of a big file are never in memory at once. */
export async function digestFile(path: string): Promise<FileDigest> {
  let hashes: Hash[] = [];
  let rows = 0;
  await readBatches(
    path,
    {},
    (fields) => {
      hashes = fields.map(({ name }) => startDigest(name));
    },
    (batch) => {
      batch.schema.fields.forEach((field, k) => {
        for (const word of cellWords(field, batch.columns[k]!)) hashes[k]!.update('\n').update(word);
      });
      rows += batch.length;
      return true;
    },
  );
  return { rows, columns: hashes.map(endDigest).join(' ') };
}
