// Everything that the catalog says of a table, without oids: two tables with the same portrait are the same to their users.
import type { TestDatabase } from './postgres.ts';

const PARTS: Readonly<Record<string, string>> = {
  table: `select relkind, relpersistence, pg_get_userbyid(relowner) as owner, (select array_agg(a::text order by a::text) from unnest(relacl) a) as acl, reloptions,
            relrowsecurity, relforcerowsecurity, relreplident, reltablespace::regclass::text, obj_description(oid, 'pg_class') as comment,
            (select amname from pg_am a where a.oid = relam) as am,
            (select t.reloptions from pg_class t where t.oid = c.reltoastrelid) as toast
          from pg_class c where oid = $1::regclass`,
  columns: `select attname, format_type(atttypid, atttypmod) as type, attnotnull, attidentity, attgenerated, attcollation::regcollation::text,
              attstorage, attcompression, nullif(attstattarget, -1) as target, attoptions, (select array_agg(a::text order by a::text) from unnest(attacl) a) as acl,
              pg_get_expr(adbin, adrelid) as default, col_description(attrelid, attnum) as comment
            from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
            where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
  indexes: `select pg_get_indexdef(indexrelid) as def, indisprimary, indisclustered, indisreplident, indimmediate,
              obj_description(indexrelid, 'pg_class') as comment,
              (select array_agg(attstattarget order by attnum) from pg_attribute where attrelid = indexrelid) as targets
            from pg_index where indrelid = $1::regclass order by 1`,
  constraints: `select conname, contype, pg_get_constraintdef(oid) as def, convalidated, condeferrable, condeferred,
                  obj_description(oid, 'pg_constraint') as comment
                from pg_constraint where conrelid = $1::regclass and contype <> 'n' order by 1`,
  triggers: `select tgname, pg_get_triggerdef(oid) as def, tgenabled, obj_description(oid, 'pg_trigger') as comment
             from pg_trigger where tgrelid = $1::regclass and not tgisinternal order by 1`,
  rules: `select rulename, pg_get_ruledef(oid) as def, ev_enabled, obj_description(oid, 'pg_rewrite') as comment
          from pg_rewrite where ev_class = $1::regclass order by 1`,
  policies: `select polname, polcmd, polpermissive, polroles::regrole[]::text[] as roles, pg_get_expr(polqual, polrelid) as qual,
               pg_get_expr(polwithcheck, polrelid) as with_check, obj_description(oid, 'pg_policy') as comment
             from pg_policy where polrelid = $1::regclass order by 1`,
  statistics: `select pg_get_statisticsobjdef(oid) as def, stxstattarget, pg_get_userbyid(stxowner) as owner,
                 obj_description(oid, 'pg_statistic_ext') as comment
               from pg_statistic_ext where stxrelid = $1::regclass order by 1`,
  sequences: `select pg_get_serial_sequence($1, attname) as name, attname, (select array_agg(a::text order by a::text) from unnest(c.relacl) a) as acl, q.seqstart, q.seqincrement, q.seqmin,
                q.seqmax, q.seqcache, q.seqcycle, format_type(q.seqtypid, null) as type, pg_get_userbyid(c.relowner) as owner,
                pg_sequence_last_value(q.seqrelid) as last, obj_description(q.seqrelid, 'pg_class') as comment
              from pg_attribute join pg_sequence q on q.seqrelid = pg_get_serial_sequence($1, attname)::regclass
              join pg_class c on c.oid = q.seqrelid
              where attrelid = $1::regclass and attnum > 0 and not attisdropped order by 1`,
};

export type Portrait = Readonly<Record<string, readonly Record<string, unknown>[]>>;

/** `table`: as `schema.name`, quoted where it must be. */
export async function portraitOf(db: TestDatabase, table: string): Promise<Portrait> {
  const parts = await Promise.all(
    Object.entries(PARTS).map(async ([part, sql]) => [part, await db.query(sql, [table])] as const),
  );
  return Object.fromEntries(parts);
}

/** What parload keeps outside of its schema: nothing, when a load is over. */
export const leftovers = (db: TestDatabase): Promise<Record<string, unknown>[]> =>
  db.query("select relname, relkind from pg_class where relname like 'parload\\_%' order by 1");
