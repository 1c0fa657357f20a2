// The type that a new table's column gets: the narrowest Postgres type that holds every value of the Arrow type.
import { fieldTypeName } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
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

function typeOf(field: ArrowField): PgType | null {
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
      // a scale above the precision is allowed since Postgres 15 only; more digits hold the same values everywhere
      return type.scale < 0 ? null : numeric(Math.max(type.precision, type.scale), type.scale);
    case 'date':
      return base('date');
    case 'time':
      return base('time');
    case 'timestamp':
      return base(type.timezone === null ? 'timestamp' : 'timestamptz');
    case 'duration':
      return base('interval');
    case 'utf8':
      return base(field.logical === 'json' ? 'json' : 'text');
    case 'binary':
      return base('bytea');
    case 'fixedBinary':
      return base(type.byteWidth === 16 && field.logical === 'uuid' ? 'uuid' : 'bytea');
    case 'list':
    case 'fixedList': {
      const item =
        type.item.type.id === 'list' || type.item.type.id === 'fixedList' ? null : typeOf(type.item);
      return item === null ? null : arrayOf(item);
    }
    case 'dictionary':
      return typeOf({ ...field, type: type.value });
    default:
      return null;
  }
}

/** The type of a new table's column; its `display` is the DDL. Throws TYPE_UNSUPPORTED by column name. */
export function defaultPgType(field: ArrowField): PgType {
  const type = typeOf(field);
  if (type !== null) return type;
  throw new ParloadError(
    'TYPE_UNSUPPORTED',
    `column "${field.name}": ${fieldTypeName(field)} has no Postgres type in parload yet`,
    { where: { column: field.name } },
  );
}
