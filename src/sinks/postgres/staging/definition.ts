// What a table is made of, as far as a new one must be made the same before rows are swapped in. Only reads; the caller
// has set a bare search_path, so that every name comes qualified.
import { createHash } from 'node:crypto';
import type { PgConnection } from '../connection.ts';

export interface IndexDefinition {
  readonly name: string;
  readonly unique: boolean;
  /** After `CREATE INDEX x ON t `: `USING btree (a)`. */
  readonly tail: string;
  readonly tablespace: string | null;
  /** The constraint that it carries has the same name. */
  readonly constraint: {
    readonly type: 'p' | 'u' | 'x';
    readonly definition: string;
    /** `DEFERRABLE INITIALLY DEFERRED`, or nothing. */
    readonly deferral: string;
    /** ADD CONSTRAINT USING INDEX takes it; other kinds are built by ADD CONSTRAINT itself. */
    readonly usesIndex: boolean;
  } | null;
  /** `ALTER COLUMN 2 SET STATISTICS 500` of expressions. */
  readonly settings: readonly string[];
}

export interface ForeignKey {
  readonly name: string;
  readonly definition: string;
  readonly validated: boolean;
}

export interface OwnedSequence {
  readonly column: string;
  readonly schema: string;
  readonly name: string;
  /** null: a plain sequence that the column owns. Else `ALWAYS` or `BY DEFAULT`. */
  readonly identity: 'ALWAYS' | 'BY DEFAULT' | null;
  /** `INCREMENT 1 MINVALUE ..`, as in CREATE SEQUENCE. */
  readonly settings: string;
}

export interface TableDefinition {
  /** Quoted. */
  readonly owner: string;
  readonly unlogged: boolean;
  /** `USING heap WITH (fillfactor='70') TABLESPACE fast`. */
  readonly storage: string;
  readonly extendedStatistics: boolean;
  /** `ALTER COLUMN a SET STATISTICS 500`. */
  readonly columnSettings: readonly string[];
  readonly indexes: readonly IndexDefinition[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly sequences: readonly OwnedSequence[];
  /** Of columns, defaults and CHECK constraints. */
  readonly columnsHash: string;
  /** Of all of it. */
  readonly hash: string;
}

const TABLE = `
SELECT quote_ident(pg_get_userbyid(c.relowner)) AS owner, c.relpersistence::text AS persistence,
  EXISTS (SELECT FROM pg_statistic_ext WHERE stxrelid = c.oid) AS extended,
  concat_ws(' ', 'USING ' || quote_ident(am.amname),
    (SELECT 'WITH (' || string_agg(o, ', ') || ')' FROM (
       SELECT format('%I=%L', option_name, option_value) AS o FROM pg_options_to_table(c.reloptions)
       UNION ALL
       SELECT format('toast.%I=%L', option_name, option_value) FROM pg_options_to_table(t.reloptions)) AS options),
    'TABLESPACE ' || quote_ident(ts.spcname)) AS storage
  FROM pg_class c LEFT JOIN pg_am am ON am.oid = c.relam LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
  LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
 WHERE c.oid = $1::int8::oid`;

const COLUMNS = `
SELECT concat_ws('|', a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated, a.attcollation,
         a.attstorage, pg_get_expr(d.adbin, d.adrelid)) AS line
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT concat_ws('|', 'check', conname, pg_get_constraintdef(oid)) FROM pg_constraint
 WHERE conrelid = $1::int8::oid AND contype = 'c'
 ORDER BY 1`;

const COLUMN_SETTINGS = `
SELECT format('ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget) AS sql FROM pg_attribute
 WHERE attrelid = $1::int8::oid AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0
UNION ALL
SELECT format('ALTER COLUMN %I SET (%s)', attname,
         (SELECT string_agg(format('%I=%L', option_name, option_value), ', ') FROM pg_options_to_table(attoptions)))
  FROM pg_attribute WHERE attrelid = $1::int8::oid AND attnum > 0 AND NOT attisdropped AND attoptions IS NOT NULL
 ORDER BY 1`;

const INDEXES = `
SELECT i.relname::text AS name, x.indisunique AS "unique", pg_get_indexdef(i.oid) AS definition,
       format('CREATE %sINDEX %I ON %I.%I ', CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END, i.relname, n.nspname,
         t.relname) AS head,
       ts.spcname::text AS tablespace, k.contype::text AS type, pg_get_constraintdef(k.oid) AS con_definition,
       concat_ws(' ', CASE WHEN k.condeferrable THEN 'DEFERRABLE' END,
         CASE WHEN k.condeferred THEN 'INITIALLY DEFERRED' END) AS deferral,
       (SELECT json_agg(format('ALTER COLUMN %s SET STATISTICS %s', attnum, attstattarget) ORDER BY attnum)::text
          FROM pg_attribute WHERE attrelid = i.oid AND attstattarget >= 0) AS settings
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_tablespace ts ON ts.oid = i.reltablespace
  LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.conrelid = t.oid AND k.contype IN ('p', 'u', 'x')
 WHERE x.indrelid = $1::int8::oid AND x.indisvalid AND x.indisready
 ORDER BY x.indisprimary DESC, pg_relation_size(i.oid) DESC, i.relname`;

const FOREIGN_KEYS = `
SELECT conname::text AS name, pg_get_constraintdef(oid) AS definition, convalidated AS validated FROM pg_constraint
 WHERE conrelid = $1::int8::oid AND contype = 'f' ORDER BY conname`;

const SEQUENCES = `
SELECT a.attname::text AS column, n.nspname::text AS schema, s.relname::text AS name, a.attidentity::text AS identity,
       format('START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s %s', q.seqstart, q.seqincrement, q.seqmin, q.seqmax,
         q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END) AS settings
  FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace
  JOIN pg_sequence q ON q.seqrelid = s.oid
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::int8::oid
   AND d.deptype IN ('a', 'i')
 ORDER BY a.attnum, s.relname`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function readDefinition(connection: PgConnection, oid: string): Promise<TableDefinition> {
  const read = (sql: string) => connection.query(sql, [oid], { doing: 'reading how the table is made' });
  const [table = {}] = await read(TABLE);
  const columns = (await read(COLUMNS)).map((row) => String(row.line));
  const definition = {
    owner: String(table.owner),
    unlogged: table.persistence === 'u',
    storage: String(table.storage),
    extendedStatistics: table.extended === true,
    columnSettings: (await read(COLUMN_SETTINGS)).map((row) => String(row.sql)),
    indexes: (await read(INDEXES)).map(toIndex),
    foreignKeys: (await read(FOREIGN_KEYS)).map((row) => ({
      name: String(row.name),
      definition: String(row.definition),
      validated: row.validated === true,
    })),
    sequences: (await read(SEQUENCES)).map(
      (row): OwnedSequence => ({
        column: String(row.column),
        schema: String(row.schema),
        name: String(row.name),
        identity: row.identity === 'a' ? 'ALWAYS' : row.identity === 'd' ? 'BY DEFAULT' : null,
        settings: String(row.settings),
      }),
    ),
    columnsHash: sha256(columns.join('\n')),
  };
  // The order of indexes is by size, which changes.
  const indexes = definition.indexes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...definition, hash: sha256(JSON.stringify({ ...definition, indexes })) };
}

function toIndex(row: Readonly<Record<string, unknown>>): IndexDefinition {
  const [definition, head] = [String(row.definition), String(row.head)];
  const type = row.type === null ? null : (String(row.type) as 'p' | 'u' | 'x');
  const constraint = String(row.con_definition ?? '');
  return {
    name: String(row.name),
    unique: row.unique === true,
    // Without the head it is of a kind that is not known; building it fails by name then, before anything was changed.
    tail: definition.startsWith(head) ? definition.slice(head.length) : definition,
    tablespace: row.tablespace === null ? null : String(row.tablespace),
    constraint:
      type === null
        ? null
        : {
            type,
            definition: constraint,
            deferral: String(row.deferral),
            usesIndex: type !== 'x' && !constraint.includes('WITHOUT OVERLAPS'),
          },
    settings: row.settings == null ? [] : (JSON.parse(String(row.settings)) as string[]),
  };
}
