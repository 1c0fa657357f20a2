// What the server says of itself and of the target table. Only reads.
import type { PgType } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { PgConnection, Row } from './connection.ts';
import { quoteIdent, quoteTable, showTable, type TableName } from './identifiers.ts';
import { TypeCatalog } from './types.ts';

export interface ServerFacts {
  /** server_version_num: 150004. */
  readonly version: number;
  readonly versionText: string;
  readonly database: string;
  readonly user: string;
  /** First schema of search_path that exists. */
  readonly currentSchema: string | null;
  /** What the database's encoding means for text; null for UTF8. */
  readonly encodingNote: string | null;
}

export interface TableColumn {
  readonly name: string;
  readonly type: PgType;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** The server computes it; COPY may not name it. */
  readonly generated: 'no' | 'stored' | 'identity-always';
  readonly insertable: boolean;
  readonly isDomain?: boolean;
}

export interface TableFacts {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly selectable: boolean;
  readonly unlogged: boolean;
  readonly notes: readonly string[];
}

const MIN_VERSION = 120_000;
const UTF8 = 'UTF8';

/** The server converts from UTF-8, without loss or not at all. */
function encodingNote(encoding: string): string | null {
  if (encoding === UTF8) return null;
  if (encoding === 'SQL_ASCII') return "the database's encoding is SQL_ASCII: text is stored as UTF-8 bytes";
  return `the database's encoding is ${encoding}: the server refuses rows with characters that it lacks`;
}

/** `readOnly`: a standby will do. */
export async function readServer(connection: PgConnection, { readOnly = false } = {}): Promise<ServerFacts> {
  const [row = {}] = await connection.query(
    `SELECT current_setting('server_version_num') AS version, current_setting('server_version') AS text,
            current_setting('server_encoding') AS encoding, current_database()::text AS database,
            current_user::text AS "user", current_schema()::text AS schema, pg_is_in_recovery() AS standby`,
    [],
    { doing: 'asking the server for its version' },
  );
  const version = Number(row.version);
  if (version < MIN_VERSION) {
    throw new ParloadError('SINK_SQL', `the server is PostgreSQL ${row.text}; 12 or later is needed`, {
      hint: 'Load into a newer server.',
    });
  }
  if (row.standby === true && !readOnly) {
    throw new ParloadError('SINK_DENIED', `${connection.host.host} is a standby, which takes no writes`, {
      hint: 'Connect to the primary, or list all hosts with target_session_attrs=primary.',
    });
  }
  return {
    version,
    versionText: String(row.text),
    encodingNote: encodingNote(String(row.encoding)),
    database: String(row.database),
    user: String(row.user),
    currentSchema: row.schema === null ? null : String(row.schema),
  };
}

const TABLE_SQL = `
SELECT c.oid::int8::text AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
       c.relhasrules AS rules, c.relpersistence::text AS persistence,
       has_table_privilege(c.oid, 'SELECT') AS selectable, row_security_active(c.oid) AS row_security,
       EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal
                  AND g.tgenabled <> 'D' AND g.tgtype & 4 = 4) AS triggers
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = to_regclass($1)`;

const COLUMN_SQL = `
SELECT a.attname::text AS name, a.atttypid::int8::text AS type, a.atttypmod AS typmod,
       format_type(a.atttypid, a.atttypmod) AS display, a.attnotnull AS not_null, a.atthasdef AS has_default,
       a.attidentity::text AS identity, a.attgenerated::text AS generated,
       has_column_privilege($1::int8::oid, a.attnum, 'INSERT') AS insertable
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum`;

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  i: 'an index',
  I: 'an index',
  S: 'a sequence',
  c: 'a composite type',
  t: 'a TOAST table',
};

/** null: there is none. */
export async function readTable(connection: PgConnection, table: TableName): Promise<TableFacts | null> {
  const doing = `looking up table "${showTable(table)}"`;
  const [row] = await connection.query(TABLE_SQL, [quoteTable(table)], { doing });
  if (row === undefined) return null;
  const shown = showTable({ schema: String(row.schema), name: String(row.name) });
  checkTable(row, shown);
  const types = new TypeCatalog();
  const rows = await connection.query(COLUMN_SQL, [row.oid], { doing });
  await types.load(
    connection,
    rows.map((r) => Number(r.type)),
  );
  return {
    oid: String(row.oid),
    schema: String(row.schema),
    name: String(row.name),
    selectable: row.selectable === true,
    unlogged: row.persistence === 'u',
    columns: rows.map((r) => toColumn(r, types)),
    notes: tableNotes(row, shown),
  };
}

function checkTable(row: Row, shown: string): void {
  const where = { table: shown };
  const wrong = KINDS[String(row.kind)];
  if (wrong !== undefined) {
    throw new ParloadError('SINK_SQL', `"${shown}" is ${wrong}, which COPY cannot load`, {
      where,
      hint: 'Name the table itself.',
    });
  }
  if (row.row_security === true) {
    throw new ParloadError('SINK_DENIED', `"${shown}" has row-level security that applies to this user`, {
      where,
      hint: "COPY is not allowed then; load as the table's owner or as a role with BYPASSRLS.",
    });
  }
}

function tableNotes(row: Row, shown: string): string[] {
  const notes: string[] = [];
  if (row.rules === true) notes.push(`"${shown}" has rules; COPY does not apply them`);
  if (row.triggers === true) {
    notes.push(`"${shown}" has INSERT triggers; they run for every row and slow the load down`);
  }
  if (row.persistence === 'u') notes.push(`"${shown}" is UNLOGGED: it is empty after a crash of the server`);
  return notes;
}

function toColumn(row: Row, types: TypeCatalog): TableColumn {
  const oid = Number(row.type);
  const domain = types.domainFacts(oid);
  const generated = row.generated !== '' ? 'stored' : row.identity === 'a' ? 'identity-always' : 'no';
  return {
    name: String(row.name),
    type: types.resolve(oid, Number(row.typmod), String(row.display)),
    notNull: row.not_null === true || domain.notNull,
    hasDefault: row.has_default === true || domain.hasDefault || row.identity !== '',
    generated,
    insertable: row.insertable === true,
    isDomain: types.isDomain(oid),
  };
}

/** null when it cannot be known: no SELECT privilege. */
export async function isEmpty(connection: PgConnection, table: TableFacts): Promise<boolean | null> {
  if (!table.selectable) return null;
  const name = quoteTable(table);
  const rows = await connection.query(`SELECT 1 AS one FROM ${name} LIMIT 1`, [], {
    doing: `looking whether "${showTable(table)}" is empty`,
    where: { table: showTable(table) },
  });
  return rows.length === 0;
}

/** Where a table that does not exist would be created. */
export async function newTableName(
  connection: PgConnection,
  server: ServerFacts,
  table: TableName,
): Promise<{ readonly schema: string; readonly name: string }> {
  const schema = table.schema ?? server.currentSchema;
  if (schema === null) {
    throw new ParloadError('TABLE_MISSING', 'no schema of the search_path exists to create the table in', {
      hint: 'Name the schema: --table schema.name.',
    });
  }
  const [row] = await connection.query(
    "SELECT has_schema_privilege(oid, 'CREATE') AS ok FROM pg_catalog.pg_namespace WHERE nspname = $1",
    [schema],
    { doing: `looking up schema "${schema}"` },
  );
  if (row === undefined) {
    throw new ParloadError('TABLE_MISSING', `the schema "${schema}" does not exist`, {
      where: { table: showTable({ schema, name: table.name }) },
      hint: `Create it first: CREATE SCHEMA ${quoteIdent(schema)}.`,
    });
  }
  if (row.ok !== true) {
    throw new ParloadError(
      'SINK_DENIED',
      `user "${server.user}" may not create tables in schema "${schema}"`,
      {
        hint: `GRANT CREATE ON SCHEMA ${quoteIdent(schema)} TO ${quoteIdent(server.user)}, or create the table yourself.`,
      },
    );
  }
  return { schema, name: table.name };
}

/** Tables whose names differ from the wanted one only in case. */
export async function similarTables(
  connection: PgConnection,
  schema: string,
  name: string,
): Promise<readonly string[]> {
  const rows = await connection.query(
    `SELECT c.relname::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f') AND lower(c.relname) = lower($2) AND c.relname <> $2`,
    [schema, name],
    { doing: 'looking for tables of a similar name' },
  );
  return rows.map((r) => String(r.name));
}
