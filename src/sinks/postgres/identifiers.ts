// Names in SQL. Everything is quoted, so a name means exactly what it says: no folding to lower case.
import { ParloadError } from '../../errors/index.ts';

/** NAMEDATALEN - 1: Postgres cuts longer names silently, so we refuse them. */
export const MAX_NAME_BYTES = 63;

export interface TableName {
  /** null: the first match in search_path. */
  readonly schema: string | null;
  readonly name: string;
}

export const quoteIdent = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Safe whatever standard_conforming_strings says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

export const quoteTable = (table: TableName): string =>
  table.schema === null ? quoteIdent(table.name) : `${quoteIdent(table.schema)}.${quoteIdent(table.name)}`;

/** As it is shown: quotes only where they are needed to read it back. */
export const showTable = (table: TableName): string => {
  const show = (name: string): string => (/[".\s]/.test(name) ? quoteIdent(name) : name);
  return table.schema === null ? show(table.name) : `${show(table.schema)}.${show(table.name)}`;
};

const PART = /^(?:"((?:[^"]|"")+)"|([^".]+))(\.|$)/;

/** `t`, `s.t`, `"odd.name"."T"`. Case is kept: `Flights` is the table "Flights". */
export function parseTableName(text: string): TableName {
  const parts: string[] = [];
  let rest = text;
  let open = true;
  while (open) {
    const match = PART.exec(rest);
    if (match === null) throw badName(text, 'write name, schema.name or "quoted"."names"');
    parts.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    rest = rest.slice(match[0].length);
    open = match[3] === '.';
  }
  if (rest !== '') throw badName(text, 'write name, schema.name or "quoted"."names"');
  if (parts.length > 2) throw badName(text, 'the database belongs in the URI; write schema.name');
  for (const part of parts) checkNameBytes(part, '--table');
  const [first, second] = parts as [string, string?];
  return second === undefined ? { schema: null, name: first } : { schema: first, name: second };
}

const badName = (text: string, how: string): ParloadError =>
  new ParloadError('CONFIG_INVALID', `--table: ${JSON.stringify(text)} is not a table name; ${how}`, {
    where: { option: 'table' },
  });

export const nameBytes = (name: string): number => Buffer.byteLength(name, 'utf8');

function checkNameBytes(name: string, option: string): void {
  if (name.includes('\0') || nameBytes(name) > MAX_NAME_BYTES) {
    throw new ParloadError(
      'CONFIG_INVALID',
      `${option}: "${name}" is longer than the ${MAX_NAME_BYTES} bytes that Postgres keeps of a name`,
      { where: { option: 'table' } },
    );
  }
}
