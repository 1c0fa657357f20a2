// Folders that tests need, found from the built file as well as from the source.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { repositoryRoot } from '../../scripts/pg/place.ts';

/** The repository: the folder of package.json. */
export const ROOT = repositoryRoot();

/** A folder that is removed when this file's tests are over. */
export function temporaryFolder(prefix = 'parload-test-'): string {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
