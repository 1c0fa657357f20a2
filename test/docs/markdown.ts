// What the checks need to know of Markdown: links, headings, and commands in code blocks.

export interface Found {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const withoutCode = (line: string): string => line.replace(/`[^`]*`/g, '');

/** Lines outside fenced code blocks, the others as empty lines, so that numbers stay. */
function prose(markdown: string): string[] {
  let fence: string | null = null;
  return markdown.split('\n').map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
      return '';
    }
    return fence === null ? line : '';
  });
}

/** Targets of `[text](target)` and `[name]: target`. */
export function linksOf(markdown: string): Found[] {
  return prose(markdown).flatMap((raw, i) => {
    const line = withoutCode(raw);
    const inline = [...line.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map((m) => m[1]!);
    const named = /^\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$/.exec(line)?.[1];
    return [...inline, ...(named === undefined ? [] : [named])].map((text) => ({ text, line: i + 1 }));
  });
}

/** Anchors as GitHub makes them from headings. */
export function anchorsOf(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const line of prose(markdown)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}

/**
 * Command lines that start with `program`, in code blocks and code spans. Lines that end with a backslash are joined;
 * a prompt, variables before the command and `npx` or `node bin/` are taken off.
 */
export function commandsOf(markdown: string, program: string): Found[] {
  const found: Found[] = [];
  const add = (text: string, line: number): void => {
    const bare = text
      .trim()
      .replace(/^[$>#]\s+/, '')
      .replace(/^(?:[A-Z_][A-Z0-9_]*=\S*\s+)+/, '')
      .replace(/^npx\s+/, '')
      .replace(/^node\s+bin\/(\w+)\.js/, '$1');
    if (bare.startsWith(`${program} `)) found.push({ text: bare, line });
  };
  let fence: string | null = null;
  let open: Found | null = null;
  markdown.split('\n').forEach((raw, i) => {
    const mark = /^\s*(```+|~~~+)/.exec(raw)?.[1];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
      return;
    }
    if (fence === null) {
      for (const [, span] of raw.matchAll(/`([^`]+)`/g)) add(span!, i + 1);
      return;
    }
    const text: string = open === null ? raw : `${open.text} ${raw.trim()}`;
    const line: number = open?.line ?? i + 1;
    open = text.endsWith('\\') ? { text: text.slice(0, -1).trimEnd(), line } : null;
    if (open === null) add(text, line);
  });
  return found;
}

/** Splits a command line as a shell does, without expansion; stops at a pipe, redirection, `;`, `&&` or comment. */
export function words(command: string): string[] {
  const out: string[] = [];
  for (const [word, double, single] of command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|[^\s"']+/g)) {
    if (double === undefined && single === undefined && /^([|;<>#]|&&|\d?>)/.test(word)) break;
    out.push(double ?? single ?? word);
  }
  return out;
}
