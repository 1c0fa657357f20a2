// The table that the rows need when there is none.
import { ddlType } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowSchema } from '../../model/index.ts';
import { MAX_NAME_BYTES, nameBytes, quoteIdent, quoteTable, type TableName } from './identifiers.ts';

const MAX_COLUMNS = 1600;

/** NOT NULL is never set: a file's schema says what it may hold, not what the table must. */
export function createTableSql(table: TableName, schema: ArrowSchema): string {
  if (schema.fields.length > MAX_COLUMNS) {
    throw new ParloadError(
      'TYPE_UNSUPPORTED',
      `${schema.fields.length} columns; a Postgres table holds at most ${MAX_COLUMNS}`,
      { hint: 'Choose columns with --columns or leave some out with --exclude.' },
    );
  }
  const long = schema.fields.map((f) => f.name).filter((name) => nameBytes(name) > MAX_NAME_BYTES);
  if (long.length > 0) {
    throw new ParloadError(
      'COLUMN_MISSING',
      `Postgres keeps ${MAX_NAME_BYTES} bytes of a name; longer are: ${long.map((n) => `"${n}"`).join(', ')}`,
      { where: { column: long[0]! }, hint: 'Give them shorter names with --rename long_name=short.' },
    );
  }
  const columns = schema.fields.map((f) => `  ${quoteIdent(f.name)} ${ddlType(f)}`);
  return `CREATE TABLE ${quoteTable(table)} (\n${columns.join(',\n')}\n)`;
}
