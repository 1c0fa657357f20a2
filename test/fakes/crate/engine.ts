// Executes statements on the fake's tables.
import { type ExactJson, JsonNumber } from '../../support/exact-json.ts';
import { type Condition, Cursor, conditions, SqlError } from './sql.ts';
import { type Column, CrateError, checkValue, FakeTable, parseColumn, type Row } from './store.ts';

export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ExactJson[])[];
  readonly rowCount: number;
}

const none = (rowCount: number): Result => ({ columns: [], rows: [], rowCount });
const number = (value: number): JsonNumber => new JsonNumber(String(value));

type Args = readonly ExactJson[];

/** What one row of an insert came to. */
export type RowResult = { readonly count: 0 | 1 } | { readonly error: CrateError };

export interface InsertPlan {
  readonly table: FakeTable;
  /** Whole statement fails: a value cannot be cast. Else the row as it would be. */
  prepare(args: Args): Row;
  store(row: Row): RowResult;
}

export class Engine {
  readonly tables = new Map<string, FakeTable>();

  table(name: { schema: string; name: string }): FakeTable {
    const found = this.tables.get(`${name.schema}.${name.name}`);
    if (found !== undefined) return found;
    throw new CrateError(404, 4041, `RelationUnknown[Relation '${name.schema}.${name.name}' unknown]`);
  }

  execute(sql: string, args: Args): Result {
    try {
      return this.#execute(new Cursor(sql), sql, args);
    } catch (error) {
      if (error instanceof SqlError)
        throw new CrateError(400, 4000, `SQLParseException[${error.message} in ${sql}]`);
      throw error;
    }
  }

  #execute(cursor: Cursor, sql: string, args: Args): Result {
    if (cursor.try('SELECT')) return this.#select(cursor, args);
    if (cursor.peek() === 'INSERT') {
      const plan = this.insertPlan(sql);
      const result = plan.store(plan.prepare(args));
      if ('error' in result) throw result.error;
      return none(result.count);
    }
    if (cursor.try('UPDATE')) return this.#update(cursor, args);
    if (cursor.try('DELETE', 'FROM')) return this.#delete(cursor, args);
    if (cursor.try('REFRESH', 'TABLE')) {
      this.table(cursor.table()).refresh();
      return none(1);
    }
    if (cursor.try('CREATE', 'TABLE')) return this.#create(cursor, sql);
    if (cursor.try('DROP', 'TABLE')) {
      const quiet = cursor.try('IF', 'EXISTS');
      const { schema, name } = cursor.table();
      if (!this.tables.delete(`${schema}.${name}`) && !quiet) this.table({ schema, name });
      return none(1);
    }
    if (cursor.try('SHOW', 'CREATE', 'TABLE')) {
      return { columns: ['SHOW CREATE TABLE'], rows: [[this.table(cursor.table()).sql]], rowCount: 1 };
    }
    if (cursor.try('ALTER')) return this.#alter(cursor);
    throw new SqlError(`no statement begins with ${cursor.peek()}`);
  }

  #create(cursor: Cursor, sql: string): Result {
    const quiet = cursor.try('IF', 'NOT', 'EXISTS');
    const { schema, name } = cursor.table();
    const columns: Column[] = [];
    let key: string[] = [];
    cursor.need('(');
    do {
      if (cursor.try('PRIMARY', 'KEY')) key = cursor.names();
      else {
        const { isKey, ...column } = parseColumn(cursor.until(',', ')'));
        if (/^_[a-z]+(_[a-z]+)*$/.test(column.name)) {
          throw new CrateError(
            400,
            4008,
            `InvalidColumnNameException["${column.name}" conflicts with system column pattern]`,
          );
        }
        columns.push(column);
        if (isKey) key = [column.name];
      }
    } while (cursor.try(','));
    cursor.need(')');
    const full = `${schema}.${name}`;
    if (this.tables.has(full)) {
      if (quiet) return none(0);
      throw new CrateError(409, 4093, `RelationAlreadyExists[Relation '${full}' already exists.]`);
    }
    const open = sql.indexOf('(');
    const table = new FakeTable(
      columns,
      key,
      `CREATE TABLE IF NOT EXISTS "${schema}"."${name}" ${sql.slice(open)}`,
    );
    for (const [, setting, value] of sql
      .slice(sql.lastIndexOf('WITH'))
      .matchAll(/(number_of_replicas|refresh_interval) = '?([\w-]+)'?/g)) {
      table.settings.set(setting!, value!);
    }
    this.tables.set(full, table);
    return none(1);
  }

  #alter(cursor: Cursor): Result {
    if (cursor.try('CLUSTER', 'SWAP', 'TABLE')) {
      const a = cursor.table();
      cursor.need('TO');
      const b = cursor.table();
      const [source, target] = [this.table(a), this.table(b)];
      this.tables.set(`${b.schema}.${b.name}`, source);
      this.tables.set(`${a.schema}.${a.name}`, target);
      if (cursor.try('WITH', '(', 'DROP_SOURCE', '=', 'TRUE', ')'))
        this.tables.delete(`${a.schema}.${a.name}`);
      return none(1);
    }
    cursor.need('TABLE');
    const name = cursor.table();
    const table = this.table(name);
    if (cursor.try('RENAME', 'TO')) {
      const next = cursor.table();
      this.tables.delete(`${name.schema}.${name.name}`);
      this.tables.set(`${next.schema}.${next.name}`, table);
      return none(1);
    }
    if (cursor.try('ADD', 'COLUMN')) {
      const { isKey: _, ...column } = parseColumn(cursor.until(';'));
      table.columns.push(column);
      return none(1);
    }
    cursor.need('SET', '(');
    do {
      const setting = cursor.name();
      cursor.need('=');
      const value = cursor.value()([]);
      table.set(setting, value instanceof JsonNumber ? value.text : String(value));
    } while (cursor.try(','));
    return none(1);
  }

  #update(cursor: Cursor, args: Args): Result {
    const table = this.table(cursor.table());
    cursor.need('SET');
    const changes: { column: string; value: (args: Args) => ExactJson }[] = [];
    do {
      const column = cursor.name();
      cursor.need('=');
      changes.push({ column, value: cursor.value() });
    } while (cursor.try(','));
    const found = table.find(conditions(cursor), args);
    for (const { key, row } of found) {
      const values = new Map(row);
      for (const { column, value } of changes) values.set(column, value(args));
      table.put(key, values);
    }
    return none(found.length);
  }

  #delete(cursor: Cursor, args: Args): Result {
    const table = this.table(cursor.table());
    const found = table.find(conditions(cursor), args);
    for (const { key } of found) table.remove(key);
    return none(found.length);
  }

  insertPlan(sql: string): InsertPlan {
    const cursor = new Cursor(sql);
    cursor.need('INSERT', 'INTO');
    const table = this.table(cursor.table());
    const names = cursor.names();
    cursor.need('VALUES', '(');
    const values = names.map((_, k) => {
      if (k > 0) cursor.need(',');
      return cursor.value();
    });
    cursor.need(')');
    const columns = names.map((name) => {
      const column = table.columns.find((c) => c.name === name);
      if (column === undefined)
        throw new CrateError(404, 4043, `ColumnUnknownException[Column ${name} unknown]`);
      return column;
    });
    let conflict: 'error' | 'nothing' | readonly string[] = 'error';
    if (cursor.try('ON', 'CONFLICT')) {
      if (cursor.peek() === '(') cursor.names();
      if (cursor.try('DO', 'NOTHING')) conflict = 'nothing';
      else conflict = updated(cursor);
    }
    return {
      table,
      prepare: (args) => {
        const row: Row = new Map();
        columns.forEach((column, k) => {
          const value = values[k]!(args);
          checkValue(column.type, value, column.parts);
          row.set(column.name, value);
        });
        return row;
      },
      store: (row) => {
        const key = table.keyOf(row);
        const there = table.rows.get(key);
        if (there === undefined) {
          table.put(key, row);
          return { count: 1 };
        }
        if (conflict === 'nothing') return { count: 0 };
        if (conflict === 'error') {
          return {
            error: new CrateError(
              409,
              4091,
              'DuplicateKeyException[A document with the same primary key exists already]',
            ),
          };
        }
        const next = new Map(there.values);
        for (const name of conflict) next.set(name, row.get(name) ?? null);
        table.put(key, next);
        return { count: 1 };
      },
    };
  }

  #select(cursor: Cursor, args: Args): Result {
    const items: { readonly name: string; readonly column: string | null }[] = [];
    do {
      if (cursor.try('COUNT', '(', '*', ')')) items.push({ name: 'count(*)', column: null });
      else if (cursor.try('*')) items.push({ name: '*', column: '*' });
      else if (cursor.try('CURRENT_TIMESTAMP')) items.push({ name: 'now', column: 'now()' });
      else if (cursor.peek() === 'value')
        items.push({ name: 'one', column: cursor.value()([]) === null ? '' : '1' });
      else {
        const column = cursor.name();
        items.push({ name: column, column });
      }
      if (cursor.try('AS')) items.push({ ...items.pop()!, name: cursor.name() });
    } while (cursor.try(','));
    if (!cursor.try('FROM')) {
      const row = items.map(({ column }) => number(column === 'now()' ? Date.now() : 1));
      return { columns: items.map((i) => i.name), rows: [row], rowCount: 1 };
    }
    const name = cursor.table();
    const table = name.schema === 'information_schema' ? this.#catalog(name.name) : this.table(name);
    const found = table.find(conditions(cursor), args);
    if (items[0]?.column === null)
      return { columns: [items[0].name], rows: [[number(found.length)]], rowCount: 1 };
    const columns = items[0]?.column === '*' ? table.columns.map((c) => c.name) : items.map((i) => i.column!);
    const cell = (column: string, row: Row, seqNo: number): ExactJson => {
      if (column === '_seq_no') return number(seqNo);
      return column === '_primary_term' ? number(1) : (row.get(column) ?? null);
    };
    const rows = found.map(({ row, seqNo }) => columns.map((column) => cell(column, row, seqNo)));
    const names = items[0]?.column === '*' ? columns : items.map((i) => i.name);
    return { columns: names, rows: ordered(rows, columns, cursor), rowCount: rows.length };
  }

  /** information_schema as of now. */
  #catalog(name: string): FakeTable {
    const rows: Row[] = [];
    for (const [full, table] of this.tables) {
      const [schema, tableName] = full.split(/\.(.*)/s) as [string, string];
      const base: [string, ExactJson][] = [
        ['table_schema', schema],
        ['table_name', tableName],
      ];
      if (name === 'tables') {
        const durability = new Map<string, ExactJson>([
          ['durability', table.settings.get('translog.durability')!],
        ]);
        const settings = new Map<string, ExactJson>([
          ['refresh_interval', new JsonNumber(table.settings.get('refresh_interval')!)],
          ['translog', durability],
        ]);
        rows.push(
          new Map([
            ...base,
            ['table_type', 'BASE TABLE'],
            ['number_of_replicas', table.settings.get('number_of_replicas')!],
            ['settings', settings],
          ]),
        );
      } else if (name === 'key_column_usage') {
        table.key.forEach((column, k) => {
          rows.push(new Map([...base, ['column_name', column], ['ordinal_position', number(k + 1)]]));
        });
      } else {
        addColumns(table.columns, '', base, rows, table.key);
      }
    }
    const catalog = new FakeTable([], [], '');
    rows.forEach((row, k) => {
      catalog.put(String(k), row);
    });
    catalog.refresh();
    return catalog;
  }
}

function addColumns(
  columns: readonly Column[],
  above: string,
  base: [string, ExactJson][],
  rows: Row[],
  key: readonly string[],
): void {
  for (const column of columns) {
    const name = above === '' ? column.name : `${above}['${column.name}']`;
    const numeric = /^numeric\((\d+),(\d+)\)$/.exec(column.type);
    rows.push(
      new Map<string, ExactJson>([
        ...base,
        ['column_name', name],
        ['data_type', numeric === null ? column.type : 'numeric'],
        ['is_nullable', !key.includes(name)],
        ['column_default', null],
        ['is_generated', 'NEVER'],
        ['numeric_precision', numeric === null ? null : new JsonNumber(numeric[1]!)],
        ['numeric_scale', numeric === null ? null : new JsonNumber(numeric[2]!)],
        ['ordinal_position', number(rows.length + 1)],
      ]),
    );
    addColumns(column.parts, name, base, rows, []);
  }
}

function updated(cursor: Cursor): string[] {
  cursor.need('DO', 'UPDATE', 'SET');
  const names: string[] = [];
  do {
    const name = cursor.name();
    cursor.need('=', 'EXCLUDED', '.');
    if (cursor.name() !== name) throw new SqlError('another column than the excluded one');
    names.push(name);
  } while (cursor.try(','));
  return names;
}

function ordered(rows: ExactJson[][], columns: readonly string[], cursor: Cursor): ExactJson[][] {
  if (!cursor.try('ORDER', 'BY')) return rows;
  const by: number[] = [];
  do by.push(columns.indexOf(cursor.name()));
  while (cursor.try(','));
  const keyOf = (row: ExactJson[]): string =>
    by
      .map((k) =>
        row[k] instanceof JsonNumber ? (row[k] as JsonNumber).text.padStart(20, '0') : String(row[k] ?? ''),
      )
      .join('|');
  return by.includes(-1) ? rows : rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

export type { Condition };
