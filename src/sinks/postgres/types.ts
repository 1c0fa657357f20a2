// pg_type as the encoder wants it: domains resolved, arrays and composites followed to their elements.
import type { PgType } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { PgConnection, Row } from './connection.ts';

interface TypeRow {
  readonly oid: number;
  readonly name: string;
  /** pg_type.typtype: b, c, d, e, r, m, p. */
  readonly kind: string;
  /** Element of a true array, else 0. */
  readonly element: number;
  readonly base: number;
  readonly baseTypmod: number;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly attributes: readonly { name: string; type: number; typmod: number; display: string }[];
}

const SQL = `
SELECT t.oid::int8::text AS oid, t.typname::text AS name, t.typtype::text AS kind,
       CASE WHEN e.typarray = t.oid THEN e.oid::int8::text ELSE '0' END AS element,
       t.typbasetype::int8::text AS base, t.typtypmod AS base_typmod, t.typnotnull AS not_null,
       t.typdefault IS NOT NULL AS has_default,
       CASE WHEN t.typtype = 'c' THEN (
         SELECT json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8, 'typmod', a.atttypmod,
                         'display', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)::text
           FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END AS attributes
  FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
 WHERE t.oid = ANY ($1::int8[]::oid[])`;

const toTypeRow = (row: Row): TypeRow => ({
  oid: Number(row.oid),
  name: String(row.name),
  kind: String(row.kind),
  element: Number(row.element),
  base: Number(row.base),
  baseTypmod: Number(row.base_typmod),
  notNull: row.not_null === true,
  hasDefault: row.has_default === true,
  attributes: row.attributes == null ? [] : (JSON.parse(String(row.attributes)) as TypeRow['attributes']),
});

/** Types nest (an array of composites of arrays); deeper than this is a loop in our reading, not a type. */
const MAX_DEPTH = 16;

export class TypeCatalog {
  readonly #rows = new Map<number, TypeRow>();

  /** Reads these types and all that they are made of. */
  async load(connection: PgConnection, oids: readonly number[]): Promise<void> {
    let wanted = [...new Set(oids)].filter((oid) => !this.#rows.has(oid));
    for (let depth = 0; wanted.length > 0 && depth < MAX_DEPTH; depth++) {
      const rows = (await connection.query(SQL, [wanted], { doing: 'reading the types of the columns' })).map(
        toTypeRow,
      );
      for (const row of rows) this.#rows.set(row.oid, row);
      const next = rows.flatMap((r) => [r.element, r.base, ...r.attributes.map((a) => a.type)]);
      wanted = [...new Set(next)].filter((oid) => oid !== 0 && !this.#rows.has(oid));
    }
  }

  isDomain(oid: number): boolean {
    return this.#row(oid).kind === 'd';
  }

  /** A domain's own NOT NULL or default counts like the column's. */
  domainFacts(oid: number): { readonly notNull: boolean; readonly hasDefault: boolean } {
    let row = this.#row(oid);
    let notNull = false;
    let hasDefault = false;
    while (row.kind === 'd') {
      notNull ||= row.notNull;
      hasDefault ||= row.hasDefault;
      row = this.#row(row.base);
    }
    return { notNull, hasDefault };
  }

  /**
   * `oid` stays that of the declared type, also of a domain: array_recv and record_recv compare it with their
   * declaration. Everything else is the base type's.
   */
  resolve(oid: number, typmod: number, display: string): PgType {
    let row = this.#row(oid);
    while (row.kind === 'd') {
      typmod = row.baseTypmod === -1 ? typmod : row.baseTypmod;
      row = this.#row(row.base);
    }
    const common = { oid, name: row.name, typmod, display };
    if (row.element !== 0) {
      const element = this.resolve(row.element, typmod, display.replace(/\[\]$/, ''));
      return { ...common, kind: 'array', element, attributes: null };
    }
    if (row.kind === 'c') {
      const attributes = row.attributes.map((a) => ({
        name: a.name,
        type: this.resolve(a.type, a.typmod, a.display),
      }));
      return { ...common, kind: 'composite', element: null, attributes };
    }
    const kind = row.kind === 'e' ? 'enum' : row.kind === 'r' ? 'range' : 'base';
    return { ...common, kind, element: null, attributes: null };
  }

  #row(oid: number): TypeRow {
    const row = this.#rows.get(oid);
    if (row !== undefined) return row;
    throw new ParloadError('TYPE_UNSUPPORTED', `the catalog has no type ${oid}`);
  }
}
