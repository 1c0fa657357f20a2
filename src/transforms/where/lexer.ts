// The filter's text -> tokens.
import { filterError } from './filter-error.ts';

export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  /** In double quotes: never a keyword. */
  | { readonly kind: 'quoted'; readonly text: string; readonly at: number }
  | { readonly kind: 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'bytes'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const SPACE = /\s+/y;
const NAME = /[\p{L}_][\p{L}\p{N}\p{M}_$]*/uy;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<=|>=|<>|!=|==|[=<>(),]/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
};

/** From an opening quote to the closing one; a doubled quote stands for itself. */
function readQuoted(text: string, at: number, quote: string): { value: string; end: number } {
  let value = '';
  let from = at + 1;
  for (;;) {
    const next = text.indexOf(quote, from);
    if (next < 0) throw filterError(text, at, `a ${quote} is never closed`);
    value += text.slice(from, next);
    if (text[next + 1] !== quote) return { value, end: next + 1 };
    value += quote;
    from = next + 2;
  }
}

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const c = text[at]!;
    if (c === "'" || c === '"') {
      const { value, end } = readQuoted(text, at, c);
      tokens.push({ kind: c === "'" ? 'string' : 'quoted', text: value, at });
      at = end;
      continue;
    }
    if ((c === 'x' || c === 'X') && text[at + 1] === "'") {
      const { value, end } = readQuoted(text, at + 1, "'");
      if (!/^([0-9a-f]{2})*$/i.test(value)) throw filterError(text, at, "x'...' needs pairs of hex digits");
      tokens.push({ kind: 'bytes', text: value, at });
      at = end;
      continue;
    }
    const found = nextWord(text, at);
    if (found === null) throw filterError(text, at, `"${c}" is not understood`);
    tokens.push(found);
    at += found.text.length;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

function nextWord(text: string, at: number): Token | null {
  const name = matchAt(NAME, text, at);
  if (name !== null) return { kind: 'name', text: name, at };
  const number = matchAt(NUMBER, text, at);
  if (number !== null) {
    // 12abc is neither a number nor a name
    const after = matchAt(NAME, text, at + number.length);
    if (after !== null) throw filterError(text, at, `"${number}${after}" is not a number`);
    return { kind: 'number', text: number, at };
  }
  const symbol = matchAt(SYMBOL, text, at);
  return symbol === null ? null : { kind: 'symbol', text: symbol, at };
}
