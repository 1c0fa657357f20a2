import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GOLDEN_FILES } from './golden.ts';
import { readAll } from './read-all.ts';
import type { Result } from './report.ts';

/** Reads all files of the folder of shared data that pyarrow's results are known of. */
export async function readForeignFiles(data: string): Promise<Result[]> {
  const files = [...GOLDEN_FILES].filter(([name]) => existsSync(join(data, name)));
  const outcomes = await readAll(files.map(([name]) => join(data, name)));
  return files.map(([name, golden], i) => ({ name, golden, outcome: outcomes[i]! }));
}
