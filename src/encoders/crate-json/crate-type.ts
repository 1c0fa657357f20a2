// CrateDB's types as plain data: what a column of the target has, or will get.

export type CrateScalar =
  | 'boolean'
  | 'byte'
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'real'
  | 'double precision'
  | 'text'
  | 'ip'
  | 'geo_point'
  | 'geo_shape';

export type CrateType =
  | { readonly id: CrateScalar }
  | { readonly id: 'numeric'; readonly precision: number; readonly scale: number }
  /** Milliseconds since 1970 in 64 bits, with or without a zone. */
  | { readonly id: 'timestamp'; readonly zoned: boolean }
  | { readonly id: 'float_vector'; readonly dimension: number }
  | { readonly id: 'array'; readonly element: CrateType }
  | {
      readonly id: 'object';
      readonly policy: 'dynamic' | 'strict' | 'ignored';
      readonly fields: readonly CrateColumn[];
    }
  /** A type that parload does not write. */
  | { readonly id: 'other'; readonly name: string };

export interface CrateColumn {
  readonly name: string;
  readonly type: CrateType;
}

export const quoteIdent = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** As DDL has it. */
export function ddlOf(type: CrateType): string {
  switch (type.id) {
    case 'numeric':
      return `NUMERIC(${type.precision}, ${type.scale})`;
    case 'timestamp':
      return `TIMESTAMP ${type.zoned ? 'WITH' : 'WITHOUT'} TIME ZONE`;
    case 'float_vector':
      return `FLOAT_VECTOR(${type.dimension})`;
    case 'array':
      return `ARRAY(${ddlOf(type.element)})`;
    case 'object': {
      const fields = type.fields.map((f) => `${quoteIdent(f.name)} ${ddlOf(f.type)}`);
      const policy = `OBJECT(${type.policy.toUpperCase()})`;
      return fields.length === 0 ? policy : `${policy} AS (${fields.join(', ')})`;
    }
    case 'other':
      return type.name;
    default:
      return type.id.toUpperCase();
  }
}

/** For messages and plans: without the fields of objects. */
export function showType(type: CrateType): string {
  if (type.id === 'array') return `array(${showType(type.element)})`;
  if (type.id === 'object') return `object(${type.policy})`;
  return ddlOf(type).toLowerCase();
}

const SCALARS: Readonly<Record<string, CrateScalar>> = {
  boolean: 'boolean',
  byte: 'byte',
  char: 'byte',
  '"char"': 'byte',
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  'double precision': 'double precision',
  text: 'text',
  'character varying': 'text',
  ip: 'ip',
  geo_point: 'geo_point',
  geo_shape: 'geo_shape',
};

/** What information_schema.columns says of a column, without what its name says. */
export interface TypeFacts {
  readonly precision: number | null;
  readonly scale: number | null;
  /** Columns of an object. */
  readonly fields: readonly CrateColumn[];
  readonly policy: 'dynamic' | 'strict' | 'ignored';
}

const NO_FACTS: TypeFacts = { precision: null, scale: null, fields: [], policy: 'dynamic' };

/** `data_type` of information_schema.columns: `bigint`, `text_array`, `array(text)`, `numeric(12,2)`. */
export function parseType(dataType: string, facts: TypeFacts = NO_FACTS): CrateType {
  const name = dataType.trim().toLowerCase();
  const array = /^array\((.*)\)$/.exec(name) ?? /^(.*)_array$/.exec(name) ?? /^(.*)\[\]$/.exec(name);
  if (array !== null) return { id: 'array', element: parseType(array[1]!, facts) };
  const [, base = name, first, second] = /^([a-z_" ]+?)\s*\((\d+)(?:\s*,\s*(\d+))?\)$/.exec(name) ?? [];
  if (base === 'numeric' || base === 'decimal') {
    const precision = first === undefined ? facts.precision : Number(first);
    const scale = second === undefined ? facts.scale : Number(second);
    if (precision === null) return { id: 'other', name };
    return { id: 'numeric', precision, scale: scale ?? 0 };
  }
  if (base === 'float_vector') return { id: 'float_vector', dimension: Number(first ?? 0) };
  if (base === 'object') return { id: 'object', policy: facts.policy, fields: facts.fields };
  if (base === 'timestamp with time zone' || base === 'timestamptz') return { id: 'timestamp', zoned: true };
  if (base.startsWith('timestamp')) return { id: 'timestamp', zoned: false };
  const scalar = SCALARS[base];
  return scalar === undefined ? { id: 'other', name } : { id: scalar };
}
