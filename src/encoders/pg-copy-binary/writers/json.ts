// Any Arrow type as JSON text, or a scalar as plain text.
import type { JsonType, JsonValues } from '../../json/index.ts';
import type { Binding, ValueWriter } from '../writer.ts';

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
    bind: (c) => ({ variant: '', values: { j: type.bind(c) } }),
    code: ({ n, i, row }) => {
      const quote = quotes ? 'u8[o++]=34;' : '';
      const limit =
        maxChars === null
          ? ''
          : `if(o-${at}-4>${maxChars}&&H.charCount(u8,${at}+4,o)>${maxChars})H.refuse('is longer than ${maxChars} characters',${row});`;
      return (
        `{const ${at}=o;o+=4;${jsonb ? 'u8[o++]=1;' : ''}${quote}o=${n('j')}.text(u8,o,${i},${row});${quote}` +
        `${limit}dv.setInt32(${at},o-${at}-4);}`
      );
    },
    varBytes: (values, from, to) => (values as JsonBinding).j.bound(from, to),
  };
}
