// Fixed-width values that are copied or widened: bool, integers, floats.
import {
  float32Values,
  float64Values,
  int8Values,
  int16Values,
  int32Values,
  uint8Values,
  uint16Values,
  uint32Values,
  words,
} from '../../../arrow/index.ts';
import type { ArrowColumn, ArrowType } from '../../../model/index.ts';
import { numericMaxBytes } from '../numeric.ts';
import type { Binding, ValueWriter } from '../writer.ts';

const simple = (
  key: string,
  width: number,
  view: (c: ArrowColumn) => { subarray(from: number): unknown },
  put: (value: string, row: string) => string,
): ValueWriter => ({
  key,
  names: ['v'],
  maxBytes: 4 + width,
  bind: (c) => ({ variant: '', values: { v: view(c).subarray(c.offset) } }),
  code: ({ n, i, row }) => `dv.setInt32(o,${width});${put(`${n('v')}[${i}]`, row)}o+=${4 + width};`,
});

export const boolWriter: ValueWriter = {
  key: 'bool',
  names: ['v', 'off'],
  maxBytes: 5,
  bind: (c) => ({ variant: '', values: { v: c.data, off: c.offset } }),
  code: ({ n, i }) =>
    `dv.setInt32(o,1);u8[o+4]=(${n('v')}[(${n('off')}+${i})>>3]>>((${n('off')}+${i})&7))&1;o+=5;`,
};

type IntType = Extract<ArrowType, { id: 'int' }>;

const intView = (type: IntType) => {
  if (type.bits === 8) return type.signed ? int8Values : uint8Values;
  if (type.bits === 16) return type.signed ? int16Values : uint16Values;
  return type.signed ? int32Values : uint32Values;
};

const INT_RANGE = { 2: [-32768, 32767], 4: [-2147483648, 2147483647] } as const;

/** Integers of up to 32 bits into int2, int4 or int8; values beyond the target's range are refused. */
function narrowIntWriter(type: IntType, width: 2 | 4 | 8): ValueWriter {
  const key = `i${type.signed ? '' : 'u'}${type.bits}>${width}`;
  if (width === 8) {
    return simple(key, 8, intView(type), (v) => `dv.setInt32(o+4,${v}<0?-1:0);dv.setInt32(o+8,${v});`);
  }
  const setter = width === 2 ? 'setInt16' : 'setInt32';
  const bits = width * 8;
  const fits = type.signed ? type.bits <= bits : type.bits < bits;
  const [min, max] = INT_RANGE[width];
  return simple(key, width, intView(type), (v, row) => {
    const check = fits
      ? ''
      : `if(${v}<${min}||${v}>${max})H.refuse('is out of range for int${width}',${row});`;
    return `${check}dv.${setter}(o+4,${v});`;
  });
}

/** 64-bit integers by their two words; into narrower targets only when the value fits. */
function wideIntWriter(type: IntType, width: 2 | 4 | 8): ValueWriter {
  const key = `i${type.signed ? '' : 'u'}64>${width}`;
  if (width === 8 && type.signed) return bits64Writer(key);
  const low = (n: (name: string) => string, i: string): string => `${n('v')}[2*(${i})]`;
  const high = (n: (name: string) => string, i: string): string => `${n('v')}[2*(${i})+1]`;
  return {
    key,
    names: ['v'],
    maxBytes: 4 + width,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: ({ n, i, row }) => {
      if (width === 8) {
        return `if(${high(n, i)}<0)H.refuse('is out of range for int8',${row});dv.setInt32(o,8);dv.setInt32(o+4,${high(n, i)});dv.setInt32(o+8,${low(n, i)});o+=12;`;
      }
      const sign = type.signed ? `${high(n, i)}!==(${low(n, i)}>>31)` : `${high(n, i)}!==0||${low(n, i)}<0`;
      const narrow = width === 2 ? `||${low(n, i)}<-32768||${low(n, i)}>32767` : '';
      const put = width === 2 ? 'setInt16' : 'setInt32';
      return `if(${sign}${narrow})H.refuse('is out of range for int${width}',${row});dv.setInt32(o,${width});dv.${put}(o+4,${low(n, i)});o+=${4 + width};`;
    },
  };
}

/**
 * Eight bytes as they are, swapped. Moving them as doubles is half as slow again as words, but may change the payload of
 * a NaN: so the batch is searched once for that bit pattern and decides.
 */
export function bits64Writer(key: string): ValueWriter {
  return {
    key,
    names: ['v'],
    maxBytes: 12,
    bind: (c) => {
      const w = words(c).subarray(2 * c.offset, 2 * (c.offset + c.length));
      if (c.noNanPattern !== true && hasNanPattern(w)) return { variant: 'w', values: { v: w } };
      return { variant: 'd', values: { v: float64Values(c).subarray(c.offset) } };
    },
    code: ({ n, i, variant }) =>
      variant === 'd'
        ? `dv.setInt32(o,8);dv.setFloat64(o+4,${n('v')}[${i}]);o+=12;`
        : `dv.setInt32(o,8);dv.setInt32(o+4,${n('v')}[2*(${i})+1]);dv.setInt32(o+8,${n('v')}[2*(${i})]);o+=12;`,
  };
}

function hasNanPattern(w: Int32Array): boolean {
  for (let k = 1; k < w.length; k += 2) if ((w[k]! & 0x7ff00000) === 0x7ff00000) return true;
  return false;
}

export const intWriter = (type: IntType, width: 2 | 4 | 8): ValueWriter =>
  type.bits === 64 ? wideIntWriter(type, width) : narrowIntWriter(type, width);

/** uint32 into oid and its like: four bytes as they are. */
export const rawInt32Writer: ValueWriter = simple('raw32', 4, int32Values, (v) => `dv.setInt32(o+4,${v});`);

/** Integers into float4 or float8: only types whose every value is exact, or each value checked. */
export function intToFloatWriter(type: IntType, width: 4 | 8): ValueWriter {
  const exactBits = width === 4 ? 24 : 53;
  const put = width === 4 ? 'setFloat32' : 'setFloat64';
  const key = `i${type.signed ? '' : 'u'}${type.bits}>f${width}`;
  if (type.bits === 64) return wideIntToFloatWriter(type.signed, width, key);
  const checked = type.bits > exactBits;
  return simple(key, width, intView(type), (v, row) => {
    const check = checked ? `if(Math.fround(${v})!==${v})H.refuse('is not exact as float4',${row});` : '';
    return `${check}dv.${put}(o+4,${v});`;
  });
}

function wideIntToFloatWriter(signed: boolean, width: 4 | 8, key: string): ValueWriter {
  const put = width === 4 ? 'setFloat32' : 'setFloat64';
  const limit = width === 4 ? 'Math.fround(x)!==x||' : '';
  return {
    key,
    names: ['v'],
    maxBytes: 4 + width,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: ({ n, i, row }) => {
      const hi = signed ? `${n('v')}[2*(${i})+1]` : `(${n('v')}[2*(${i})+1]>>>0)`;
      return `{const x=${hi}*4294967296+(${n('v')}[2*(${i})]>>>0);if(${limit}x>9007199254740992||x<-9007199254740992)H.refuse('is not exact as float${width}',${row});dv.setInt32(o,${width});dv.${put}(o+4,x);o+=${4 + width};}`;
    },
  };
}

export const float64Writer: ValueWriter = bits64Writer('f64');
/** As integers, so that a NaN keeps its payload. */
export const float32Writer: ValueWriter = simple('f32', 4, int32Values, (v) => `dv.setInt32(o+4,${v});`);
export const float32To64Writer: ValueWriter = simple(
  'f32>f64',
  8,
  float32Values,
  (v) => `dv.setFloat64(o+4,${v});`,
);
export const float64To32Writer: ValueWriter = simple(
  'f64>f32',
  4,
  float64Values,
  (v, row) =>
    `if(Math.fround(${v})!==${v}&&${v}===${v})H.refuse('is not exact as float4',${row});dv.setFloat32(o+4,${v});`,
);
/** Half floats are exact in float4 and float8. */
export const float16Writer = (width: 4 | 8): ValueWriter =>
  simple(`f16>${width}`, width, uint16Values, (v) => `dv.setFloat${width * 8}(o+4,H.half(${v}));`);

/** Integers into numeric(p, s): `digits` before the point must do; `fits` says that the type alone guarantees it. */
export function intToNumericWriter(type: IntType): ValueWriter {
  const unsigned = !type.signed;
  if (type.bits === 64) {
    const put = unsigned ? 'H.writeUnsigned64(dv,o,' : 'H.writeNumeric(dv,o,';
    const tail = unsigned ? ')' : ',2,0)';
    return {
      key: `i${unsigned ? 'u' : ''}64>n`,
      names: ['v'],
      maxBytes: numericMaxBytes(20),
      bind: (c): { variant: string; values: Binding } => ({
        variant: '',
        values: { v: words(c).subarray(2 * c.offset) },
      }),
      code: ({ n, i }) => `o=${put}${n('v')},2*(${i})${tail};`,
    };
  }
  return {
    key: `i${unsigned ? 'u' : ''}${type.bits}>n`,
    names: ['v'],
    maxBytes: numericMaxBytes(10),
    bind: (c) => ({ variant: '', values: { v: intView(type)(c).subarray(c.offset) } }),
    code: ({ n, i }) => `o=H.writeInteger(dv,o,${n('v')}[${i}]);`,
  };
}
