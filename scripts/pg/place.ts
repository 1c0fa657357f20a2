// Where things are: the repository, and the data directory that `make ingest` and `make pg-up` keep.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAs } from './binaries.ts';

/** The folder of package.json, from sources and from built code alike. */
export function repositoryRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error('package.json not found above the scripts');
    dir = parent;
  }
  return dir;
}

/** Whether any account may enter `dir`, through all the folders above it. */
function isOpenToAll(dir: string): boolean {
  for (let at = dir; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * `.parload/pg` in the repository. For root, Postgres runs as another account, which may not be able to enter a
 * repository below a closed folder such as /root: then a folder under /var/tmp named after the repository.
 */
export function persistentDataDir(root = repositoryRoot()): string {
  if (runAs() === null || isOpenToAll(root)) return join(root, '.parload', 'pg');
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const home = join('/var/tmp', `parload-${name}`);
  mkdirSync(home, { recursive: true, mode: 0o755 });
  // Everybody may write to /var/tmp: what somebody else put there must not be given to another account.
  if (!lstatSync(home).isDirectory() || lstatSync(home).uid !== 0) {
    throw new Error(`${home} belongs to someone else; remove it first`);
  }
  return join(home, 'pg');
}
