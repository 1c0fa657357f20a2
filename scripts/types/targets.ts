// The Postgres types that docs/types.md is about.
import { isRule, type PgType, verdictOn } from '../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowField } from '../../src/model/index.ts';

/** Stands for any n in varchar(n); no note holds this number otherwise. */
export const ANY_LENGTH = 77;
const MOST_DIGITS = 100;

export const pg = (name: string, more: Partial<PgType> = {}): PgType => ({
  oid: 0,
  name,
  kind: 'base',
  typmod: -1,
  element: null,
  attributes: null,
  display: name,
  ...more,
});

export const numeric = (precision: number, scale: number): PgType =>
  pg('numeric', {
    typmod: ((precision << 16) | (scale & 0x7ff)) + 4,
    display: `numeric(${precision},${scale})`,
  });

/** Names in the catalog, with those that DDL has for them. */
const RENAMED = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
};

const named = (names: string): PgType[] => names.split(' ').map((name) => pg(name));

export const SCALARS: readonly PgType[] = [
  ...Object.entries(RENAMED).map(([name, display]) => pg(name, { display })),
  ...named(
    'numeric oid money date time timetz timestamp timestamptz interval bytea uuid inet cidr geometry geography',
  ),
  pg('mood', { kind: 'enum', display: 'enum' }),
];

export const TEXTS: readonly PgType[] = [
  ...named('text varchar citext'),
  pg('varchar', { typmod: ANY_LENGTH + 4, display: 'varchar(n)' }),
  pg('bpchar', { typmod: ANY_LENGTH + 4, display: 'char(n)' }),
  ...named('xml json jsonb'),
];

/** A composite type with the attributes that these fields need. */
const composite = (fields: readonly ArrowField[], display = 'a composite type'): PgType =>
  pg('row', {
    kind: 'composite',
    display,
    attributes: fields.map(({ name, type }) => ({
      name,
      type: type.id === 'int' ? pg('int4', { display: 'integer' }) : pg('text'),
    })),
  });

const arrayOf = (element: PgType): PgType =>
  pg(`_${element.name}`, { kind: 'array', element, display: `${element.display}[]` });

/** What a type made of others can go into. */
export function nestedTargets({ type }: ArrowField): readonly PgType[] {
  const own = [pg('hstore'), ...['json', 'jsonb', 'text'].map((name) => pg(name))];
  if (type.id === 'struct') return [composite(type.fields), ...own];
  if (type.id === 'map') return [arrayOf(composite([type.key, type.value])), ...own];
  if ((type.id === 'list' || type.id === 'fixedList') && type.item.type.id === 'struct')
    return [arrayOf(composite(type.item.type.fields)), arrayOf(pg('jsonb')), ...own];
  return own;
}

export const arrays: readonly PgType[] = [...SCALARS, ...TEXTS].map(arrayOf);

const scaleOf = ({ type }: ArrowField): number => (type.id === 'decimal' ? Math.max(0, type.scale) : 0);

/** numeric(p,s) at its narrowest: all values exact, and one digit less. */
export function numericTargets(from: ArrowField): readonly PgType[] {
  const scale = scaleOf(from);
  for (let precision = Math.max(1, scale); precision <= MOST_DIGITS; precision++) {
    const to = numeric(precision, scale);
    const verdict = verdictOn(from, to);
    if (!isRule(verdict) || verdict.exactness !== 'exact') continue;
    const narrower = { ...numeric(Math.max(1, precision - 1), scale), display: 'a narrower numeric(p,s)' };
    const wide = { ...to, display: `${to.display} or wider` };
    return scale === 0
      ? [wide, narrower]
      : [wide, narrower, { ...numeric(40, scale - 1), display: 'numeric(p,s) of fewer decimals' }];
  }
  return [{ ...numeric(30, 10), display: 'numeric(p,s)' }];
}
