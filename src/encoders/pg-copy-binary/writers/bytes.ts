// Text and binary: bytes behind a length word, some with a prefix or a limit.
import { offsetWords, uint8Values } from '../../../arrow/index.ts';
import type { ArrowColumn } from '../../../model/index.ts';
import { isFit, TextRepair, type TextTarget } from '../../text-repair.ts';
import { type Binding, type CodePlace, misfitCode, refuseCode, type ValueWriter } from '../writer.ts';

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
}

interface TextBinding extends BytesBinding {
  /** Only of a batch in which a native search found something that the target cannot hold. */
  readonly fix: TextRepair | null;
}

/** UTF-8 into any type whose receive function takes text; columns of bytes as well. */
export function textWriter({ maxChars, isPadded = false, jsonb }: TextRules): ValueWriter {
  const target: TextTarget = { takesNul: false, hasEscapes: jsonb };
  const head = jsonb ? 5 : 4;
  const version = jsonb ? 'u8[o+4]=1;' : '';
  /** What `bytes[from..to)` must be besides text. */
  const checks = (place: CodePlace, bytes: string, from: string, to: string): string => {
    if (maxChars === null) return '';
    const count = `H.charCount(${bytes},${from},${to})`;
    const long = `if(${to}-${from}>${maxChars}&&${count}>${maxChars})`;
    const ends = `if(${to}>${from}&&${bytes}[${to}-1]===32&&${count}<${maxChars})`;
    const padded = `ends in a blank, which char(${maxChars}) cannot tell from its padding`;
    return (
      `${long}${misfitCode(place, `is longer than ${maxChars} characters`)}` +
      `${isPadded ? `${ends}${refuseCode(place, padded)}` : ''}`
    );
  };
  return {
    key: `text${maxChars ?? ''}${isPadded ? 'p' : ''}${jsonb ? 'b' : ''}`,
    names: ['of', 's', 'd', 'w', 'fix'],
    maxBytes: head,
    touches: maxChars === null ? ['nullByte', 'invalidUtf8'] : ['nullByte', 'invalidUtf8', 'overflow'],
    bind: (c, context) => {
      const bytes = bindBytes(c);
      const fix = isFit(bytes, c.length, target) ? null : new TextRepair(context, target);
      return { variant: fix === null ? '' : 'fix', values: { ...bytes, fix } };
    },
    code: (place) => {
      const { n, i, row, variant } = place;
      const d = n('d');
      if (variant === 'fix') {
        return (
          `{${bounds(n, i)}const t=o+${head},y=${n('fix')}.write(u8,t,${d},a,e,${row});${checks(place, 'u8', 't', 'y')}` +
          `${n('fix')}.count();dv.setInt32(o,y-o-4);${version}o=y;}`
        );
      }
      const length = jsonb ? 'e-a+1' : 'e-a';
      return `{${bounds(n, i)}${checks(place, d, 'a', 'e')}dv.setInt32(o,${length});${version}o+=${head};${copy(n)}}`;
    },
    varBytes: (values, from, to) => {
      const text = values as TextBinding;
      return text.fix?.bound(text, from, to) ?? bytesBound(values, from, to);
    },
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
