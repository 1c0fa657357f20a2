// Why a pair of types is refused where its rule has nothing more precise to say. docs/types.md lists them all.
import type { ArrowField, ArrowType } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';

type Family = 'number' | 'bool' | 'time' | 'text' | 'bytes' | 'list' | 'struct' | 'map';

const FAMILIES: Partial<Record<ArrowType['id'], Family>> = {
  bool: 'bool',
  int: 'number',
  float: 'number',
  decimal: 'number',
  utf8: 'text',
  binary: 'bytes',
  fixedBinary: 'bytes',
  list: 'list',
  fixedList: 'list',
  struct: 'struct',
  map: 'map',
};

const KINDS: Readonly<Record<string, string>> = {
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  numeric: 'number',
  oid: 'oid',
  money: 'money',
  bool: 'bool',
  date: 'time',
  time: 'time',
  timetz: 'time',
  timestamp: 'time',
  timestamptz: 'time',
  interval: 'time',
  bytea: 'bytea',
  uuid: 'uuid',
  inet: 'address',
  cidr: 'address',
  geometry: 'geometry',
  geography: 'geometry',
  hstore: 'hstore',
  json: 'json',
  jsonb: 'json',
  xml: 'xml',
};

const NEEDS: Partial<Record<Family, string>> = {
  list: 'a list needs an array, json, jsonb or text',
  struct: 'a struct needs a composite type, json, jsonb or text',
  map: 'a map needs json, jsonb, hstore, text, or an array of a composite type of key and value',
};

/** By what the target wants, where only few have it. */
const WANTS: Readonly<Record<string, string>> = {
  bytea: 'only text and bytes are taken as bytes',
  uuid: 'only text and sixteen bytes can be a UUID',
  address: 'only text is read as a network address',
  geometry: 'only well-known binary is taken as geometry',
  hstore: 'only maps of text to text are taken',
  xml: 'only text is taken as XML',
  oid: 'only uint32 is taken as oid',
  money: 'money keeps as many decimals as the server is set to',
};

const BY_PAIR: Readonly<Record<string, string>> = {
  'text>number': 'text is not parsed: load it into a text column and cast it there',
  'text>bool': 'text is not parsed: load it into a text column and cast it there',
  'text>time': 'text is not parsed: load it into a text column and cast it there',
  'number>bool': 'a number is neither true nor false',
  'number>time': 'a number is no date and no time: which unit it counts is not known',
  'bool>number': 'true and false are no numbers',
  'bool>time': 'true and false are no dates and no times',
  'time>number': 'a date or time is no number of that kind',
  'time>bool': 'a date or time is neither true nor false',
  'time>time': 'a date or time of another kind would have to be made up or cut',
  'bytes>number': 'bytes are no numbers',
  'bytes>bool': 'bytes are neither true nor false',
  'bytes>time': 'bytes are no dates and no times',
};

const INTERNAL = 'parload does not write this Postgres type';

/** The end of a sentence: `... cannot be stored exactly in jsonpath: ` this. */
export function reasonFor({ type }: ArrowField, target: PgType): string {
  const family = FAMILIES[type.id] ?? 'time';
  const needs = NEEDS[family];
  if (needs !== undefined) return needs;
  if (target.kind === 'array') return 'a single value is no array';
  if (target.kind === 'composite') return 'a single value is no composite';
  if (target.kind === 'enum') return 'only text can be the label of an enum';
  const kind = KINDS[target.name];
  if (kind === undefined || target.kind === 'range') return INTERNAL;
  return WANTS[kind] ?? BY_PAIR[`${family}>${kind}`] ?? INTERNAL;
}
