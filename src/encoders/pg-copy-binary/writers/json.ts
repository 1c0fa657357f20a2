// Any Arrow type as JSON text, or a scalar as plain text.
import type { JsonType, JsonValues } from '../../json/index.ts';
import { type Binding, type CodePlace, misfitCode, plainNullCode, type ValueWriter } from '../writer.ts';

export interface JsonForm {
  /** jsonb starts with a version byte. */
  readonly jsonb: boolean;
  /** Quotes around what is no number, object or array: JSON. Without: text. */
  readonly quoted: boolean;
  /** varchar(n), char(n): characters at most. */
  readonly maxChars: number | null;
}

interface JsonBinding extends Binding {
  readonly j: JsonValues;
}

/** A float that is no number may be NULL by policy; within arrays and objects it is `null`. */
const madeNull = (type: JsonType, place: CodePlace): string =>
  type.touches.includes('nonFinite') && place.options.policies.nonFinite === 'null'
    ? `if(${place.n('j')}.isNull(${place.i}))${plainNullCode(place)}`
    : '';

export function jsonWriter(
  type: JsonType,
  { jsonb, quoted, maxChars }: JsonForm,
  depth: number,
): ValueWriter {
  const quotes = quoted && type.isQuoted;
  const at = `at${depth}j`;
  return {
    key: `json${depth}${jsonb ? 'b' : ''}${quotes ? 'q' : ''}${maxChars ?? ''}`,
    names: ['j'],
    maxBytes: 5,
    touches: maxChars === null ? type.touches : [...type.touches, 'overflow'],
    bind: (c, context) => ({ variant: '', values: { j: type.bind(c, context) } }),
    code: (place) => {
      const { n, i, row, counts } = place;
      const quote = quotes ? 'u8[o++]=34;' : '';
      // by then, what was changed in the text has been counted
      const limit =
        maxChars === null
          ? ''
          : `if(o-${at}-4>${maxChars}&&H.charCount(u8,${at}+4,o)>${maxChars})` +
            `{o=${at};H.undo(${counts});${misfitCode(place, `is longer than ${maxChars} characters`)}}`;
      return (
        `{${madeNull(type, place)}${maxChars === null ? '' : `H.keep(${counts});`}const ${at}=o;o+=4;${jsonb ? 'u8[o++]=1;' : ''}${quote}o=${n('j')}.text(u8,o,${i},${row});${quote}` +
        `${limit}dv.setInt32(${at},o-${at}-4);}`
      );
    },
    varBytes: (values, from, to) => (values as JsonBinding).j.bound(from, to),
  };
}
