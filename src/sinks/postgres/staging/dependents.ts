// What would break, or not follow, if another table took this one's name. Only reads.
import { ParloadError } from '../../../errors/index.ts';
import type { PgConnection } from '../connection.ts';

export interface Dependents {
  /** Why the table cannot be swapped for another one; its rows can. Empty: it can. */
  readonly reasons: readonly string[];
  /** Why not even its rows can be replaced in one go. */
  readonly refusals: readonly string[];
  /** Foreign keys of other tables. */
  readonly referencedBy: readonly string[];
  /** One ordinary table of the server's own. */
  readonly plain: boolean;
  /** Parent of tables that have rows of their own. */
  readonly inherited: boolean;
}

const FACTS = `
SELECT c.relkind::text AS kind, c.relispartition AS partition, c.reloftype <> 0 AS typed,
       pg_has_role(c.relowner, 'USAGE') AS owns, quote_ident(pg_get_userbyid(c.relowner)) AS owner,
       has_schema_privilege(c.relnamespace, 'CREATE') AS may_create, n.nspname::text AS schema,
       EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid) AS has_children,
       EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS is_child,
       EXISTS (SELECT FROM pg_seclabel s WHERE s.objoid = c.oid AND s.classoid = 'pg_class'::regclass) AS labelled,
       (SELECT e.extname::text FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e' LIMIT 1) AS extension,
       (SELECT string_agg(quote_ident(tgname), ', ' ORDER BY tgname) FROM pg_trigger
         WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 4 = 4) AS insert_triggers,
       (SELECT string_agg(quote_ident(pubname), ', ' ORDER BY pubname) FROM pg_publication_tables
         WHERE schemaname = n.nspname AND tablename = c.relname) AS publications,
       (SELECT string_agg(quote_ident(p.pubname), ', ' ORDER BY p.pubname) FROM pg_publication p
          JOIN pg_publication_tables t ON t.pubname = p.pubname
         WHERE t.schemaname = n.nspname AND t.tablename = c.relname AND p.pubdelete AND c.relkind = 'r'
           AND (c.relreplident = 'n' OR c.relreplident = 'd'
                  AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary))) AS undeletable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::int8::oid`;

/** Everything that the catalog links to the table or its row type, but for what is part of the table itself. */
const LINKS = `
WITH row_types AS (
  SELECT c.reltype AS oid FROM pg_class c WHERE c.oid = $1::int8::oid
  UNION ALL SELECT t.typarray FROM pg_class c JOIN pg_type t ON t.oid = c.reltype WHERE c.oid = $1::int8::oid
)
SELECT DISTINCT CASE d.classid
    WHEN 'pg_rewrite'::regclass THEN (SELECT pg_describe_object('pg_class'::regclass, ev_class, 0)
                                        FROM pg_rewrite WHERE oid = d.objid)
    WHEN 'pg_publication_rel'::regclass THEN NULL
    ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END AS name
  FROM pg_depend d
 WHERE (d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::int8::oid
        OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT oid FROM row_types WHERE oid <> 0))
   AND NOT CASE d.classid
     WHEN 'pg_class'::regclass THEN d.objid = $1::int8::oid
       OR EXISTS (SELECT FROM pg_index WHERE indexrelid = d.objid AND indrelid = $1::int8::oid)
       OR EXISTS (SELECT FROM pg_class s WHERE s.oid = d.objid AND (s.relkind = 't'
                    OR s.relkind = 'S' AND d.deptype IN ('a', 'i')))
     WHEN 'pg_type'::regclass THEN d.objid IN (SELECT oid FROM row_types)
     WHEN 'pg_constraint'::regclass THEN EXISTS (SELECT FROM pg_constraint
          WHERE oid = d.objid AND (conrelid = $1::int8::oid OR contype = 'f'))
     WHEN 'pg_trigger'::regclass THEN EXISTS (SELECT FROM pg_trigger
          WHERE oid = d.objid AND (tgrelid = $1::int8::oid OR tgisinternal))
     WHEN 'pg_rewrite'::regclass THEN EXISTS (SELECT FROM pg_rewrite WHERE oid = d.objid AND ev_class = $1::int8::oid)
     WHEN 'pg_policy'::regclass THEN EXISTS (SELECT FROM pg_policy WHERE oid = d.objid AND polrelid = $1::int8::oid)
     WHEN 'pg_attrdef'::regclass THEN EXISTS (SELECT FROM pg_attrdef WHERE oid = d.objid AND adrelid = $1::int8::oid)
     WHEN 'pg_statistic_ext'::regclass THEN EXISTS (SELECT FROM pg_statistic_ext
          WHERE oid = d.objid AND stxrelid = $1::int8::oid)
     ELSE false END
 ORDER BY 1`;

const FOREIGN_KEYS = `
SELECT format('%I of %s', conname, conrelid::regclass) AS name, conrelid = confrelid AS self, confdeltype::text AS on_delete
  FROM pg_constraint WHERE confrelid = $1::int8::oid AND contype = 'f' ORDER BY 1`;

const ON_DELETE: Readonly<Record<string, string>> = {
  r: 'ON DELETE RESTRICT would refuse it',
  c: 'ON DELETE CASCADE would delete its rows',
  n: 'ON DELETE SET NULL would change its rows',
  d: 'ON DELETE SET DEFAULT would change its rows',
};

export async function readDependents(connection: PgConnection, oid: string): Promise<Dependents> {
  const read = (sql: string) => connection.query(sql, [oid], { doing: 'looking what depends on the table' });
  const [facts = {}] = await read(FACTS);
  const links = (await read(LINKS))
    .filter((row) => row.name !== null)
    .map((row) => `${row.name} depends on it`);
  const keys = await read(FOREIGN_KEYS);
  const text = (value: unknown, say: (value: string) => string): string[] =>
    value == null ? [] : [say(String(value))];
  return {
    reasons: [
      ...(facts.kind === 'p' ? ['it is partitioned'] : []),
      ...(facts.kind === 'f' ? ['it is a foreign table'] : []),
      ...(facts.partition === true ? ['it is a partition'] : []),
      ...(facts.typed === true ? ['it is a typed table'] : []),
      ...(facts.kind !== 'p' && facts.has_children === true ? ['other tables inherit from it'] : []),
      ...(facts.partition !== true && facts.is_child === true ? ['it inherits from another table'] : []),
      ...(facts.labelled === true ? ['it has a security label'] : []),
      ...text(facts.extension, (name) => `it belongs to the extension ${name}`),
      ...text(facts.publications, (names) => `it is published (${names})`),
      ...text(facts.insert_triggers, (names) => `its INSERT triggers (${names}) run for each row`),
      ...(facts.owns === true ? [] : [`it belongs to ${facts.owner}, whom this user cannot act for`]),
      ...keys.map(
        (row) => `foreign key ${row.name} ${row.self === true ? 'points to itself' : 'points to it'}`,
      ),
      ...links,
    ],
    refusals: [
      ...keys
        .filter((row) => ON_DELETE[String(row.on_delete)] !== undefined)
        .map((row) => `foreign key ${row.name}: ${ON_DELETE[String(row.on_delete)]}`),
      ...text(
        facts.undeletable,
        (names) => `it is published with its deletes (${names}) and has no replica identity`,
      ),
    ],
    referencedBy: keys.filter((row) => row.self !== true).map((row) => String(row.name)),
    plain: facts.kind === 'r',
    inherited: facts.kind !== 'p' && facts.has_children === true,
  };
}

/** Replacing must not change other tables' rows. */
export function checkRefusals({ refusals }: Dependents, shown: string): void {
  if (refusals.length === 0) return;
  throw new ParloadError(
    'MODE_REFUSED',
    `the rows of "${shown}" cannot be replaced: ${refusals.join('; ')}`,
    {
      where: { table: shown },
      hint: 'Use --mode upsert; or make foreign keys ON DELETE NO ACTION, and give a published table a primary key or REPLICA IDENTITY FULL.',
    },
  );
}

/** Whether a table that is new in the schema is published at once. */
export async function publishesAll(
  connection: PgConnection,
  schema: string,
  version: number,
): Promise<boolean> {
  const bySchema =
    version < 150_000
      ? ''
      : `OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace p JOIN pg_catalog.pg_namespace n
                      ON n.oid = p.pnnspid WHERE n.nspname = $1)`;
  const [row] = await connection.query(
    `SELECT $1::text IS NOT NULL AND (EXISTS (SELECT FROM pg_catalog.pg_publication WHERE puballtables) ${bySchema}) AS yes`,
    [schema],
    { doing: 'looking for publications' },
  );
  return row?.yes === true;
}
