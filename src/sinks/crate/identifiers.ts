// Names of tables and columns.
import { quoteIdent } from '../../encoders/crate-json/index.ts';
import { ParloadError } from '../../errors/index.ts';

export { quoteIdent };

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** CrateDB's, when nobody names one. */
export const DEFAULT_SCHEMA = 'doc';

/**
 * The key column. Two underscores: CrateDB keeps names of one underscore and lower-case letters for itself, and refuses
 * `_parload_id`.
 */
export const KEY_COLUMN = '__parload_id';

export const quoteTable = ({ schema, name }: TableName): string =>
  `${quoteIdent(schema)}.${quoteIdent(name)}`;

const PLAIN = /^[a-z_][a-z0-9_]*$/;
const showPart = (name: string): string => (PLAIN.test(name) ? name : quoteIdent(name));
export const showTable = ({ schema, name }: TableName): string => `${showPart(schema)}.${showPart(name)}`;

/** `name`, `schema.name`, either in double quotes. */
export function parseTableName(text: string, schema: string | null): TableName {
  const match = /^(?:("(?:[^"]|"")+"|[^".]+)\.)?("(?:[^"]|"")+"|[^".]+)$/.exec(text);
  if (match === null) {
    throw new ParloadError('CONFIG_INVALID', `${JSON.stringify(text)} is no name of a table`, {
      where: { option: 'table' },
      hint: 'Write name, schema.name or "odd name"; quotes are doubled within quotes.',
    });
  }
  const bare = (part: string): string =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
  return {
    schema: match[1] === undefined ? (schema ?? DEFAULT_SCHEMA) : bare(match[1]),
    name: bare(match[2]!),
  };
}

/** Why CrateDB takes no column of this name; null: it does. */
export function reasonAgainstName(name: string): string | null {
  if (name === '') return 'is empty';
  if (name.includes('.')) return 'has a dot';
  if (name.includes('[')) return 'has a square bracket';
  if (/[\t\n\r]/.test(name)) return 'has a tab or a line break';
  return /^_[a-z]+(_[a-z]+)*$/.test(name) ? 'looks like one of its system columns' : null;
}
