// Types made of other types: dictionaries, lists, structs and maps; and the null type, which goes everywhere.
import type { ArrowField, ArrowType } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';
import { type Attribute, compositeWriter } from '../writers/composite.ts';
import { dictionaryWriter } from '../writers/dictionary.ts';
import { hstoreWriter } from '../writers/hstore.ts';
import { type Level, listWriter, MOST_DIMENSIONS, matrixWriter } from '../writers/list.ts';
import { nullWriter } from '../writers/null.ts';
import { checked, exact, type Find, isRule, joinNotes, type Place, refused, type Verdict } from './rule.ts';

export const findNull: Find<'null'> = () => exact(nullWriter);

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const sizeOf = (type: ArrowType): number | null => (type.id === 'fixedList' ? type.size : null);

/** The levels of lists within one another, and what is in the innermost. */
function levelsOf(type: ArrowType): { readonly levels: readonly Level[]; readonly item: ArrowField | null } {
  const levels: Level[] = [];
  let item: ArrowField | null = null;
  for (let at: ArrowType = type; at.id === 'list' || at.id === 'fixedList'; at = at.item.type) {
    levels.push({ size: sizeOf(at) });
    item = at.item;
  }
  return { levels, item };
}

function findItems(type: ArrowType, target: PgType, place: Place): Verdict | null {
  const { element } = target;
  if (element === null) return null;
  const { levels, item } = levelsOf(type);
  const inner = place.find(item!, element);
  if (!isRule(inner)) return inner;
  if (levels.length === 1)
    return { ...inner, writer: listWriter(inner.writer, element.oid, levels[0]!.size, place.depth) };
  if (levels.length > MOST_DIMENSIONS) return refused(`an array has at most ${MOST_DIMENSIONS} dimensions`);
  const writer = matrixWriter(inner.writer, element.oid, levels, place.depth);
  return checked(
    writer,
    joinNotes(inner.note, 'values whose inner lists are NULL, empty or of different lengths are refused')!,
  );
}

export const findList: Find<'list'> = (type, target, place) => findItems(type, target, place);
export const findFixedList: Find<'fixedList'> = (type, target, place) => findItems(type, target, place);

export const findDictionary: Find<'dictionary'> = (type, target, place) => {
  const inner = place.find({ ...place.field, type: type.value }, target, 0);
  if (!isRule(inner)) return inner;
  return { ...inner, writer: dictionaryWriter(inner.writer, type.index, place.depth) };
};

/** By name, as columns of a table are: every field needs an attribute; attributes without a field are NULL. */
function findComposite(fields: readonly ArrowField[], target: PgType, place: Place): Verdict {
  const attributes = target.attributes!;
  const names = fields.map((field) => field.name);
  if (new Set(names).size < names.length) return refused('it has fields of the same name');
  const known = new Set(attributes.map(({ name }) => name));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) return refused(`the type has no attribute ${list(missing)}`);
  const notes: string[] = [];
  let isChecked = false;
  const parts: Attribute[] = [];
  for (const { name, type } of attributes) {
    const index = names.indexOf(name);
    if (index < 0) {
      notes.push(`"${name}" is not in the file, so NULL`);
      parts.push({ oid: type.oid, part: null });
      continue;
    }
    const inner = place.find(fields[index]!, type);
    if (!isRule(inner)) return refused(`"${name}" into ${type.display}: ${inner.refused}`);
    if (inner.note !== null) notes.push(`"${name}": ${inner.note}`);
    isChecked ||= inner.exactness === 'checked';
    parts.push({ oid: type.oid, part: { index, writer: inner.writer } });
  }
  const writer = compositeWriter(parts, place.depth);
  const note = notes.length === 0 ? null : notes.join('; ');
  return isChecked ? checked(writer, note ?? '') : exact(writer, note);
}

export const findStruct: Find<'struct'> = (type, target, place) =>
  target.attributes === null ? null : findComposite(type.fields, target, place);

const isPlainText = ({ type }: ArrowField): boolean => type.id === 'utf8';

export const findMap: Find<'map'> = (type, target, place) => {
  if (target.name === 'hstore') {
    return isPlainText(type.key) && isPlainText(type.value)
      ? checked(
          hstoreWriter,
          'values with a key twice are refused, and those with a NUL character {nullByte}',
        )
      : refused('hstore holds text only');
  }
  if (target.element?.attributes == null) return null;
  // a map is a list of entries with a key and a value
  const entry: ArrowField = {
    name: 'entries',
    type: { id: 'struct', fields: [type.key, type.value] },
    nullable: false,
    logical: null,
  };
  return findItems({ id: 'list', large: false, item: entry }, target, place);
};
