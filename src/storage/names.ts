// What the names of folders and files mean, wherever they are stored.
import { isGlob } from './glob.ts';

export const isPartition = (name: string): boolean => /^[^=]+=/.test(name);

/** Names that writers use for their own: checksums, markers, unfinished output. A partition folder is never one. */
export const isHidden = (name: string): boolean =>
  name.startsWith('.') || (name.startsWith('_') && !isPartition(name));

/**
 * Where partition folders start. Below the folder that was given, or the part of a glob without wildcards; and
 * `name=value` folders right above belong to it too, so that `data/year=2024` means the same rows and columns as
 * the year 2024 of `data`.
 */
export function partitionRoot(path: string): string {
  const parts = path.split('/');
  while (parts.length > 1 && isPartition(parts.at(-1)!)) parts.pop();
  return parts.join('/');
}

export const partitionsOf = (root: string, path: string): string[] =>
  path.slice(root.length).split('/').slice(0, -1).filter(isPartition);

/** The part of a pattern in front of its first wildcard: whole folders. */
export const globRoot = (pattern: string): string => {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => isGlob(part));
  return parts.slice(0, first < 0 ? parts.length - 1 : first).join('/');
};
