// The writers: generated code for the types that most rows are made of, a call for everything else.
import {
  float32Values,
  float64Values,
  int8Values,
  int16Values,
  int32Values,
  offsetWords,
  uint8Values,
  uint16Values,
  uint32Values,
  words,
} from '../../arrow/index.ts';
import type { ArrowColumn, ArrowType, TimeUnit } from '../../model/index.ts';
import type { JsonType, JsonValues } from '../json/index.ts';
import { jsonType } from '../json/index.ts';
import { growth } from '../json/strings.ts';
import { isFit, type TextBytes } from '../text-repair.ts';
import { DOUBLE_MAX_BYTES, INTEGER_MAX_BYTES } from './numbers.ts';
import { NOT_FINITE } from './values.ts';
import { type Binding, type CodePlace, misfitCode, type ValueWriter } from './writer.ts';

type Of<T extends ArrowType['id']> = Extract<ArrowType, { id: T }>;

export const boolWriter: ValueWriter = {
  key: 'bool',
  names: ['v', 'f'],
  maxBytes: 5,
  touches: [],
  bind: (c) => ({ variant: '', values: { v: uint8Values(c), f: c.offset } }),
  code: ({ n }) =>
    `{const k=${n('f')}+i;if((${n('v')}[k>>3]>>(k&7))&1){u8[o]=116;u8[o+1]=114;u8[o+2]=117;u8[o+3]=101;o+=4;}` +
    'else{u8[o]=102;u8[o+1]=97;u8[o+2]=108;u8[o+3]=115;u8[o+4]=101;o+=5;}}',
};

/** Bounds, inclusive, of what the target holds. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly target: string;
}

const viewOf = ({ bits, signed }: Of<'int'>, c: ArrowColumn): ArrayLike<number> => {
  const make = {
    8: signed ? int8Values : uint8Values,
    16: signed ? int16Values : uint16Values,
    32: signed ? int32Values : uint32Values,
    64: int32Values,
  }[bits];
  return make(c).subarray(c.offset);
};

const rangeCode = (place: CodePlace, x: string, { min, max, target }: Range): string =>
  `if(!(${x}>=${min}&&${x}<=${max}))${misfitCode(place, `is outside of what ${target} holds`, 'overflow')}`;

/** Integers; `range`: the target holds fewer. `point`: into a column of floats, where 5 is 5.0. */
export function intWriter(type: Of<'int'>, range: Range | null, point = false): ValueWriter {
  const write = point ? 'double' : 'integer';
  const key = `i${type.bits}${type.signed ? '' : 'u'}${point ? '.' : ''}${range === null ? '' : `${range.min}..${range.max}${range.target}`}`;
  const touches = range === null ? [] : (['overflow'] as const);
  if (type.bits !== 64) {
    return {
      key,
      names: ['v'],
      maxBytes: 13,
      touches,
      bind: (c) => ({ variant: '', values: { v: viewOf(type, c) } }),
      code: (place) =>
        `{const x=${place.n('v')}[i];${range === null ? '' : rangeCode(place, 'x', range)}o=H.${write}(u8,o,x);}`,
    };
  }
  const wide = type.signed ? 'h>=-2097151&&h<=2097150' : 'h>=0&&h<=2097150';
  return {
    key,
    names: ['v'],
    maxBytes: INTEGER_MAX_BYTES + 2,
    touches,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: (place) => {
      const v = place.n('v');
      const big =
        range === null
          ? `o=H.int64(u8,o,${v},2*i,${type.signed});`
          : misfitCode(place, `is outside of what ${range.target} holds`, 'overflow');
      return (
        `{const h=${v}[2*i+1];if(${wide}){const x=h*4294967296+(${v}[2*i]>>>0);` +
        `${range === null ? '' : rangeCode(place, 'x', range)}o=H.${write}(u8,o,x);}else{${big}}}`
      );
    },
  };
}

/** `single`: the target has single precision, and a value that has more is refused. */
export const floatWriter = (type: Of<'float'>, single: boolean): ValueWriter => ({
  key: `f${type.bits}${single ? 's' : ''}`,
  names: ['v'],
  maxBytes: DOUBLE_MAX_BYTES,
  touches: single ? ['nonFinite', 'overflow'] : ['nonFinite'],
  bind: (c) => ({
    variant: '',
    values: { v: (type.bits === 32 ? float32Values(c) : float64Values(c)).subarray(c.offset) },
  }),
  code: (place) =>
    `{const x=${place.n('v')}[i];if(x-x!==0)${misfitCode(place, NOT_FINITE, 'nonFinite')}` +
    `${single ? `if(Math.fround(x)!==x)${misfitCode(place, 'has more digits than real holds', 'overflow')}` : ''}` +
    'o=H.double(u8,o,x);}',
});

export const dayWriter: ValueWriter = {
  key: 'day',
  names: ['v'],
  maxBytes: INTEGER_MAX_BYTES,
  touches: [],
  bind: (c) => ({ variant: '', values: { v: int32Values(c).subarray(c.offset) } }),
  code: ({ n }) => `o=H.days(u8,o,${n('v')}[i]);`,
};

export const epochWriter = (unit: TimeUnit): ValueWriter => ({
  key: `at${unit}`,
  names: ['v', 'x'],
  maxBytes: INTEGER_MAX_BYTES + 3,
  touches: unit === 'us' || unit === 'ns' ? ['timestampNs'] : [],
  bind: (c, context) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset), x: context } }),
  code: ({ n }) => `o=H.epoch(u8,o,${n('v')}[2*i+1],${n('v')}[2*i]>>>0,'${unit}',${n('x')},i);`,
});

interface TextBinding extends Binding, TextBytes {
  /** Of a batch with text that has to be escaped or repaired. */
  readonly j: JsonValues | null;
}

const TEXT_TARGET = { takesNul: true, hasEscapes: false };
const TEXT = jsonType(
  { name: '', type: { id: 'utf8', large: false }, nullable: true, logical: null },
  { nul: 'escape', words: 'quoted' },
);

export const textWriter: ValueWriter = {
  key: 'text',
  names: ['of', 's', 'd', 'j'],
  maxBytes: 4,
  touches: ['invalidUtf8'],
  bind: (c, context) => {
    const { values, stride: s } = offsetWords(c);
    const d = uint8Values(c);
    const of = values.subarray(s * c.offset);
    const plain =
      isFit({ of, s, d }, c.length, TEXT_TARGET) && growth(d.subarray(of[0]!, of[c.length * s]!)) === 1;
    const j = plain ? null : TEXT.bind(c, context);
    return { variant: plain ? '' : 'j', values: { of, s, d, j } };
  },
  code: ({ n, variant }) =>
    variant === 'j'
      ? `u8[o++]=34;o=${n('j')}.text(u8,o,i,i);u8[o++]=34;`
      : `{let a=${n('of')}[i*${n('s')}];const e=${n('of')}[(i+1)*${n('s')}];u8[o++]=34;` +
        `if(e-a<48)for(;a<e;a++)u8[o++]=${n('d')}[a];else{u8.set(${n('d')}.subarray(a,e),o);o+=e-a;}u8[o++]=34;}`,
  varBytes: (values, from, to) => {
    const { of, s, j } = values as TextBinding;
    return j === null ? of[to * s]! - of[from * s]! : j.bound(from, to);
  },
};

/** A call a value: nested and rare types. */
export const jsonWriter = (type: JsonType, key: string): ValueWriter => ({
  key: `json${type.isQuoted ? 'q' : ''}${key}`,
  names: ['j'],
  maxBytes: 6,
  touches: type.touches,
  seesNull: true,
  bind: (c, context) => ({ variant: '', values: { j: type.bind(c, context) } }),
  code: ({ n }) => `o=H.value(${n('j')},${type.isQuoted},u8,o,i,i);`,
  varBytes: (values, from, to) => (values.j as JsonValues).bound(from, to),
});
