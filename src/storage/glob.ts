// A small glob matcher: `*`, `?`, `[a-z]`, `[!x]`, `{a,b}` inside one path segment, `**` for any depth.
// Own code, because `fs.glob` needs Node 22.
import { ParloadError } from '../errors/index.ts';

/** One path segment of a pattern: a fixed name, a pattern for names, or any number of folders. */
export type GlobSegment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'match'; readonly regex: RegExp; readonly dotted: boolean }
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

/** `[a-z]` or `[!a]` starting at `at`; null when it is never closed and so is a plain bracket. */
function charClass(segment: string, at: number): { source: string; end: number } | null {
  let i = at + 1;
  const negated = segment[i] === '!' || segment[i] === '^';
  if (negated) i++;
  const from = i;
  while (i < segment.length && (segment[i] !== ']' || i === from)) i++;
  if (i >= segment.length) return null;
  const body = segment.slice(from, i).replace(/[\\\][^&~]/g, '\\$&');
  return { source: `[${negated ? '^' : ''}${body}]`, end: i + 1 };
}

function segmentRegex(segment: string, pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < segment.length; ) {
    const c = segment[i]!;
    const set = c === '[' ? charClass(segment, i) : null;
    if (set !== null) {
      source += set.source;
      i = set.end;
      continue;
    }
    if (c === '*') {
      // runs of stars mean one: `.*.*` would backtrack for ever on long names
      if (!source.endsWith('.*')) source += '.*';
    } else source += c === '?' ? '.' : c.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
    i++;
  }
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    return refuse(pattern, `"${segment}" has an impossible range`);
  }
}

/** A pattern without braces, cut at its slashes. Empty segments are dropped, so a leading slash is the caller's. */
export function compileGlob(pattern: string): GlobSegment[] {
  const segments: GlobSegment[] = [];
  for (const part of pattern.split('/')) {
    if (part === '') continue;
    if (part === '**') {
      if (segments.at(-1)?.kind !== 'deep') segments.push({ kind: 'deep' });
    } else if (isGlob(part)) {
      segments.push({ kind: 'match', regex: segmentRegex(part, pattern), dotted: part.startsWith('.') });
    } else segments.push({ kind: 'name', name: part });
  }
  return segments;
}

/** As shells do: a leading dot is only matched by a pattern that has one. */
export const matchesName = (segment: GlobSegment & { kind: 'match' }, name: string): boolean =>
  (segment.dotted || !name.startsWith('.')) && segment.regex.test(name);

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
