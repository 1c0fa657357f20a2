// JSON read without losing anything: numbers keep the text that they were written with, names of objects their order.

/** A number as it stands in the text. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type ExactJson =
  | null
  | boolean
  | string
  | JsonNumber
  | readonly ExactJson[]
  | ReadonlyMap<string, ExactJson>;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): ExactJson {
    const value = this.#value();
    this.#blank();
    if (this.#at < this.#text.length) throw this.#bad('something behind the value');
    return value;
  }

  #bad(what: string): SyntaxError {
    const near = JSON.stringify(this.#text.slice(Math.max(0, this.#at - 20), this.#at + 20));
    return new SyntaxError(`no JSON at ${this.#at}: ${what}, near ${near}`);
  }

  #blank(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #value(): ExactJson {
    this.#blank();
    const sign = this.#text[this.#at];
    if (sign === '{') return this.#object();
    if (sign === '[') return this.#list();
    if (sign === '"') return this.#string();
    for (const [word, value] of [
      ['null', null],
      ['true', true],
      ['false', false],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw this.#bad('no value');
    this.#at += found[0].length;
    return new JsonNumber(found[0]);
  }

  /** Control characters within a string are no JSON; JSON.parse says so. */
  #string(): string {
    let end = this.#at + 1;
    while (this.#text[end] !== '"') {
      if (end >= this.#text.length) throw this.#bad('no end of a string');
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    const text = JSON.parse(this.#text.slice(this.#at, end + 1)) as string;
    this.#at = end + 1;
    return text;
  }

  #next(end: string): boolean {
    this.#blank();
    const sign = this.#text[this.#at++];
    if (sign !== ',' && sign !== end) throw this.#bad(`neither , nor ${end}`);
    return sign === ',';
  }

  #isEmpty(end: string): boolean {
    this.#at++;
    this.#blank();
    if (this.#text[this.#at] !== end) return false;
    this.#at++;
    return true;
  }

  #list(): ExactJson[] {
    const items: ExactJson[] = [];
    if (this.#isEmpty(']')) return items;
    do items.push(this.#value());
    while (this.#next(']'));
    return items;
  }

  #object(): Map<string, ExactJson> {
    const fields = new Map<string, ExactJson>();
    if (this.#isEmpty('}')) return fields;
    do {
      this.#blank();
      if (this.#text[this.#at] !== '"') throw this.#bad('no name');
      const name = this.#string();
      this.#blank();
      if (this.#text[this.#at++] !== ':') throw this.#bad('no colon');
      if (fields.has(name)) throw this.#bad('a name twice');
      fields.set(name, this.#value());
    } while (this.#next('}'));
    return fields;
  }
}

export const parseExact = (text: string): ExactJson => new Reader(text).whole();

const bitsOf = (x: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(x);
  return bytes.toString('hex');
};

/** The same value has the same text, as scripts/golden/crate-json.py has it: integers exactly, doubles by their bits. */
export function canonical(value: ExactJson): string {
  if (value === null) return 'n';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'string') return `s${Buffer.byteLength(value)}:${value}`;
  if (value instanceof JsonNumber)
    return /^-?\d+$/.test(value.text) ? `i${BigInt(value.text)}` : `d${bitsOf(Number(value.text))}`;
  if (value instanceof Map)
    return `{${[...value].map(([name, item]) => canonical(name) + canonical(item)).join(',')}}`;
  return `[${(value as readonly ExactJson[]).map(canonical).join(',')}]`;
}
