// Text and binary.
import { binaryWriter, fixedBinaryWriter, textWriter } from '../writers/bytes.ts';
import { checked, exact, type Find } from './rule.ts';

const TEXT_TYPES = new Set(['text', 'citext', 'json', 'xml']);
const NO_NUL = 'values with a NUL character are refused';

export const findUtf8: Find<'utf8'> = (_type, target) => {
  const plain = textWriter({ maxChars: null, jsonb: false });
  if (TEXT_TYPES.has(target.name)) return checked(plain, NO_NUL);
  if (target.kind === 'enum') return exact(plain, 'the server refuses labels that the type lacks');
  if (target.name === 'jsonb')
    return checked(textWriter({ maxChars: null, jsonb: true }), 'stored normalised, as jsonb does');
  if (target.name !== 'varchar' && target.name !== 'bpchar') return null;
  if (target.typmod < 4) return checked(plain, NO_NUL);
  const maxChars = target.typmod - 4;
  const padded = target.name === 'bpchar' ? '; shorter ones are padded with blanks' : '';
  return checked(
    textWriter({ maxChars, jsonb: false }),
    `values of more than ${maxChars} characters are refused${padded}`,
  );
};

export const findBinary: Find<'binary'> = (_type, target, { field }) => {
  if (target.name === 'bytea') return exact(binaryWriter);
  if (field.logical === 'wkb' && (target.name === 'geometry' || target.name === 'geography'))
    return exact(binaryWriter, 'WKB');
  return null;
};

export const findFixedBinary: Find<'fixedBinary'> = (type, target) => {
  if (target.name === 'bytea') return exact(fixedBinaryWriter(type.byteWidth));
  if (target.name === 'uuid' && type.byteWidth === 16) return exact(fixedBinaryWriter(16));
  return null;
};
