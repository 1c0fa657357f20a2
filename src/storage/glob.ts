// A small glob matcher: `*`, `?`, `[a-z]`, `[!x]`, `{a,b}` inside one path segment, `**` for any depth.
// Own code, because `fs.glob` needs Node 22.
import { ParloadError } from '../errors/index.ts';

/** Any run of characters, or a test for one. */
type GlobItem = '*' | ((character: string) => boolean);

/** One path segment of a pattern: a fixed name, a pattern for names, or any number of folders. */
export type GlobSegment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'match'; readonly pattern: readonly GlobItem[]; readonly dotted: boolean }
  | { readonly kind: 'deep' };

const MAX_ALTERNATIVES = 1_000;

export const isGlob = (text: string): boolean => /[*?[{]/.test(text);

const refuse = (pattern: string, why: string): never => {
  throw new ParloadError('SOURCE_NOT_FOUND', `the pattern "${pattern}" is not a valid glob: ${why}`, {
    hint: 'Globs know * ? [abc] [a-z] [!a] {a,b} and ** for any depth.',
  });
};

/** The first `{...}` with its alternatives, nested braces kept together. */
function firstBraces(pattern: string): { start: number; end: number; options: string[] } | null {
  const start = pattern.indexOf('{');
  if (start < 0) return null;
  const options: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '{') depth++;
    if (c === ',' && depth === 1) {
      options.push(pattern.slice(from, i));
      from = i + 1;
    }
    if (c === '}' && --depth === 0) {
      options.push(pattern.slice(from, i));
      return { start, end: i + 1, options };
    }
  }
  return refuse(pattern, 'a { is never closed');
}

/** `a{b,c}d` -> `abd`, `acd`. Alternatives may hold slashes and further braces. */
export function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  while (open.length > 0) {
    const next = open.shift()!;
    const braces = firstBraces(next);
    if (braces === null) done.push(next);
    else
      for (const option of braces.options)
        open.push(next.slice(0, braces.start) + option + next.slice(braces.end));
    if (open.length + done.length > MAX_ALTERNATIVES)
      refuse(pattern, `over ${MAX_ALTERNATIVES} alternatives`);
  }
  return [...new Set(done)];
}

/** `[a-z]` or `[!a]` whose bracket is at `at`; null when it is never closed and so is a plain bracket. */
function charClass(
  characters: readonly string[],
  at: number,
  pattern: string,
): { item: GlobItem; end: number } | null {
  const negated = characters[at + 1] === '!' || characters[at + 1] === '^';
  const from = at + (negated ? 2 : 1);
  // a bracket that comes first is a member
  const end = characters.indexOf(']', from + 1);
  if (end < 0) return null;
  const ranges: [number, number][] = [];
  for (let i = from; i < end; i++) {
    const low = characters[i]!.codePointAt(0)!;
    const isRange = characters[i + 1] === '-' && i + 2 < end;
    const high = isRange ? characters[i + 2]!.codePointAt(0)! : low;
    if (high < low) refuse(pattern, `the range ${characters.slice(i, i + 3).join('')} runs backwards`);
    ranges.push([low, high]);
    if (isRange) i += 2;
  }
  const item = (character: string): boolean => {
    const code = character.codePointAt(0)!;
    return ranges.some(([low, high]) => code >= low && code <= high) !== negated;
  };
  return { item, end: end + 1 };
}

function segmentItems(segment: string, pattern: string): GlobItem[] {
  const items: GlobItem[] = [];
  const characters = [...segment];
  for (let i = 0; i < characters.length; ) {
    const c = characters[i]!;
    const set = c === '[' ? charClass(characters, i, pattern) : null;
    if (set !== null) {
      items.push(set.item);
      i = set.end;
      continue;
    }
    if (c !== '*') items.push(c === '?' ? () => true : (character) => character === c);
    else if (items.at(-1) !== '*') items.push('*');
    i++;
  }
  return items;
}

/** Goes back to the last star only, so the time is at most name x pattern; regular expressions can take for ever. */
function matchesItems(items: readonly GlobItem[], name: string): boolean {
  const characters = [...name];
  let at = 0;
  let item = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const test = items[item];
    if (test === '*') {
      star = item++;
      starAt = at;
    } else if (test?.(characters[at]!)) {
      item++;
      at++;
    } else if (star >= 0) {
      item = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (items[item] === '*') item++;
  return item === items.length;
}

/** A pattern without braces, cut at its slashes. Empty segments are dropped, so a leading slash is the caller's. */
export function compileGlob(pattern: string): GlobSegment[] {
  const segments: GlobSegment[] = [];
  for (const part of pattern.split('/')) {
    if (part === '') continue;
    if (part === '**') {
      if (segments.at(-1)?.kind !== 'deep') segments.push({ kind: 'deep' });
    } else if (isGlob(part)) {
      segments.push({ kind: 'match', pattern: segmentItems(part, pattern), dotted: part.startsWith('.') });
    } else segments.push({ kind: 'name', name: part });
  }
  return segments;
}

/** As shells do: a leading dot is only matched by a pattern that has one. */
export const matchesName = (segment: GlobSegment & { kind: 'match' }, name: string): boolean =>
  (segment.dotted || !name.startsWith('.')) && matchesItems(segment.pattern, name);

/** Does a path, given by its segments, match? Used where names come as a list and not as folders. */
export function matchesPath(segments: readonly GlobSegment[], path: readonly string[]): boolean {
  // states[s]: the first s pattern segments have matched what was seen so far
  let states = new Set<number>([0]);
  const close = (set: Set<number>): Set<number> => {
    for (const s of set) if (segments[s]?.kind === 'deep') set.add(s + 1);
    return set;
  };
  close(states);
  for (const name of path) {
    const next = new Set<number>();
    for (const s of states) {
      const segment = segments[s];
      if (segment === undefined) continue;
      if (segment.kind === 'deep') {
        if (!name.startsWith('.')) next.add(s);
      } else if (segment.kind === 'name' ? segment.name === name : matchesName(segment, name))
        next.add(s + 1);
    }
    states = close(next);
    if (states.size === 0) return false;
  }
  return states.has(segments.length);
}
