// Which Arrow type travels into which CrateDB type, and how. docs/types.md is made from this.
// Rule: encode for the target's type; lossless, or each value checked, or refused by name here. CrateDB itself would round
// a double into real, and cast much else.
import { fieldTypeName } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowField, ArrowType } from '../../model/index.ts';
import { type CrateType, showType } from './crate-type.ts';
import { defaultCrateType, reasonAgainst } from './ddl.ts';
import { crateJson, crateText, hasNestedKeys } from './values.ts';
import type { ValueWriter } from './writer.ts';
import {
  boolWriter,
  dayWriter,
  epochWriter,
  floatWriter,
  intWriter,
  jsonWriter,
  type Range,
  textWriter,
} from './writers.ts';

export interface Rule {
  readonly writer: ValueWriter;
  /** `checked`: each value is looked at, and one that does not fit is refused. */
  readonly exactness: 'exact' | 'checked';
  /** `{policy}` where a policy decides. */
  readonly note: string | null;
}

export interface Refusal {
  readonly refused: string;
}

export type Verdict = Rule | Refusal;
export const isRule = (verdict: Verdict): verdict is Rule => 'writer' in verdict;

const exact = (writer: ValueWriter, note: string | null = null): Rule => ({
  writer,
  exactness: 'exact',
  note,
});
const checked = (writer: ValueWriter, note: string): Rule => ({ writer, exactness: 'checked', note });
const refused = (why: string): Refusal => ({ refused: why });

const NOTES = {
  nonFiniteNone: 'NaN and infinities {nonFiniteNone}',
  timestampNs: 'fractions of a millisecond {timestampNs}',
  overflow: 'values outside of the range {overflow}',
} as const;

const INTEGER_BITS: Readonly<Record<string, number>> = { byte: 8, smallint: 16, integer: 32, bigint: 64 };

type Of<T extends ArrowType['id']> = Extract<ArrowType, { id: T }>;

function findInt(type: Of<'int'>, target: CrateType): Verdict | null {
  const bits = INTEGER_BITS[target.id];
  if (bits !== undefined) {
    const needed = type.signed ? type.bits : type.bits + 1;
    if (needed <= bits) return exact(intWriter(type, null));
    const max = bits === 64 ? 9_007_199_254_740_991 : 2 ** (bits - 1) - 1;
    // uint64 into bigint: what is beyond 53 bits is refused too, which is less than bigint holds
    const range: Range = { min: type.signed ? -max - 1 : 0, max, target: showType(target) };
    return checked(intWriter(type, range), NOTES.overflow);
  }
  if (target.id === 'real' || target.id === 'double precision') {
    const limit = target.id === 'real' ? 16_777_216 : 9_007_199_254_740_991;
    if (type.bits < (target.id === 'real' ? 32 : 64) && !(target.id === 'real' && type.bits > 16)) {
      return exact(intWriter(type, null, true));
    }
    const range = { min: -limit, max: limit, target: `${showType(target)} exactly` };
    return checked(intWriter(type, range, true), NOTES.overflow);
  }
  if (target.id === 'numeric') {
    const digits = type.bits === 64 ? (type.signed ? 19 : 20) : { 8: 3, 16: 5, 32: 10 }[type.bits];
    if (digits > target.precision - target.scale) return refused('numbers of so many digits do not fit');
    return exact(jsonWriter(crateJson({ ...ANY, type }), ''));
  }
  return null;
}

const ANY: ArrowField = { name: '', type: { id: 'null' }, nullable: true, logical: null };

function findFloat(type: Of<'float'>, target: CrateType): Verdict | null {
  if (target.id !== 'real' && target.id !== 'double precision') return null;
  if (type.bits === 16) return checked(jsonWriter(crateJson({ ...ANY, type }), ''), NOTES.nonFiniteNone);
  const narrow = type.bits === 64 && target.id === 'real';
  const note = narrow
    ? `values that are no single floats {overflow}; ${NOTES.nonFiniteNone}`
    : NOTES.nonFiniteNone;
  return checked(floatWriter(type, narrow), note);
}

function findDecimal(field: ArrowField, type: Of<'decimal'>, target: CrateType): Verdict | null {
  if (target.id !== 'numeric') return null;
  const whole = type.precision - type.scale;
  if (Math.max(0, type.scale) > target.scale) return refused('more decimals than the column has');
  if (whole > target.precision - target.scale) return refused('numbers of so many digits do not fit');
  return exact(jsonWriter(crateJson(field), ''));
}

function findTime(field: ArrowField, target: CrateType): Verdict | null {
  const { type } = field;
  if (target.id !== 'timestamp') return null;
  if (type.id === 'date') return exact(type.unit === 'day' ? dayWriter : epochWriter('ms'), 'midnight');
  if (type.id === 'int96') return checked(jsonWriter(crateJson(field), ''), NOTES.timestampNs);
  if (type.id !== 'timestamp') return null;
  const writer = epochWriter(type.unit);
  if (type.unit === 'ms') return exact(writer);
  return checked(writer, type.unit === 's' ? 'range checked' : NOTES.timestampNs);
}

/** Into TEXT: any scalar as text; text itself as it is. */
function findText(field: ArrowField): Verdict | null {
  const { type } = field;
  if (type.id === 'dictionary')
    return findText({ ...field, type: type.value }) === null ? null : dictionary(field);
  if (type.id === 'utf8') return checked(textWriter, 'values that are not UTF-8 {invalidUtf8}');
  if (['list', 'fixedList', 'struct', 'map'].includes(type.id)) return null;
  return exact(jsonWriter(crateText(field), ''), type.id === 'null' ? null : 'as text');
}

const dictionary = (field: ArrowField): Rule => exact(jsonWriter(crateJson(field), ''));

/** A pair of the field's own type; parts of nested types go no other way. */
const sameType = (a: CrateType, b: CrateType): boolean =>
  a.id === b.id && (a.id !== 'array' || sameType(a.element, (b as typeof a).element));

const isGeoList = ({ type }: ArrowField): boolean =>
  (type.id === 'list' || (type.id === 'fixedList' && type.size === 2)) && type.item.type.id === 'float';

function findNested(field: ArrowField, target: CrateType): Verdict | null {
  const { type } = field;
  if (target.id === 'geo_point' && isGeoList(field)) {
    return checked(
      jsonWriter(crateJson(field), ''),
      'longitude and latitude; the server refuses what is no point',
    );
  }
  if (
    target.id === 'float_vector' &&
    (type.id === 'list' || type.id === 'fixedList') &&
    type.item.type.id === 'float'
  ) {
    if (type.id === 'fixedList' && type.size !== target.dimension)
      return refused('vectors of another length');
    if (type.item.type.bits === 64) return refused('single floats only');
    return checked(jsonWriter(crateJson(field), ''), 'the server refuses other lengths');
  }
  if (type.id === 'map' && hasNestedKeys(type)) return refused('keys of an object are texts');
  const reason = reasonAgainst(field);
  if (reason !== null) return refused(reason);
  const own = defaultCrateType(field);
  const fits =
    own.id === 'array'
      ? target.id === 'array' && partFits(own.element, target.element)
      : own.id === 'object' && target.id === 'object' && objectFits(own, target);
  if (!fits) return null;
  const json = crateJson(field);
  const notes = [
    ...(holdsMap(type) ? ['a key twice in a map is refused'] : []),
    ...(json.touches.includes('nonFinite') ? [NOTES.nonFiniteNone] : []),
    ...(json.touches.includes('timestampNs') ? [NOTES.timestampNs] : []),
  ];
  return notes.length === 0 ? exact(jsonWriter(json, '')) : checked(jsonWriter(json, ''), notes.join('; '));
}

function partFits(own: CrateType, target: CrateType): boolean {
  if (own.id === 'object') return target.id === 'object' && objectFits(own, target);
  if (own.id === 'array') return target.id === 'array' && partFits(own.element, target.element);
  if (own.id === 'numeric' && target.id === 'numeric')
    return own.scale <= target.scale && own.precision - own.scale <= target.precision - target.scale;
  const [bits, room] = [INTEGER_BITS[own.id], INTEGER_BITS[target.id]];
  if (bits !== undefined && room !== undefined) return bits <= room;
  if (own.id === 'real' && target.id === 'double precision') return true;
  return sameType(own, target);
}

type ObjectType = Extract<CrateType, { id: 'object' }>;

/** Columns that the target's object has must take the field of that name; a strict one must have them all. */
const objectFits = (own: ObjectType, target: ObjectType): boolean =>
  own.fields.every((field) => {
    const column = target.fields.find((c) => c.name === field.name);
    return column === undefined ? target.policy !== 'strict' : partFits(field.type, column.type);
  });

const holdsMap = (type: ArrowType): boolean => {
  if (type.id === 'map') return true;
  if (type.id === 'list' || type.id === 'fixedList') return holdsMap(type.item.type);
  return type.id === 'struct' && type.fields.some((f) => holdsMap(f.type));
};

function find(field: ArrowField, target: CrateType): Verdict | null {
  const { type } = field;
  if (type.id === 'null') return exact(jsonWriter(crateJson(field), ''));
  if (target.id === 'text') return findText(field);
  if (type.id === 'dictionary') {
    const inner = find({ ...field, type: type.value }, target);
    if (inner === null || !isRule(inner)) return inner;
    const fits = reasonAgainst(field) === null && partFits(defaultCrateType(field), target);
    return fits
      ? { ...inner, writer: jsonWriter(crateJson(field), '') }
      : refused('dictionaries go into their own type only');
  }
  if (type.id === 'bool') return target.id === 'boolean' ? exact(boolWriter) : null;
  if (type.id === 'int') return findInt(type, target);
  if (type.id === 'float') return findFloat(type, target);
  if (type.id === 'decimal') return findDecimal(field, type, target);
  if (type.id === 'utf8') {
    const parsed = target.id === 'ip' || target.id === 'geo_point' || target.id === 'geo_shape';
    return parsed ? checked(textWriter, `the server refuses what is no ${target.id}`) : null;
  }
  return findTime(field, target) ?? findNested(field, target);
}

/** How a field travels into a type, or why it does not. */
export const verdictOn = (field: ArrowField, target: CrateType): Verdict =>
  find(field, target) ??
  refused(reasonAgainst(field) ?? 'the two have no values in common that stay as they are');

/** Throws TYPE_UNSUPPORTED naming column, both types and why, where a value could change silently. */
export function ruleFor(field: ArrowField, target: CrateType): Rule {
  const verdict = verdictOn(field, target);
  if (isRule(verdict)) return verdict;
  throw new ParloadError(
    'TYPE_UNSUPPORTED',
    `column "${field.name}": ${fieldTypeName(field)} cannot be stored exactly in ${showType(target)}: ${verdict.refused}`,
    { where: { column: field.name } },
  );
}
