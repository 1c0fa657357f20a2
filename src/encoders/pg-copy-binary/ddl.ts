// The type that a new table's column gets: the narrowest Postgres type that holds every value of the Arrow type.
import type { ArrowField, ArrowType } from '../../model/index.ts';
import type { PgType } from './pg-type.ts';

/** Built-in types by their DDL name: fixed OIDs from pg_type.dat. */
const BUILT_IN: Record<string, { readonly name: string; readonly oid: number; readonly array: number }> = {
  boolean: { name: 'bool', oid: 16, array: 1000 },
  bytea: { name: 'bytea', oid: 17, array: 1001 },
  bigint: { name: 'int8', oid: 20, array: 1016 },
  smallint: { name: 'int2', oid: 21, array: 1005 },
  integer: { name: 'int4', oid: 23, array: 1007 },
  text: { name: 'text', oid: 25, array: 1009 },
  json: { name: 'json', oid: 114, array: 199 },
  jsonb: { name: 'jsonb', oid: 3802, array: 3807 },
  real: { name: 'float4', oid: 700, array: 1021 },
  'double precision': { name: 'float8', oid: 701, array: 1022 },
  date: { name: 'date', oid: 1082, array: 1182 },
  time: { name: 'time', oid: 1083, array: 1183 },
  timestamp: { name: 'timestamp', oid: 1114, array: 1115 },
  timestamptz: { name: 'timestamptz', oid: 1184, array: 1185 },
  interval: { name: 'interval', oid: 1186, array: 1187 },
  numeric: { name: 'numeric', oid: 1700, array: 1231 },
  uuid: { name: 'uuid', oid: 2950, array: 2951 },
};

const base = (ddl: string, typmod = -1, display = ddl): PgType => {
  const { oid, name } = BUILT_IN[ddl]!;
  return { oid, name, kind: 'base', typmod, element: null, attributes: null, display };
};

const numeric = (precision: number, scale: number): PgType =>
  base('numeric', ((precision << 16) | (scale & 0x7ff)) + 4, `numeric(${precision},${scale})`);

const arrayOf = (element: PgType): PgType => {
  const builtIn = Object.values(BUILT_IN).find((t) => t.oid === element.oid);
  return {
    oid: builtIn?.array ?? 0,
    name: `_${element.name}`,
    kind: 'array',
    typmod: element.typmod,
    element,
    attributes: null,
    display: `${element.display}[]`,
  };
};

function intType(type: Extract<ArrowType, { id: 'int' }>): PgType {
  const bits = type.signed ? type.bits : type.bits * 2;
  if (bits <= 16) return base('smallint');
  if (bits === 32) return base('integer');
  return bits === 64 ? base('bigint') : numeric(20, 0);
}

/** Digits of a whole number that ends in as many zeros as a negative scale says. */
function decimalType({ precision, scale }: Extract<ArrowType, { id: 'decimal' }>): PgType {
  if (scale < 0) return numeric(precision - scale, 0);
  // a scale above the precision is allowed since Postgres 15 only; more digits hold the same values everywhere
  return numeric(Math.max(precision, scale), scale);
}

/** Lists within lists that have one length each by their type: only these are sure to be rectangular. */
const isRegular = ({ type, nullable }: ArrowField): boolean =>
  type.id === 'fixedList' && !nullable && type.size > 0 && (!isList(type.item.type) || isRegular(type.item));

const isList = (type: ArrowType): boolean => type.id === 'list' || type.id === 'fixedList';

/** Arrays of what has no shape of its own; one jsonb for the whole list otherwise. */
function listType(item: ArrowField): PgType {
  if (isList(item.type) && !isRegular(item)) return base('jsonb');
  const element = isList(item.type) ? innermost(item) : typeOf(item);
  return element.name === 'jsonb' ? element : arrayOf(element);
}

const innermost = ({ type, ...field }: ArrowField): PgType =>
  type.id === 'list' || type.id === 'fixedList' ? innermost(type.item) : typeOf({ ...field, type });

function typeOf(field: ArrowField): PgType {
  const { type } = field;
  switch (type.id) {
    case 'null':
      return base('text');
    case 'bool':
      return base('boolean');
    case 'int':
      return intType(type);
    case 'float':
      return base(type.bits === 64 ? 'double precision' : 'real');
    case 'decimal':
      return decimalType(type);
    case 'date':
      return base('date');
    case 'time':
      return base('time');
    case 'timestamp':
    case 'int96':
      return base(type.timezone === null ? 'timestamp' : 'timestamptz');
    case 'duration':
    case 'interval':
      return base('interval');
    case 'utf8':
      return base(field.logical === 'json' ? 'json' : 'text');
    case 'binary':
      return base('bytea');
    case 'fixedBinary':
      return base(type.byteWidth === 16 && field.logical === 'uuid' ? 'uuid' : 'bytea');
    case 'list':
    case 'fixedList':
      return listType(type.item);
    case 'dictionary':
      return typeOf({ ...field, type: type.value });
    default:
      return base('jsonb');
  }
}

/** The type of a new table's column; its `display` is the DDL. Every Arrow type has one. */
export const defaultPgType = (field: ArrowField): PgType => typeOf(field);
