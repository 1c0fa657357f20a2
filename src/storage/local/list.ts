// Paths, folders and globs -> files.
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ParloadError } from '../../errors/index.ts';
import { compileGlob, expandBraces, type GlobSegment, isGlob, matchesName } from '../glob.ts';
import { globRoot, isHidden, partitionRoot, partitionsOf } from '../names.ts';
import type { ListedObject, Listing, ListRequest } from '../storage.ts';
import { errnoOf, fsError } from './fs-error.ts';
import { localPath } from './path.ts';

/** Folders within folders; more is a loop of links. */
const MAX_DEPTH = 100;

interface Found {
  readonly path: string;
  readonly stats: Stats;
  /** True when the file was found inside a folder and not named by the user or by a glob's last segment. */
  readonly inFolder: boolean;
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    const errno = errnoOf(error);
    // a broken link or a file that went away between listing and looking
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ENAMETOOLONG') return null;
    throw fsError(path, error);
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw fsError(folder, error);
  }
}

const circular = (folder: string): ParloadError =>
  new ParloadError(
    'SOURCE_UNREADABLE',
    `${folder} leads back to a folder above it, or is nested too deeply`,
    {
      where: { input: folder },
      retryable: false,
      hint: 'Name the folders below the symbolic link instead.',
    },
  );

const idOf = (stats: Stats): string => `${stats.dev}:${stats.ino}`;

/** `above`: the folders that lead here, so that a link back to one of them is seen. */
async function walkFolder(folder: string, above: readonly string[], out: Found[]): Promise<void> {
  const own = await statOrNull(folder);
  if (own === null) return;
  const id = idOf(own);
  if (above.includes(id) || above.length > MAX_DEPTH) throw circular(folder);
  for (const entry of await entriesOf(folder)) {
    if (isHidden(entry.name)) continue;
    const path = join(folder, entry.name);
    const stats = await statOrNull(path);
    if (stats?.isDirectory()) await walkFolder(path, [...above, id], out);
    else if (stats?.isFile()) out.push({ path, stats, inFolder: true });
  }
}

/** Follows the pattern's segments from `at` downwards; what it ends on is a file, or a folder taken whole. */
async function walkGlob(
  at: string,
  segments: readonly GlobSegment[],
  depth: number,
  out: Found[],
): Promise<void> {
  if (depth > MAX_DEPTH) throw circular(at);
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    const stats = await statOrNull(at);
    if (stats?.isFile()) out.push({ path: at, stats, inFolder: false });
    else if (stats?.isDirectory()) await walkFolder(at, [], out);
    return;
  }
  if (segment.kind === 'name') return walkGlob(join(at, segment.name), rest, depth + 1, out);
  const stats = await statOrNull(at);
  if (!stats?.isDirectory()) return;
  if (segment.kind === 'deep' && rest.length === 0) return walkFolder(at, [], out);
  if (segment.kind === 'deep') await walkGlob(at, rest, depth, out);
  for (const entry of await entriesOf(at)) {
    const path = join(at, entry.name);
    if (segment.kind === 'match') {
      if (matchesName(segment, entry.name)) await walkGlob(path, rest, depth + 1, out);
    } else if (!isHidden(entry.name) && (await statOrNull(path))?.isDirectory()) {
      await walkGlob(path, segments, depth + 1, out);
    }
  }
}

const listed = (root: string, path: string, stats: Stats): ListedObject => ({
  uri: path,
  sizeBytes: stats.size,
  partitions: partitionsOf(partitionRoot(root), path),
});

async function findMany(path: string, isFolder: boolean): Promise<{ root: string; found: Found[] }[]> {
  const patterns = isFolder ? [path] : expandBraces(path);
  return Promise.all(
    patterns.map(async (pattern) => {
      const found: Found[] = [];
      if (isFolder) await walkFolder(pattern, [], found);
      else await walkGlob('/', compileGlob(pattern), 0, found);
      return { root: isFolder ? pattern : globRoot(pattern), found };
    }),
  );
}

export async function listLocal(uri: string, request: ListRequest): Promise<Listing> {
  const path = localPath(uri);
  // a name that exists is that name, even when it looks like a pattern
  const stats = await statOrNull(path);
  if (stats !== null && !stats.isDirectory()) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    return { objects: [listed(folder, path, stats)], kind: 'object', skippedEmpty: [] };
  }
  const isFolder = stats !== null;
  if (!isFolder && !isGlob(path)) {
    throw new ParloadError('SOURCE_NOT_FOUND', `${path} does not exist`, { where: { input: path } });
  }
  const objects = new Map<string, ListedObject>();
  const skippedEmpty = new Set<string>();
  const isData = (name: string): boolean =>
    request.extensions.some((ending) => name.toLowerCase().endsWith(ending));
  for (const { root, found } of await findMany(path, isFolder)) {
    for (const file of found) {
      if (file.inFolder && !isData(file.path)) continue;
      if (file.stats.size === 0) skippedEmpty.add(file.path);
      else objects.set(file.path, listed(root, file.path, file.stats));
    }
  }
  if (objects.size === 0) throw nothingFound(path, isFolder, skippedEmpty.size, request);
  const sorted = [...objects.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
  return { objects: sorted, kind: 'many', skippedEmpty: [...skippedEmpty].sort() };
}

function nothingFound(path: string, isFolder: boolean, empty: number, request: ListRequest): ParloadError {
  const what = isFolder ? `the folder ${path} holds no file that ends in` : `nothing matches ${path}`;
  const endings = isFolder ? ` ${request.extensions.join(', ')}` : '';
  const only = empty === 0 ? '' : ` (only ${empty} of 0 bytes)`;
  return new ParloadError('SOURCE_NOT_FOUND', `${what}${endings}${only}`, {
    where: { input: path },
    ...(isFolder ? { hint: 'Files with other endings are taken when they are named themselves.' } : {}),
  });
}
