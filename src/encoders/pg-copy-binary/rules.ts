// Which Arrow type travels into which Postgres type, and how. docs/types.md is the same table in words.
// Rule: encode for the target's type; lossless, or each value checked, or refused by name here.
import { fieldTypeName } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowField, ArrowType } from '../../model/index.ts';
import type { PgType } from './pg-type.ts';
import { findBinary, findFixedBinary, findUtf8 } from './rules/bytes.ts';
import { findDictionary, findFixedList, findList, findMap, findNull, findStruct } from './rules/nested.ts';
import { findBool, findDecimal, findFloat, findInt } from './rules/numbers.ts';
import { reasonFor } from './rules/reasons.ts';
import { type Find, isRule, type Place, type Rule, refused, type Verdict } from './rules/rule.ts';
import {
  findDate,
  findDuration,
  findInt96,
  findInterval,
  findTime,
  findTimestamp,
} from './rules/temporal.ts';
import { findTextForm } from './rules/text-form.ts';

const FINDERS: { readonly [Id in ArrowType['id']]: Find<Id> } = {
  null: findNull,
  bool: findBool,
  int: findInt,
  float: findFloat,
  decimal: findDecimal,
  date: findDate,
  time: findTime,
  timestamp: findTimestamp,
  int96: findInt96,
  duration: findDuration,
  interval: findInterval,
  utf8: findUtf8,
  binary: findBinary,
  fixedBinary: findFixedBinary,
  list: findList,
  fixedList: findFixedList,
  struct: findStruct,
  map: findMap,
  dictionary: findDictionary,
};

function verdictAt(field: ArrowField, target: PgType, depth: number): Verdict {
  const place: Place = {
    field,
    depth,
    find: (part, partTarget, levels = 1) => verdictAt(part, partTarget, depth + levels),
  };
  const find = FINDERS[field.type.id] as Find<ArrowType['id']>;
  return (
    find(field.type as never, target, place) ??
    findTextForm(field, target, depth) ??
    refused(reasonFor(field, target))
  );
}

/** How a field travels into a type, or why it does not. */
export const verdictOn = (field: ArrowField, target: PgType): Verdict => verdictAt(field, target, 0);

/** Throws TYPE_UNSUPPORTED naming column, both types and why, where a value could change silently. */
export function writerFor(field: ArrowField, target: PgType): Rule {
  const verdict = verdictOn(field, target);
  if (isRule(verdict)) return verdict;
  throw new ParloadError(
    'TYPE_UNSUPPORTED',
    `column "${field.name}": ${fieldTypeName(field)} cannot be stored exactly in ${target.display}: ${verdict.refused}`,
    { where: { column: field.name } },
  );
}
