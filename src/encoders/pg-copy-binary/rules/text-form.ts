// What goes into JSON and text columns that has no form of its own there: everything, as JSON or as the text of a scalar.
import type { ArrowField, ArrowType } from '../../../model/index.ts';
import { jsonType, repeatedName } from '../../json/index.ts';
import type { PgType } from '../pg-type.ts';
import { jsonWriter } from '../writers/json.ts';
import { isTextType, lengthNotes, maxCharsOf } from './bytes.ts';
import { checked, exact, joinNotes, refused, type Verdict } from './rule.ts';

const holds = (type: ArrowType, test: (type: ArrowType) => boolean): boolean => {
  if (test(type)) return true;
  switch (type.id) {
    case 'list':
    case 'fixedList':
      return holds(type.item.type, test);
    case 'struct':
      return type.fields.some((field) => holds(field.type, test));
    case 'map':
      return holds(type.key.type, test) || holds(type.value.type, test);
    case 'dictionary':
      return holds(type.value, test);
    default:
      return false;
  }
};

const isNested = (type: ArrowType): boolean =>
  type.id === 'list' || type.id === 'fixedList' || type.id === 'struct' || type.id === 'map';
const isText = (type: ArrowType): boolean => type.id === 'utf8';
const isFloat = (type: ArrowType): boolean => type.id === 'float';
const isBytes = (type: ArrowType): boolean => type.id === 'binary' || type.id === 'fixedBinary';
const isInstant = (type: ArrowType): boolean =>
  ['date', 'time', 'timestamp', 'int96', 'duration', 'interval'].includes(type.id);

const hasZero = (field: ArrowField): boolean =>
  field.type.id === 'struct' && field.type.fields.some((part) => part.name.includes('\0') || hasZero(part));

function jsonNotes({ type }: ArrowField, target: PgType): (string | null)[] {
  const has = (test: (type: ArrowType) => boolean): boolean => holds(type, test);
  const isJsonb = target.name === 'jsonb';
  return [
    isNested(type) ? 'as JSON' : null,
    isJsonb && has(isText) ? 'values with a NUL character {nullByte}' : null,
    has(isFloat) ? `NaN and infinities {nonFiniteText}${isJsonb ? '; -0 becomes 0' : ''}` : null,
    has(isInstant) ? 'dates and times as ISO 8601 strings' : null,
    has(isBytes) ? 'bytes in hexadecimal' : null,
    has((t) => t.id === 'map') ? 'maps as objects, those with a key twice as lists of pairs' : null,
  ];
}

/** Null: the target is neither JSON nor text, or the source is one that goes there by a rule of its own. */
export function findTextForm(field: ArrowField, target: PgType, depth: number): Verdict | null {
  const { type } = field;
  const value = type.id === 'dictionary' ? type.value : type;
  if (isText(value) || value.id === 'null') return null;
  const isJson = target.name === 'json' || target.name === 'jsonb';
  if (isJson || (isTextType(target) && isNested(value))) {
    if (isBytes(value)) return refused('the file does not say that these bytes are JSON');
    const twice = repeatedName(field);
    if (twice !== null) return refused(`an object cannot have two members "${twice}"`);
    const isJsonb = target.name === 'jsonb';
    if (isJsonb && hasZero(field)) return refused('jsonb holds no NUL character in names');
    const json = jsonType(field, { nul: isJsonb ? 'refuse' : 'escape', words: 'quoted' });
    const writer = jsonWriter(json, { jsonb: isJsonb, quoted: true, maxChars: maxCharsOf(target) }, depth);
    const note = joinNotes(...jsonNotes(field, target), ...lengthNotes(target));
    const isChecked = (isJsonb && holds(type, isText)) || maxCharsOf(target) !== null;
    return isChecked ? checked(writer, note!) : exact(writer, note);
  }
  // bytes are no text by themselves; binary.ts lets in what is UTF-8
  if (!isTextType(target) || (isBytes(value) && field.logical !== 'uuid')) return null;
  const json = jsonType(field, { nul: 'refuse', words: 'bare' });
  const writer = jsonWriter(json, { jsonb: false, quoted: false, maxChars: maxCharsOf(target) }, depth);
  const note = joinNotes(isInstant(value) ? 'as ISO 8601 text' : 'as text', ...lengthNotes(target));
  return maxCharsOf(target) === null ? exact(writer, note) : checked(writer, note!);
}
