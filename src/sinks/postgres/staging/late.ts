// Statements that give a table what another one had beside its rows, columns and indexes. Read while the old table is
// still there and locked, run when the new one has its name.
import type { PgConnection } from '../connection.ts';

/** $1: the old table's oid; $2: its qualified name, quoted, as statements will find the new one. */
const QUERIES: readonly string[] = [
  // triggers, and whether they are enabled
  `SELECT pg_get_triggerdef(oid) AS sql FROM pg_trigger WHERE tgrelid = $1::int8::oid AND NOT tgisinternal AND $2::text <> ''
    ORDER BY tgname`,
  `SELECT format('ALTER TABLE %s %s TRIGGER %I', $2::text, CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
            ELSE 'ENABLE ALWAYS' END, tgname) AS sql
     FROM pg_trigger WHERE tgrelid = $1::int8::oid AND NOT tgisinternal AND tgenabled <> 'O' ORDER BY tgname`,
  // rules
  `SELECT pg_get_ruledef(oid) AS sql FROM pg_rewrite WHERE ev_class = $1::int8::oid AND $2::text <> '' ORDER BY rulename`,
  `SELECT format('ALTER TABLE %s %s RULE %I', $2::text, CASE ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
            ELSE 'ENABLE ALWAYS' END, rulename) AS sql
     FROM pg_rewrite WHERE ev_class = $1::int8::oid AND ev_enabled <> 'O' ORDER BY rulename`,
  // row security
  `SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', polname, $2::text,
            CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
            CASE WHEN polroles = '{0}' THEN 'PUBLIC'
              ELSE (SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE oid = ANY (polroles)) END,
            coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', ''),
            coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', '')) AS sql
     FROM pg_policy WHERE polrelid = $1::int8::oid ORDER BY polname`,
  `SELECT format('ALTER TABLE %s %s ROW LEVEL SECURITY', $2::text, action) AS sql FROM pg_class c
     CROSS JOIN LATERAL (VALUES ('ENABLE', c.relrowsecurity), ('FORCE', c.relforcerowsecurity)) AS v (action, wanted)
    WHERE c.oid = $1::int8::oid AND v.wanted`,
  // replica identity, clustering
  `SELECT format('ALTER TABLE %s REPLICA IDENTITY %s', $2::text, CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
            ELSE 'USING INDEX ' || quote_ident(i.relname) END) AS sql
     FROM pg_class c LEFT JOIN pg_index x ON x.indrelid = c.oid AND x.indisreplident LEFT JOIN pg_class i ON i.oid = x.indexrelid
    WHERE c.oid = $1::int8::oid AND (c.relreplident IN ('f', 'n') OR c.relreplident = 'i' AND i.oid IS NOT NULL)`,
  `SELECT format('ALTER TABLE %s CLUSTER ON %I', $2::text, i.relname) AS sql
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = $1::int8::oid AND x.indisclustered`,
  // extended statistics
  `SELECT pg_get_statisticsobjdef(oid) AS sql FROM pg_statistic_ext WHERE stxrelid = $1::int8::oid AND $2::text <> '' ORDER BY stxname`,
  `SELECT format('ALTER STATISTICS %I.%I %s', n.nspname, s.stxname, action) AS sql
     FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
     CROSS JOIN LATERAL (VALUES ('SET STATISTICS ' || (to_jsonb(s)->>'stxstattarget')::int, (to_jsonb(s)->>'stxstattarget')::int >= 0),
                                ('OWNER TO ' || quote_ident(pg_get_userbyid(s.stxowner)), true)) AS v (action, wanted)
    WHERE s.stxrelid = $1::int8::oid AND v.wanted AND $2::text <> ''`,
  // privileges on columns; those on the table are apart
  `SELECT format('GRANT %s (%I) ON TABLE %s TO %s%s', a.privilege_type, t.attname, $2::text,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS sql
     FROM pg_attribute t, aclexplode(t.attacl) a
    WHERE t.attrelid = $1::int8::oid AND t.attnum > 0 AND NOT t.attisdropped ORDER BY 1`,
  // comments; the table's also takes away the one that the staging table had
  `SELECT format('COMMENT ON TABLE %s IS %L', $2::text, obj_description($1::int8::oid, 'pg_class')) AS sql`,
  `SELECT format('COMMENT ON COLUMN %s.%I IS %L', $2::text, a.attname, d.description) AS sql
     FROM pg_description d JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
    WHERE d.classoid = 'pg_class'::regclass AND d.objoid = $1::int8::oid AND d.objsubid > 0 ORDER BY a.attnum`,
  `SELECT format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, $2::text, d.description) AS sql
     FROM pg_description d JOIN pg_constraint c ON c.oid = d.objoid
    WHERE d.classoid = 'pg_constraint'::regclass AND c.conrelid = $1::int8::oid ORDER BY c.conname`,
  `SELECT format('COMMENT ON INDEX %I.%I IS %L', n.nspname, i.relname, d.description) AS sql
     FROM pg_description d JOIN pg_index x ON x.indexrelid = d.objoid JOIN pg_class i ON i.oid = x.indexrelid
     JOIN pg_namespace n ON n.oid = i.relnamespace
    WHERE d.classoid = 'pg_class'::regclass AND x.indrelid = $1::int8::oid AND $2::text <> '' ORDER BY i.relname`,
  `SELECT format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, $2::text, d.description) AS sql
     FROM pg_description d JOIN pg_trigger t ON t.oid = d.objoid
    WHERE d.classoid = 'pg_trigger'::regclass AND t.tgrelid = $1::int8::oid ORDER BY t.tgname`,
  `SELECT format('COMMENT ON RULE %I ON %s IS %L', r.rulename, $2::text, d.description) AS sql
     FROM pg_description d JOIN pg_rewrite r ON r.oid = d.objoid
    WHERE d.classoid = 'pg_rewrite'::regclass AND r.ev_class = $1::int8::oid ORDER BY r.rulename`,
  `SELECT format('COMMENT ON POLICY %I ON %s IS %L', p.polname, $2::text, d.description) AS sql
     FROM pg_description d JOIN pg_policy p ON p.oid = d.objoid
    WHERE d.classoid = 'pg_policy'::regclass AND p.polrelid = $1::int8::oid ORDER BY p.polname`,
  `SELECT format('COMMENT ON STATISTICS %I.%I IS %L', n.nspname, s.stxname, d.description) AS sql
     FROM pg_description d JOIN pg_statistic_ext s ON s.oid = d.objoid JOIN pg_namespace n ON n.oid = s.stxnamespace
    WHERE d.classoid = 'pg_statistic_ext'::regclass AND s.stxrelid = $1::int8::oid AND $2::text <> '' ORDER BY s.stxname`,
];

export async function readLate(
  connection: PgConnection,
  oid: string,
  table: string,
): Promise<readonly string[]> {
  const statements: string[] = [];
  for (const sql of QUERIES) {
    const rows = await connection.query(sql, [oid, table], { doing: 'reading how the table is made' });
    statements.push(...rows.map((row) => String(row.sql)));
  }
  return statements;
}

export interface Grants {
  /** The owner has all, nobody else anything, and nobody ever said so. */
  readonly untouched: boolean;
  readonly grant: readonly string[];
  readonly revoke: readonly string[];
}

/** Privileges on the table, as statements that give and take them. */
export async function readGrants(connection: PgConnection, oid: string, table: string): Promise<Grants> {
  const doing = 'reading privileges';
  const [facts] = await connection.query(
    'SELECT relacl IS NULL AS untouched FROM pg_class WHERE oid = $1::int8::oid',
    [oid],
    { doing },
  );
  const rows = await connection.query(
    `SELECT format('GRANT %s ON TABLE %s TO %s%s', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), $2::text,
              w.who, CASE WHEN a.is_grantable AND a.grantee <> c.relowner THEN ' WITH GRANT OPTION' ELSE '' END) AS give,
            format('REVOKE ALL ON TABLE %s FROM %s', $2::text, w.who) AS take
       FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
      CROSS JOIN LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC'
                                   ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who) w
      WHERE c.oid = $1::int8::oid GROUP BY a.grantee, a.is_grantable, c.relowner, w.who ORDER BY 1`,
    [oid, table],
    { doing },
  );
  return {
    untouched: facts?.untouched === true,
    grant: rows.map((row) => String(row.give)),
    revoke: [...new Set(rows.map((row) => String(row.take)))],
  };
}

/** $1: oid of a sequence, $2: its qualified name. */
const SEQUENCE_QUERIES: readonly string[] = [
  `SELECT format('GRANT %s ON SEQUENCE %s TO %s%s', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), $2::text,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable AND a.grantee <> c.relowner THEN ' WITH GRANT OPTION' ELSE '' END) AS sql
     FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.oid = to_regclass($1) GROUP BY a.grantee, a.is_grantable, c.relowner ORDER BY 1`,
  `SELECT format('COMMENT ON SEQUENCE %s IS %L', $2::text, obj_description(to_regclass($1), 'pg_class')) AS sql
    WHERE obj_description(to_regclass($1), 'pg_class') IS NOT NULL`,
];

/** The same for the sequence of an identity column. */
export async function readSequenceLate(
  connection: PgConnection,
  sequence: string,
): Promise<readonly string[]> {
  const statements: string[] = [];
  for (const sql of SEQUENCE_QUERIES) {
    const rows = await connection.query(sql, [sequence, sequence], { doing: 'reading a sequence' });
    statements.push(...rows.map((row) => String(row.sql)));
  }
  return statements;
}
