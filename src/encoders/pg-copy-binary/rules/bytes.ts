// Text and binary.
import type { PgType } from '../pg-type.ts';
import { binaryWriter, fixedBinaryWriter, textWriter } from '../writers/bytes.ts';
import { textToAddressWriter, textToUuidWriter, wkbWriter } from '../writers/parsed.ts';
import { checked, exact, type Find, joinNotes, type Rule, refused, type Verdict } from './rule.ts';

/** Types whose receive function takes text as it is. */
const TEXT_TYPES = new Set(['text', 'citext']);
const PARSED_TYPES = new Set(['json', 'xml']);
const NO_NUL = 'values with a NUL character {nullByte}';
const NOT_TEXT = 'values that are not UTF-8 {invalidUtf8}';

/** Characters that varchar(n) and char(n) have room for; null: no limit. */
export const maxCharsOf = (target: PgType): number | null =>
  (target.name === 'varchar' || target.name === 'bpchar') && target.typmod >= 4 ? target.typmod - 4 : null;

export const isTextType = (target: PgType): boolean =>
  TEXT_TYPES.has(target.name) || target.name === 'varchar' || target.name === 'bpchar';

export const lengthNotes = (target: PgType): readonly (string | null)[] => {
  const maxChars = maxCharsOf(target);
  if (maxChars === null) return [];
  return [
    `values of more than ${maxChars} characters {overflow}`,
    target.name === 'bpchar'
      ? 'shorter ones are padded with blanks, and refused when they end in a blank already'
      : null,
  ];
};

/** `isBinary`: that it is text is not even claimed. */
function asText(target: PgType, isBinary: boolean): Rule | null {
  const notText = isBinary ? NOT_TEXT : null;
  const writer = textWriter({
    maxChars: maxCharsOf(target),
    isPadded: target.name === 'bpchar',
    jsonb: target.name === 'jsonb',
  });
  if (isTextType(target)) return checked(writer, joinNotes(notText, NO_NUL, ...lengthNotes(target))!);
  if (PARSED_TYPES.has(target.name))
    return checked(writer, joinNotes(notText, NO_NUL, `the server refuses what is no ${target.name}`)!);
  if (target.name === 'jsonb')
    return checked(
      writer,
      joinNotes(notText, NO_NUL, 'the server refuses what is no json', 'stored normalised, as jsonb does')!,
    );
  if (target.kind === 'enum')
    return checked(writer, joinNotes(notText, 'the server refuses labels that the type lacks')!);
  return null;
}

export const findUtf8: Find<'utf8'> = (_type, target): Verdict | null => {
  if (target.name === 'uuid') return checked(textToUuidWriter, 'values that are no UUIDs are refused');
  if (target.name === 'inet' || target.name === 'cidr')
    return checked(
      textToAddressWriter(target.name === 'cidr'),
      `values that are no ${target.name === 'cidr' ? 'networks' : 'addresses'} are refused`,
    );
  if (target.name === 'bytea') return exact(binaryWriter, 'its bytes as they are');
  return asText(target, false);
};

/** PostGIS packs the SRID into bits 8 to 28 of the modifier, the last one for its sign. */
const sridOf = ({ typmod }: PgType): number =>
  typmod === -1 ? 0 : ((typmod & 0x0fffff00) - (typmod & 0x10000000)) >> 8;

export const findBinary: Find<'binary'> = (_type, target, { field }) => {
  if (target.name === 'bytea') return exact(binaryWriter);
  if (target.name === 'geometry' || target.name === 'geography') {
    if (field.logical !== 'wkb') return refused('the file does not say that it is well-known binary');
    const srid = Math.max(0, sridOf(target));
    const note = srid === 0 ? null : `SRID ${srid}, as the column says`;
    return checked(wkbWriter(srid), joinNotes('well-known binary, parsed by the server', note)!);
  }
  if (field.logical !== null) return null;
  if (target.name === 'json' || target.name === 'jsonb')
    return refused('the file does not say that these bytes are JSON');
  return target.kind === 'enum' || isTextType(target) ? asText(target, true) : null;
};

export const findFixedBinary: Find<'fixedBinary'> = (type, target) => {
  if (target.name === 'bytea') return exact(fixedBinaryWriter(type.byteWidth));
  if (target.name === 'uuid' && type.byteWidth === 16) return exact(fixedBinaryWriter(16));
  return null;
};
