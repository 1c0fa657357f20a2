// Tokens -> conditions that must all hold.
import { filterError } from './filter-error.ts';
import { type Token, tokenize } from './lexer.ts';

export type CompareOp = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Literal =
  | { readonly kind: 'number' | 'string' | 'bytes'; readonly text: string; readonly at: number }
  | { readonly kind: 'bool'; readonly value: boolean; readonly at: number }
  | {
      readonly kind: 'temporal';
      readonly type: 'date' | 'time' | 'timestamp';
      readonly text: string;
      readonly at: number;
    };

interface OnColumn {
  readonly column: string;
  /** Character of the filter where the column's name begins. */
  readonly at: number;
}

export type Condition = OnColumn &
  (
    | { readonly kind: 'null'; readonly negated: boolean }
    | { readonly kind: 'compare'; readonly op: CompareOp; readonly value: Literal }
    | { readonly kind: 'in'; readonly negated: boolean; readonly values: readonly Literal[] }
    | { readonly kind: 'between'; readonly negated: boolean; readonly low: Literal; readonly high: Literal }
  );

const KEYWORDS = new Set(['and', 'or', 'not', 'is', 'in', 'between', 'null', 'true', 'false', 'like']);
const OPERATORS: Record<string, CompareOp> = {
  '=': '=',
  '==': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const FLIPPED: Record<CompareOp, CompareOp> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
const TEMPORAL: Record<string, 'date' | 'time' | 'timestamp'> = {
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
};
/** Parentheses within one another. */
const MAX_DEPTH = 100;

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #after(): Token {
    return this.#tokens[Math.min(this.#next + 1, this.#tokens.length - 1)]!;
  }

  #fail(why: string, token: Token = this.#token): never {
    throw filterError(this.#text, token.at, why);
  }

  #found(): string {
    const { kind, text } = this.#token;
    if (kind === 'end') return 'the filter ends';
    return kind === 'string' ? `'...' stands there` : `"${text}" stands there`;
  }

  #isKeyword(word: string, token: Token = this.#token): boolean {
    return token.kind === 'name' && token.text.toLowerCase() === word;
  }

  #takeKeyword(word: string): boolean {
    if (!this.#isKeyword(word)) return false;
    this.#next++;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    if (this.#token.kind !== 'symbol' || this.#token.text !== symbol) return false;
    this.#next++;
    return true;
  }

  #expectSymbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) this.#fail(`"${symbol}" is expected, ${this.#found()}`);
  }

  parse(): Condition[] {
    const conditions = this.#conjunction();
    if (this.#token.kind !== 'end') {
      if (this.#isKeyword('or')) this.#fail('conditions can only be joined by and');
      this.#fail(`"and" or the end is expected, ${this.#found()}`);
    }
    return conditions;
  }

  #conjunction(): Condition[] {
    const conditions: Condition[] = [];
    do {
      if (this.#takeSymbol('(')) {
        if (++this.#depth > MAX_DEPTH) this.#fail('parentheses are nested too deeply');
        conditions.push(...this.#conjunction());
        if (this.#isKeyword('or')) this.#fail('conditions can only be joined by and');
        this.#expectSymbol(')');
        this.#depth--;
      } else conditions.push(this.#condition());
    } while (this.#takeKeyword('and'));
    return conditions;
  }

  #condition(): Condition {
    if (this.#isKeyword('not')) this.#fail('not may stand before in, between and null only');
    if (this.#startsLiteral()) return this.#flipped();
    const { column, at } = this.#columnName();
    if (this.#takeKeyword('is')) return { kind: 'null', column, at, negated: this.#nullTest() };
    const negated = this.#takeKeyword('not');
    if (this.#takeKeyword('in')) return { kind: 'in', column, at, negated, values: this.#list() };
    if (this.#takeKeyword('between')) {
      const low = this.#literal();
      if (!this.#takeKeyword('and')) this.#fail(`between needs "and" and a second value, ${this.#found()}`);
      return { kind: 'between', column, at, negated, low, high: this.#literal() };
    }
    if (negated) this.#fail(`"in" or "between" is expected after not, ${this.#found()}`);
    const op = this.#operator();
    return { kind: 'compare', column, at, op, value: this.#literal() };
  }

  /** `10 <= a` */
  #flipped(): Condition {
    const value = this.#literal();
    const op = FLIPPED[this.#operator()];
    return { kind: 'compare', ...this.#columnName(), op, value };
  }

  #columnName(): OnColumn {
    const token = this.#token;
    const isName =
      token.kind === 'quoted' || (token.kind === 'name' && !KEYWORDS.has(token.text.toLowerCase()));
    if (!isName) this.#fail(`a column name is expected, ${this.#found()}`);
    this.#next++;
    return { column: token.text, at: token.at };
  }

  /** After `is`: true when negated. */
  #nullTest(): boolean {
    const negated = this.#takeKeyword('not');
    if (!this.#takeKeyword('null')) this.#fail(`"null" is expected after is, ${this.#found()}`);
    return negated;
  }

  #operator(): CompareOp {
    const token = this.#token;
    const op = token.kind === 'symbol' ? OPERATORS[token.text] : undefined;
    if (this.#isKeyword('like')) this.#fail('like is not supported');
    if (op === undefined) {
      this.#fail(`a comparison, is null, in or between is expected, ${this.#found()}`);
    }
    this.#next++;
    return op;
  }

  #list(): Literal[] {
    this.#expectSymbol('(');
    const values: Literal[] = [];
    do values.push(this.#literal());
    while (this.#takeSymbol(','));
    this.#expectSymbol(')');
    return values;
  }

  #startsLiteral(): boolean {
    const { kind, text } = this.#token;
    if (kind === 'string' || kind === 'number' || kind === 'bytes') return true;
    if (kind !== 'name') return false;
    const word = text.toLowerCase();
    // a column may be called date: only a string behind it makes it a literal
    return word === 'true' || word === 'false' || (word in TEMPORAL && this.#after().kind === 'string');
  }

  #literal(): Literal {
    const token = this.#token;
    if (this.#isKeyword('null')) this.#fail('a comparison with null is never true; write "is null"');
    if (!this.#startsLiteral()) {
      const name = token.kind === 'name' || token.kind === 'quoted';
      this.#fail(
        name
          ? `a value is expected, ${this.#found()}; text goes in single quotes`
          : `a value is expected, ${this.#found()}`,
      );
    }
    this.#next++;
    const { kind, text, at } = token;
    if (kind === 'string' || kind === 'number' || kind === 'bytes') return { kind, text, at };
    const word = text.toLowerCase();
    if (word === 'true' || word === 'false') return { kind: 'bool', value: word === 'true', at };
    const value = this.#token.text;
    this.#next++;
    return { kind: 'temporal', type: TEMPORAL[word]!, text: value, at };
  }
}

export const parseFilter = (text: string): Condition[] => new Parser(text).parse();
