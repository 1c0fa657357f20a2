// How rows meet those already there: which statement writes them, and what makes it safe to write them twice.
import { quoteIdent } from '../../encoders/crate-json/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { TableFacts } from './catalog.ts';
import { keyOf } from './ddl.ts';
import { KEY_COLUMN, quoteTable, showTable, type TableName } from './identifiers.ts';
import type { CrateOptions } from './options.ts';

export interface Way {
  readonly onConflict: 'error' | 'nothing' | 'update';
  /** The primary key of the table. */
  readonly key: readonly string[];
  /** Does the table have the column that says which row of which input it is? */
  readonly marked: boolean;
  /** Is that column in the primary key? Then no row can be there twice, whatever is sent again. */
  readonly ownKey: boolean;
}

const bad = (option: string, message: string, hint: string): ParloadError =>
  new ParloadError('CONFIG_INVALID', message, { where: { option }, hint });

export function wayInto(options: CrateOptions, table: TableFacts | null): Way {
  const { mode, key } = options;
  if (mode === 'upsert' && key === undefined) {
    throw bad('key', 'upsert needs to know which columns tell rows apart', 'Add --key a,b.');
  }
  if (options.onConflict !== undefined && key === undefined) {
    throw bad('onConflict', '--on-conflict is about a key, and none is named', 'Add --key a,b.');
  }
  const onConflict = options.onConflict ?? (mode === 'upsert' ? 'update' : 'error');
  if (table === null) {
    return { onConflict, key: keyOf(options), marked: true, ownKey: key === undefined };
  }
  const marked = table.columns.some((c) => c.name === KEY_COLUMN && c.type.id === 'text');
  const ownKey = marked && table.key.includes(KEY_COLUMN);
  const shown = showTable(table);
  if (key === undefined && !ownKey) {
    throw bad(
      'key',
      `table "${shown}" has ${table.key.length === 0 ? 'no primary key' : `the primary key ${table.key.join(', ')}`}, so rows that are sent twice could ${table.key.length === 0 ? 'be there twice' : 'not be told from others'}`,
      table.key.length === 0
        ? `CrateDB adds no primary key to a table that is there: let parload create the table, or make it with "${KEY_COLUMN}" TEXT PRIMARY KEY.`
        : `Add --key ${table.key.join(',')}.`,
    );
  }
  const wanted = new Set(key);
  if (
    key !== undefined &&
    (table.key.length !== wanted.size || !table.key.every((name) => wanted.has(name)))
  ) {
    throw bad(
      'key',
      `the primary key of "${shown}" is ${table.key.join(', ') || 'none'}, not ${key.join(', ')}`,
      'Name the columns of the primary key.',
    );
  }
  if (key !== undefined && !marked && onConflict === 'error') {
    throw bad(
      'onConflict',
      `table "${shown}" has no column "${KEY_COLUMN}", so a row of an earlier attempt could not be told from another one with its key`,
      `ALTER TABLE ${quoteTable(table)} ADD COLUMN "${KEY_COLUMN}" TEXT, or choose --on-conflict nothing or update.`,
    );
  }
  return { onConflict, key: table.key, marked, ownKey };
}

/** Columns of the statement, in the order of the values: the mark first. */
export function insertSql(table: TableName, columns: readonly string[], way: Way): string {
  const all = [...(way.marked ? [KEY_COLUMN] : []), ...columns];
  const insert = `INSERT INTO ${quoteTable(table)} (${all.map(quoteIdent).join(', ')}) VALUES (${all.map(() => '?').join(', ')})`;
  if (way.ownKey || way.onConflict === 'nothing') return `${insert} ON CONFLICT DO NOTHING`;
  if (way.onConflict === 'error') return insert;
  const set = all.filter((name) => !way.key.includes(name));
  if (set.length === 0) return `${insert} ON CONFLICT DO NOTHING`;
  const target = way.key.map(quoteIdent).join(', ');
  return `${insert} ON CONFLICT (${target}) DO UPDATE SET ${set.map((name) => `${quoteIdent(name)} = excluded.${quoteIdent(name)}`).join(', ')}`;
}

/** 0 in a result: the row was left alone because its key is there. */
export const zeroIsFine = (way: Way): boolean => way.ownKey || way.onConflict !== 'error';

/** The rows of a slice can be counted by their marks; where keys of others win, they can be fewer. */
export const isCounted = (way: Way): boolean => way.marked && (way.ownKey || way.onConflict !== 'nothing');
