// Types made of other types: dictionaries and lists; and the null type, which goes everywhere.
import type { ArrowField } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';
import { dictionaryWriter, listWriter } from '../writers/nested.ts';
import { nullWriter } from '../writers/null.ts';
import { exact, type Find, isRule, type Place, refused, type Verdict } from './rule.ts';

export const findNull: Find<'null'> = () => exact(nullWriter);

function findItems(item: ArrowField, size: number | null, target: PgType, place: Place): Verdict | null {
  if (target.element === null) return null;
  if (item.type.id === 'list' || item.type.id === 'fixedList')
    return refused('lists of lists have no writer yet');
  const inner = place.find(item, target.element);
  if (!isRule(inner)) return inner;
  return { ...inner, writer: listWriter(inner.writer, target.element.oid, size, place.depth) };
}

export const findList: Find<'list'> = (type, target, place) => findItems(type.item, null, target, place);

export const findFixedList: Find<'fixedList'> = (type, target, place) =>
  findItems(type.item, type.size, target, place);

export const findDictionary: Find<'dictionary'> = (type, target, place) => {
  const inner = place.find({ ...place.field, type: type.value }, target, 0);
  return isRule(inner) ? { ...inner, writer: dictionaryWriter(inner.writer, type.index) } : inner;
};
