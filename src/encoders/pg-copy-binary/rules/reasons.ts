// Why a pair of types is refused where the rule itself has nothing more precise to say.
import type { ArrowField } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';

const isIn = (names: string): ((target: PgType) => boolean) => {
  const set = new Set(names.split(' '));
  return (target) => set.has(target.name);
};

const isTemporal = isIn('date time timetz timestamp timestamptz interval');
const isNumber = isIn('int2 int4 int8 float4 float8 numeric oid money');

/** The end of a sentence. */
export function reasonFor(from: ArrowField, target: PgType): string {
  const { id } = from.type;
  const isList = id === 'list' || id === 'fixedList';
  if (isList !== (target.kind === 'array'))
    return isList ? 'a list needs an array' : 'a single value is no array';
  if (id === 'utf8' && (isNumber(target) || isTemporal(target) || target.name === 'bool'))
    return 'text is not parsed; load it as text and cast it there';
  if (isTemporal(target)) return 'it is no date, time or interval of that kind';
  if (isNumber(target)) return 'it is no such number';
  return 'there is no form of it in that type';
}
