// Which of a store's keys a folder or a glob means. The same rules as for local folders. Pure.
import { compileGlob, expandBraces, type GlobSegment, isGlob, matchesPath } from '../glob.ts';
import { globRoot, isHidden, partitionRoot, partitionsOf } from '../names.ts';

export interface KeyPattern {
  /** What all keys begin with: as much of the pattern as has no wildcard. */
  readonly prefix: string;
  /** How a key is meant; null: not at all. */
  match(key: string): { readonly inFolder: boolean; readonly partitions: readonly string[] } | null;
}

const segmentsOf = (key: string): string[] => key.split('/').filter((part) => part !== '');

/** All that lies below a folder; `folder` is empty for the whole bucket, or ends in a slash. */
export function folderPattern(folder: string): KeyPattern {
  const root = partitionRoot(folder.replace(/\/$/, ''));
  return {
    prefix: folder,
    match: (key) => {
      if (!key.startsWith(folder)) return null;
      const below = segmentsOf(key.slice(folder.length));
      if (below.length === 0 || below.some(isHidden)) return null;
      return { inFolder: true, partitions: partitionsOf(root, key) };
    },
  };
}

/** `a/b*c/d` -> `a/b` */
function literalPrefix(pattern: string): string {
  const at = pattern.search(/[*?[{]/);
  return at < 0 ? pattern : pattern.slice(0, at);
}

class Folders {
  readonly #segments: readonly GlobSegment[];
  /** By folder: its number of segments when the pattern ends on it or on one above; 0 when on none. */
  readonly #known = new Map<string, number>();

  constructor(segments: readonly GlobSegment[]) {
    this.#segments = segments;
  }

  /** How many leading segments make a folder on which the pattern ends. */
  depth(path: readonly string[]): number {
    if (path.length === 0) return 0;
    const name = path.join('/');
    let depth = this.#known.get(name);
    if (depth === undefined) {
      depth = this.depth(path.slice(0, -1));
      if (depth === 0 && matchesPath(this.#segments, path)) depth = path.length;
      this.#known.set(name, depth);
    }
    return depth;
  }
}

/** One pattern a way to fill in its braces. A folder that a pattern ends on is taken whole. */
export function globPatterns(pattern: string): KeyPattern[] {
  return expandBraces(pattern).map((text): KeyPattern => {
    const segments = compileGlob(text);
    const root = partitionRoot(globRoot(text));
    const folders = new Folders(segments);
    return {
      prefix: literalPrefix(text),
      match: (key) => {
        if (key.endsWith('/')) return null;
        const path = segmentsOf(key);
        const depth = folders.depth(path.slice(0, -1));
        const partitions = (): string[] => partitionsOf(root, key);
        if (depth > 0)
          return path.slice(depth).some(isHidden) ? null : { inFolder: true, partitions: partitions() };
        if (!matchesPath(segments, path)) return null;
        // `a/**` means files inside folders, as it does on a disk
        const inFolder = segments.at(-1)?.kind === 'deep';
        if (inFolder && path.some(isHidden)) return null;
        return { inFolder, partitions: partitions() };
      },
    };
  });
}

export const isKeyGlob = isGlob;
