// The shared test data (real files, shapes, corrupt files): beside the repository, or where PARLOAD_SHARED says.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { ROOT } from './root.ts';

const HOW = 'put it beside the repository as ../shared, or set PARLOAD_SHARED';

/** null when this machine does not have it. */
export const SHARED: string | null =
  [process.env.PARLOAD_SHARED, resolve(ROOT, '..', 'shared')].find(
    (dir) => dir !== undefined && dir !== '' && existsSync(join(dir, 'data')),
  ) ?? null;

/** Path of a shared file or folder, as `data/real/x.parquet`; null when it is not there. */
export function sharedPath(...parts: string[]): string | null {
  if (SHARED === null) return null;
  const path = join(SHARED, ...parts);
  return existsSync(path) ? path : null;
}

/** The path, or null after marking the test as skipped: `const file = sharedOrSkip(t, 'data', 'x'); if (file === null) return;` */
export function sharedOrSkip(t: TestContext, ...parts: string[]): string | null {
  const path = sharedPath(...parts);
  if (path === null) t.skip(`shared data ${parts.join('/')} is not here: ${HOW}`);
  return path;
}
