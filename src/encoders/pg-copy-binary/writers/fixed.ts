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
import {
  type Binding,
  type CodePlace,
  misfitCode,
  nullCode,
  refuseCode,
  type ValueWriter,
} from '../writer.ts';

/** How a value is put behind its length word; `v` reads it. */
type Put = (v: string, place: CodePlace) => string;

const simple = (
  key: string,
  width: number,
  view: (c: ArrowColumn) => { subarray(from: number): unknown },
  put: Put,
): ValueWriter => ({
  key,
  names: ['v'],
  maxBytes: 4 + width,
  bind: (c) => ({ variant: '', values: { v: view(c).subarray(c.offset) } }),
  code: (place) => `dv.setInt32(o,${width});${put(`${place.n('v')}[${place.i}]`, place)}o+=${4 + width};`,
});

const TOUCHES_OVERFLOW = { touches: ['overflow'] } as const;

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
  const writer = simple(key, width, intView(type), (v, place) => {
    const check = fits
      ? ''
      : `if(${v}<${min}||${v}>${max})${misfitCode(place, `is out of range for int${width}`)}`;
    return `${check}dv.${setter}(o+4,${v});`;
  });
  return fits ? writer : { ...writer, ...TOUCHES_OVERFLOW };
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
    ...TOUCHES_OVERFLOW,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: (place) => {
      const { n, i } = place;
      const misfit = misfitCode(place, `is out of range for int${width}`);
      if (width === 8) {
        return `if(${high(n, i)}<0)${misfit}dv.setInt32(o,8);dv.setInt32(o+4,${high(n, i)});dv.setInt32(o+8,${low(n, i)});o+=12;`;
      }
      const sign = type.signed ? `${high(n, i)}!==(${low(n, i)}>>31)` : `${high(n, i)}!==0||${low(n, i)}<0`;
      const narrow = width === 2 ? `||${low(n, i)}<-32768||${low(n, i)}>32767` : '';
      const put = width === 2 ? 'setInt16' : 'setInt32';
      return `if(${sign}${narrow})${misfit}dv.setInt32(o,${width});dv.${put}(o+4,${low(n, i)});o+=${4 + width};`;
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
  return simple(key, width, intView(type), (v, place) => {
    const check = checked ? `if(Math.fround(${v})!==${v})${refuseCode(place, 'is not exact as float4')}` : '';
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
    code: (place) => {
      const { n, i } = place;
      const refused = refuseCode(place, `is not exact as float${width}`);
      const hi = signed ? `${n('v')}[2*(${i})+1]` : `(${n('v')}[2*(${i})+1]>>>0)`;
      // the sum is rounded; only when it gives both words back, nothing was lost
      return (
        `{const p=${hi},q=${n('v')}[2*(${i})]>>>0,x=p*4294967296+q,y=Math.floor(x/4294967296);` +
        `if(${limit}y!==p||x-y*4294967296!==q)${refused}dv.setInt32(o,${width});dv.${put}(o+4,x);o+=${4 + width};}`
      );
    },
  };
}

/** Code in front of a float that is written: what becomes of it when `test` says that it is no number. */
function finiteCheck(place: CodePlace, test: string): string {
  const { nonFinite } = place.options.policies;
  if (nonFinite === 'keep') return '';
  const action =
    nonFinite === 'null'
      ? nullCode(place, 'nonFinite')
      : refuseCode(place, 'is NaN or infinite', 'nonFinite');
  return `if(${test})${action}`;
}

const TOUCHES_FLOATS = { touches: ['nonFinite'] } as const;

/** `test` of a value by its bits, as all but doubles have them at hand. */
const floatWriter = (
  key: string,
  width: 4 | 8,
  view: Parameters<typeof simple>[2],
  test: (v: string) => string,
  put: Put,
): ValueWriter => ({
  ...simple(key, width, view, (v, place) => `${finiteCheck(place, test(v))}${put(v, place)}`),
  ...TOUCHES_FLOATS,
});

const isNoNumber = (v: string): string => `${v}-${v}!==0`;

const doubles = bits64Writer('f64');
/** A batch without NaN and infinities is written without looking again. */
export const float64Writer: ValueWriter = {
  ...doubles,
  ...TOUCHES_FLOATS,
  code: (place) => {
    const { n, i, variant } = place;
    const test = `(${n('v')}[2*(${i})+1]&0x7ff00000)===0x7ff00000`;
    return `${variant === 'w' ? finiteCheck(place, test) : ''}${doubles.code(place)}`;
  },
};
/** As integers, so that a NaN keeps its payload. */
export const float32Writer: ValueWriter = floatWriter(
  'f32',
  4,
  int32Values,
  (v) => `(${v}&0x7f800000)===0x7f800000`,
  (v) => `dv.setInt32(o+4,${v});`,
);
export const float32To64Writer: ValueWriter = floatWriter(
  'f32>f64',
  8,
  float32Values,
  isNoNumber,
  (v) => `dv.setFloat64(o+4,${v});`,
);
export const float64To32Writer: ValueWriter = {
  ...floatWriter('f64>f32', 4, float64Values, isNoNumber, (v, place) => {
    const inexact = refuseCode(place, 'is not exact as float4');
    // what is too large becomes infinite; everything else that changes would be rounded
    const misfit = `if(Math.abs(Math.fround(${v}))===Infinity)${misfitCode(place, 'is out of range for float4')}`;
    return `if(Math.fround(${v})!==${v}&&${v}===${v}){${misfit}${inexact}}dv.setFloat32(o+4,${v});`;
  }),
  touches: ['nonFinite', 'overflow'],
};
/** Half floats are exact in float4 and float8. */
export const float16Writer = (width: 4 | 8): ValueWriter =>
  floatWriter(
    `f16>${width}`,
    width,
    uint16Values,
    (v) => `(${v}&0x7c00)===0x7c00`,
    (v) => `dv.setFloat${width * 8}(o+4,H.half(${v}));`,
  );

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
