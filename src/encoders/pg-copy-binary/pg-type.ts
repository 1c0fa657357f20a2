/** A Postgres type as the target column has it; looked up in pg_type before the first byte. */
export interface PgType {
  readonly oid: number;
  /** pg_type.typname: `int4`, `timestamptz`, `_text`, `geometry`. Domains are resolved to their base type. */
  readonly name: string;
  /** pg_type.typtype of the base: base, enum, composite, range; arrays are `array`. */
  readonly kind: 'base' | 'enum' | 'composite' | 'range' | 'array';
  /** atttypmod as stored: -1 = none. */
  readonly typmod: number;
  /** Array: type of its elements. */
  readonly element: PgType | null;
  /** Composite: its attributes in order. */
  readonly attributes: readonly { readonly name: string; readonly type: PgType }[] | null;
  /** As format_type prints it, typmod included: `numeric(10,2)`; for messages. */
  readonly display: string;
}

/** One target column, in the order of the COPY statement's column list. */
export interface PgColumn {
  readonly name: string;
  readonly type: PgType;
}
