// Text and binary: bytes behind a length word, some with a prefix or a limit.

import { isUtf8 } from 'node:buffer';
import { offsetWords, uint8Values } from '../../../arrow/index.ts';
import type { ArrowColumn } from '../../../model/index.ts';
import type { Binding, ValueWriter } from '../writer.ts';

interface BytesBinding extends Binding {
  /** Offsets as 32-bit words; element i starts at `of[i * s]`. */
  readonly of: Uint32Array;
  readonly s: number;
  readonly d: Uint8Array;
  /** The same bytes. */
  readonly w: DataView;
}

export function bindBytes(c: ArrowColumn): BytesBinding {
  const { values, stride } = offsetWords(c);
  const d = uint8Values(c);
  const w = new DataView(d.buffer, d.byteOffset, d.byteLength);
  return { of: values.subarray(stride * c.offset), s: stride, d, w };
}

export const bytesBound = (values: Binding, from: number, to: number): number => {
  const { of, s } = values as BytesBinding;
  return of[to * s]! - of[from * s]!;
};

/** A native search: nothing beside the copy that follows. */
function holdsNul(values: BytesBinding, length: number): boolean {
  const { of, s, d } = values;
  return d.subarray(of[0]!, of[length * s]!).indexOf(0) !== -1;
}

/** Short values by words of four bytes, long ones by memcpy: the call costs as much as 25 words. */
const copy = (n: (name: string) => string): string =>
  `if(e-a<100){for(;e-a>3;a+=4,o+=4)dv.setInt32(o,${n('w')}.getInt32(a));for(;a<e;a++)u8[o++]=${n('d')}[a];}else{u8.set(${n('d')}.subarray(a,e),o);o+=e-a;}`;

export const bounds = (n: (name: string) => string, i: string): string =>
  `let a=${n('of')}[(${i})*${n('s')}];const e=${n('of')}[(${i}+1)*${n('s')}];`;

export interface TextRules {
  /** varchar(n), char(n): characters at most; Postgres would cut trailing blanks silently. */
  readonly maxChars: number | null;
  /** char(n): blanks at the end are its padding, so a shorter value cannot have some of its own. */
  readonly isPadded?: boolean;
  /** jsonb starts with a version byte. */
  readonly jsonb: boolean;
  /** The column is binary: each value must be UTF-8. Text columns were checked when they were decoded. */
  readonly isBinary?: boolean;
}

/** Natively: all bytes at once, then no value may begin in the middle of a character. */
function holdsInvalidText({ of, s, d }: BytesBinding, length: number): boolean {
  if (!isUtf8(d.subarray(of[0]!, of[length * s]!))) return true;
  for (let i = 0; i < length; i++)
    if ((d[of[i * s]!]! & 0xc0) === 0x80 && of[i * s]! < of[(i + 1) * s]!) return true;
  return false;
}

/** UTF-8 into any type whose receive function takes text. A batch with a NUL byte gets code that finds the row. */
export function textWriter({ maxChars, isPadded = false, jsonb, isBinary = false }: TextRules): ValueWriter {
  return {
    key: `text${maxChars ?? ''}${isPadded ? 'p' : ''}${jsonb ? 'b' : ''}`,
    names: ['of', 's', 'd', 'w'],
    maxBytes: jsonb ? 5 : 4,
    bind: (c) => {
      const values = bindBytes(c);
      const nul = holdsNul(values, c.length) ? 'z' : '';
      return { variant: isBinary && holdsInvalidText(values, c.length) ? `${nul}u` : nul, values };
    },
    code: ({ n, i, row, variant }) => {
      const invalid = variant.endsWith('u')
        ? `if(!H.isText(${n('d')},a,e))H.refuse('is not UTF-8, and the target is text',${row});`
        : '';
      const nul = variant.startsWith('z')
        ? `if(H.hasNul(${n('d')},a,e))H.refuse('holds a NUL character, which text cannot',${row});`
        : '';
      const limit =
        maxChars === null
          ? ''
          : `if(e-a>${maxChars}&&H.charCount(${n('d')},a,e)>${maxChars})H.refuse('is longer than ${maxChars} characters',${row});`;
      const padding =
        isPadded && maxChars !== null
          ? `if(e>a&&${n('d')}[e-1]===32&&H.charCount(${n('d')},a,e)<${maxChars})H.refuse('ends in a blank, which char(${maxChars}) cannot tell from its padding',${row});`
          : '';
      const head = jsonb ? 'dv.setInt32(o,e-a+1);u8[o+4]=1;o+=5;' : 'dv.setInt32(o,e-a);o+=4;';
      return `{${bounds(n, i)}${invalid}${nul}${limit}${padding}${head}${copy(n)}}`;
    },
    varBytes: bytesBound,
  };
}

export const binaryWriter: ValueWriter = {
  key: 'bytes',
  names: ['of', 's', 'd', 'w'],
  maxBytes: 4,
  bind: (c) => ({ variant: '', values: bindBytes(c) }),
  code: ({ n, i }) => `{${bounds(n, i)}dv.setInt32(o,e-a);o+=4;${copy(n)}}`,
  varBytes: bytesBound,
};

/** Fixed-size binary as it is: bytea, or 16 bytes into uuid. */
export function fixedBinaryWriter(width: number): ValueWriter {
  return {
    key: `fixed${width}`,
    names: ['d'],
    maxBytes: 4 + width,
    bind: (c) => ({ variant: '', values: { d: uint8Values(c).subarray(width * c.offset) } }),
    code: ({ n, i }) =>
      width <= 40
        ? `{let a=(${i})*${width};dv.setInt32(o,${width});o+=4;for(const e=a+${width};a<e;a++)u8[o++]=${n('d')}[a];}`
        : `{const a=(${i})*${width};dv.setInt32(o,${width});o+=4;u8.set(${n('d')}.subarray(a,a+${width}),o);o+=${width};}`,
  };
}
