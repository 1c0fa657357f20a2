// Tables of the fake: rows by primary key, seen by searches only after a refresh, each value checked against its column.
import { type ExactJson, JsonNumber } from '../../support/exact-json.ts';
import { type Condition, matches, type Token } from './sql.ts';

export type Row = Map<string, ExactJson>;

export interface StoredRow {
  values: Row;
  seqNo: number;
}

export interface Column {
  readonly name: string;
  /** As information_schema names it. */
  readonly type: string;
  /** Columns of an object. */
  readonly parts: readonly Column[];
}

/** An error as the HTTP endpoint tells it. */
export class CrateError extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const text = (token: Token): string => (token.kind === 'value' ? '' : token.text);

/** `TIMESTAMP WITHOUT TIME ZONE`, `ARRAY(OBJECT(DYNAMIC) AS ("a" INTEGER))`: the words up to what is no type. */
export function parseColumn(tokens: readonly Token[]): Column & { readonly isKey: boolean } {
  const [name, ...rest] = tokens;
  const words = rest.map((t) =>
    t.kind === 'value'
      ? (t.value as JsonNumber).text
      : t.kind === 'name'
        ? `"${t.text}"`
        : t.text.toLowerCase(),
  );
  const line = words.join(' ');
  const isKey = / ?primary key$/.test(line);
  const type = line.replace(/ ?primary key$/, '').replace(/ index off storage with .*$/, '');
  return { name: text(name!), ...parseType(type.trim()), isKey };
}

function parseType(type: string): Pick<Column, 'type' | 'parts'> {
  const array = /^array \( (.*) \)$/.exec(type);
  if (array !== null) {
    const inner = parseType(array[1]!);
    return { type: `${inner.type}_array`, parts: inner.parts };
  }
  const object = /^object \( \w+ \)(?: as \( (.*) \))?$/.exec(type);
  if (object !== null) return { type: 'object', parts: object[1] === undefined ? [] : splitParts(object[1]) };
  const numeric = /^numeric \( (\d+) , (\d+) \)$/.exec(type);
  if (numeric !== null) return { type: `numeric(${numeric[1]},${numeric[2]})`, parts: [] };
  return { type, parts: [] };
}

function splitParts(list: string): Column[] {
  const parts: Column[] = [];
  let depth = 0;
  let from = 0;
  for (let k = 0; k <= list.length; k++) {
    const sign = list[k];
    if (sign === '(') depth++;
    else if (sign === ')') depth--;
    else if ((sign === ',' && depth === 0) || sign === undefined) {
      const [, name, type] = /^\s*"([^"]*)" (.*?)\s*$/.exec(list.slice(from, k))!;
      parts.push({ name: name!, ...parseType(type!) });
      from = k + 1;
    }
  }
  return parts;
}

const RANGES: Readonly<Record<string, bigint>> = { byte: 7n, smallint: 15n, integer: 31n, bigint: 63n };

const cannotCast = (type: string): CrateError =>
  new CrateError(400, 4000, `SQLParseException[Cannot cast value \`secret\` to type \`${type}\`]`);

/** A value of an insert: what a real server would cast without loss, and nothing more. */
export function checkValue(type: string, value: ExactJson, parts: readonly Column[]): void {
  if (value === null) return;
  if (type.endsWith('_array')) {
    if (!Array.isArray(value)) throw cannotCast(type);
    for (const item of value) checkValue(type.slice(0, -'_array'.length), item as ExactJson, parts);
    return;
  }
  const bits = RANGES[type] ?? (type.startsWith('timestamp') ? 63n : undefined);
  if (bits !== undefined) {
    const digits = value instanceof JsonNumber && /^-?\d+$/.test(value.text) ? BigInt(value.text) : null;
    if (digits === null || digits < -(2n ** bits) || digits >= 2n ** bits) throw cannotCast(type);
    return;
  }
  if (type.startsWith('numeric')) {
    if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value)) throw cannotCast(type);
    return;
  }
  if (type === 'object') {
    if (!(value instanceof Map)) throw cannotCast(type);
    for (const [name, item] of value as ReadonlyMap<string, ExactJson>) {
      const part = parts.find((p) => p.name === name);
      if (part !== undefined) checkValue(part.type, item, part.parts);
    }
    return;
  }
  const isNumber = value instanceof JsonNumber;
  const fits =
    type === 'boolean'
      ? typeof value === 'boolean'
      : type === 'real' || type === 'double precision'
        ? isNumber && /[.e]/.test(value.text)
        : typeof value === 'string';
  if (!fits) throw cannotCast(type);
}

export class FakeTable {
  readonly columns: Column[];
  key: readonly string[];
  readonly settings = new Map<string, string>([
    ['number_of_replicas', '0-1'],
    ['refresh_interval', '1000'],
    ['translog.durability', 'REQUEST'],
  ]);
  /** Every value that each setting ever had. */
  readonly history: string[] = [];
  /** As it was made. */
  readonly sql: string;
  readonly rows = new Map<string, StoredRow>();
  readonly #seen = new Map<string, Row>();
  #changed = new Set<string>();
  #seqNo = 0;

  constructor(columns: Column[], key: readonly string[], sql: string) {
    this.columns = columns;
    this.key = key;
    this.sql = sql;
  }

  keyOf(values: Row): string {
    if (this.key.length === 0) return `row ${this.#seqNo}`;
    return this.key
      .map((name) => {
        const value = values.get(name) ?? null;
        if (value === null) throw new CrateError(400, 4000, `SQLParseException["${name}" must not be null]`);
        return value instanceof JsonNumber ? value.text : JSON.stringify(value);
      })
      .join('|');
  }

  put(key: string, values: Row): void {
    this.rows.set(key, { values, seqNo: this.#seqNo++ });
    this.#changed.add(key);
  }

  remove(key: string): void {
    this.rows.delete(key);
    this.#changed.add(key);
  }

  refresh(): void {
    for (const key of this.#changed) {
      const row = this.rows.get(key);
      if (row === undefined) this.#seen.delete(key);
      else this.#seen.set(key, row.values);
    }
    this.#changed = new Set();
  }

  /** By primary key as of now, else as of the last refresh. */
  find(where: readonly Condition[], args: readonly ExactJson[]): { key: string; row: Row; seqNo: number }[] {
    const wanted = where.map(({ column, operator, value }) => ({ column, operator, value: value(args) }));
    const byKey =
      this.key.length > 0 &&
      this.key.every((name) => wanted.some((w) => w.column === name && w.operator === '='));
    const fits = (row: Row, seqNo: number): boolean =>
      wanted.every(({ column, operator, value }) => {
        if (column === '_seq_no') return matches(new JsonNumber(String(seqNo)), operator, value);
        if (column === '_primary_term') return matches(new JsonNumber('1'), operator, value);
        return matches(row.get(column) ?? null, operator, value);
      });
    if (byKey) {
      const values = new Map(wanted.map(({ column, value }) => [column, value]));
      const key = this.keyOf(values);
      const stored = this.rows.get(key);
      return stored !== undefined && fits(stored.values, stored.seqNo)
        ? [{ key, row: stored.values, seqNo: stored.seqNo }]
        : [];
    }
    const found: { key: string; row: Row; seqNo: number }[] = [];
    for (const [key, row] of this.#seen) if (fits(row, 0)) found.push({ key, row, seqNo: 0 });
    return found;
  }

  set(name: string, value: string): void {
    this.settings.set(name, value);
    this.history.push(`${name}=${value}`);
  }
}
