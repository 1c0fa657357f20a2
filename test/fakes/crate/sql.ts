// The statements that parload sends, taken apart. What is not understood is an error, so that a test notices.
import { type ExactJson, JsonNumber } from '../../support/exact-json.ts';

export type Token =
  | { readonly kind: 'name' | 'word' | 'sign'; readonly text: string }
  | { readonly kind: 'value'; readonly value: ExactJson };

export class SqlError extends Error {}

const PATTERN =
  /\s*(?:("(?:[^"]|"")*")|('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|(<=|>=|<>|[(),.=<>?*:;[\]]))/y;

export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  PATTERN.lastIndex = 0;
  const text = sql.trim();
  while (PATTERN.lastIndex < text.length) {
    const at = PATTERN.lastIndex;
    const match = PATTERN.exec(text);
    if (match === null) throw new SqlError(`not understood at ${at}: ${text.slice(at, at + 40)}`);
    const [, quoted, string, number, word, sign] = match;
    if (quoted !== undefined) found.push({ kind: 'name', text: quoted.slice(1, -1).replaceAll('""', '"') });
    else if (string !== undefined)
      found.push({ kind: 'value', value: string.slice(1, -1).replaceAll("''", "'") });
    else if (number !== undefined) found.push({ kind: 'value', value: new JsonNumber(number) });
    else if (word !== undefined) found.push({ kind: 'word', text: word });
    else found.push({ kind: 'sign', text: sign! });
  }
  return found;
}

/** Reads one statement from its first token to its last. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Placeholders so far. */
  #placeholders = 0;

  constructor(sql: string) {
    this.#tokens = tokens(sql);
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) return '';
    return token.kind === 'value' ? 'value' : token.kind === 'word' ? token.text.toUpperCase() : token.text;
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SqlError('the statement ends too early');
    return token;
  }

  /** Skips these words or signs if they come next. */
  try(...words: readonly string[]): boolean {
    const at = this.#at;
    for (const word of words) {
      const token = this.#tokens[this.#at];
      const is =
        token !== undefined &&
        token.kind !== 'value' &&
        token.kind !== 'name' &&
        token.text.toUpperCase() === word;
      if (!is) {
        this.#at = at;
        return false;
      }
      this.#at++;
    }
    return true;
  }

  need(...words: readonly string[]): void {
    if (!this.try(...words)) throw new SqlError(`${words.join(' ')} expected before ${this.peek()}`);
  }

  name(): string {
    const token = this.#next();
    if (token.kind === 'name') return token.text;
    if (token.kind === 'word') return token.text.toLowerCase();
    throw new SqlError('a name expected');
  }

  table(): { schema: string; name: string } {
    const first = this.name();
    return this.try('.') ? { schema: first, name: this.name() } : { schema: 'doc', name: first };
  }

  names(): string[] {
    this.need('(');
    const names = [this.name()];
    while (this.try(',')) names.push(this.name());
    this.need(')');
    return names;
  }

  /** A literal or a placeholder, as a function of the arguments. */
  value(): (args: readonly ExactJson[]) => ExactJson {
    if (this.try('?')) {
      const index = this.#placeholders++;
      return (args) => args[index] ?? null;
    }
    if (this.try('TRUE')) return () => true;
    if (this.try('FALSE')) return () => false;
    if (this.try('NULL')) return () => null;
    const token = this.#next();
    if (token.kind !== 'value') throw new SqlError(`a value expected, not ${token.text}`);
    return () => token.value;
  }

  /** Tokens up to a comma or the bracket that closes; brackets within are passed over. */
  until(...ends: readonly string[]): Token[] {
    const found: Token[] = [];
    let depth = 0;
    while (!this.done && !(depth === 0 && ends.includes(this.peek()))) {
      if (this.peek() === '(') depth++;
      if (this.peek() === ')') depth--;
      found.push(this.#next());
    }
    return found;
  }
}

export interface Condition {
  readonly column: string;
  readonly operator: string;
  readonly value: (args: readonly ExactJson[]) => ExactJson;
}

export function conditions(cursor: Cursor): Condition[] {
  if (!cursor.try('WHERE')) return [];
  const found: Condition[] = [];
  do {
    const column = cursor.name();
    const operator = ['=', '>=', '<=', '<', '>'].find((sign) => cursor.try(sign));
    if (operator === undefined) throw new SqlError(`an operator expected before ${cursor.peek()}`);
    found.push({ column, operator, value: cursor.value() });
  } while (cursor.try('AND'));
  return found;
}

/** Of two values of one type; null is equal to nothing. */
export function matches(found: ExactJson, operator: string, wanted: ExactJson): boolean {
  if (found === null || wanted === null || found === undefined) return false;
  const [a, b] = [comparable(found), comparable(wanted)];
  if (operator === '=') return a === b;
  if (operator === '<') return a < b;
  if (operator === '>') return a > b;
  return operator === '<=' ? a <= b : a >= b;
}

function comparable(value: ExactJson): string | number | bigint {
  if (value instanceof JsonNumber)
    return /^-?\d+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
  return String(value);
}
