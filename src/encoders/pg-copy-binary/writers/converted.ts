// Numbers of another kind than the target's, value by value: floats and decimals into integers and numeric, and integers and
// decimals into a numeric that may be too narrow.
import { float32Values, float64Values, uint16Values, words } from '../../../arrow/index.ts';
import type { ArrowColumn, ArrowType } from '../../../model/index.ts';
import { numericMaxBytes } from '../numeric.ts';
import { type CodePlace, misfitCode, nullCode, refuseCode, type ValueWriter } from '../writer.ts';

type FloatType = Extract<ArrowType, { id: 'float' }>;
type DecimalType = Extract<ArrowType, { id: 'decimal' }>;

const bindFloats = (type: FloatType) => (c: ArrowColumn) => {
  const view = type.bits === 16 ? uint16Values : type.bits === 32 ? float32Values : float64Values;
  return { variant: '', values: { v: view(c).subarray(c.offset) } };
};

const floatAt = (type: FloatType, { n, i }: CodePlace): string =>
  type.bits === 16 ? `H.half(${n('v')}[${i}])` : `${n('v')}[${i}]`;

/** A float that is no number, where the target has none of these. */
const noNumberCode = (place: CodePlace, reason: string): string =>
  place.options.policies.nonFinite === 'null'
    ? nullCode(place, 'nonFinite')
    : refuseCode(place, reason, 'nonFinite');

/** Floats that are whole numbers, into an integer of `width` bytes. */
export function floatToIntWriter(type: FloatType, width: 2 | 4 | 8): ValueWriter {
  const end = 2 ** (8 * width - 1);
  const put = {
    2: 'dv.setInt16(o+4,x);',
    4: 'dv.setInt32(o+4,x);',
    8: 'const h=Math.floor(x/4294967296);dv.setInt32(o+4,h);dv.setInt32(o+8,x-h*4294967296);',
  }[width];
  return {
    key: `f${type.bits}>i${width}`,
    names: ['v'],
    maxBytes: 4 + width,
    touches: ['nonFinite', 'overflow'],
    bind: bindFloats(type),
    code: (place) =>
      `{const x=${floatAt(type, place)};if(x-x!==0)${noNumberCode(place, 'is NaN or infinite, which no integer is')}` +
      `if(Math.floor(x)!==x)${refuseCode(place, 'is not a whole number')}` +
      `if(x<${-end}||x>=${end})${misfitCode(place, `is out of range for int${width}`)}` +
      `dv.setInt32(o,${width});${put}o+=${4 + width};}`,
  };
}

/** Digits before and behind the point that the target has; null: all of them. */
export interface NumericRoom {
  readonly whole: number;
  readonly scale: number;
}

/** Floats as the shortest decimal number that gives them back. */
export function floatToNumericWriter(type: FloatType, room: NumericRoom | null): ValueWriter {
  const bits = type.bits === 64 ? 64 : 32;
  const limits = room === null ? 'Infinity,Infinity' : `${room.whole},${room.scale}`;
  return {
    key: `f${type.bits}>n${limits}`,
    names: ['v'],
    maxBytes: numericMaxBytes(24),
    touches: room === null ? ['nonFinite'] : ['nonFinite', 'overflow'],
    bind: bindFloats(type),
    code: (place) => {
      const { nonFinite } = place.options.policies;
      const holdsInfinity = room === null && place.options.hasInfiniteNumeric;
      const reason =
        nonFinite === 'error' ? 'is NaN or infinite' : 'is infinite, which the target does not hold';
      // NaN is in every numeric, infinities are only in some
      const test = nonFinite === 'keep' ? 'x-x!==0&&x===x' : 'x-x!==0';
      const check = nonFinite === 'keep' && holdsInfinity ? '' : `if(${test})${noNumberCode(place, reason)}`;
      return (
        `{const x=${floatAt(type, place)};${check}const t=H.writeFloatNumeric(dv,o,x,${bits},${limits},${place.row});` +
        `${room === null ? '' : `if(t<0)${misfitCode(place, 'is too large for the target')}`}o=t;}`
      );
    },
  };
}

export function decimalToIntWriter(type: DecimalType, width: 2 | 4 | 8): ValueWriter {
  const count = type.bits / 32;
  return {
    key: `dec${type.bits}.${type.scale}>i${width}`,
    names: ['v'],
    maxBytes: 4 + width,
    touches: ['overflow'],
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(count * c.offset) } }),
    code: (place) => {
      const { n, i, row } = place;
      return (
        `{const t=H.writeDecimalInteger(dv,o,${n('v')},${count}*(${i}),${count},${type.scale},${width},${row});` +
        `if(t<0)${misfitCode(place, `is out of range for int${width}`)}o=t;}`
      );
    },
  };
}

const TOO_MANY_DIGITS = 'has more digits before the point than the target keeps';

/** `10^digits` in little-endian words; null when a signed integer of so many words never gets there. */
function powerWords(digits: number, count: number, signed: boolean): Int32Array | null {
  let power = 10n ** BigInt(Math.max(0, digits));
  if (power >= 1n << BigInt(count * 32 - (signed ? 1 : 0))) return null;
  const out = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    out[k] = Number(BigInt.asIntN(32, power));
    power >>= 32n;
  }
  return out;
}

/** The same writer, but values of more than `digits` digits are refused. Of integers in words of 32 bits. */
export function limitedWriter(
  writer: ValueWriter,
  { digits, count, signed }: { readonly digits: number; readonly count: number; readonly signed: boolean },
): ValueWriter {
  const bound = powerWords(digits, count, signed);
  if (bound === null) return writer;
  return {
    ...writer,
    key: `${writer.key}<${digits}`,
    names: [...writer.names, 'bound'],
    touches: ['overflow'],
    bind: (c, context) => {
      const { variant, values } = writer.bind(c, context);
      return { variant, values: { ...values, bound } };
    },
    code: (place) => {
      const { n, i } = place;
      const check = `H.exceeds(${n('v')},${count}*(${i}),${count},${n('bound')},${signed})`;
      return `if(${check})${misfitCode(place, TOO_MANY_DIGITS)}${writer.code(place)}`;
    },
  };
}

/** As `limitedWriter`, for integers of at most 32 bits. */
export function limitedSmallWriter(writer: ValueWriter, digits: number): ValueWriter {
  const end = 10 ** digits;
  return {
    ...writer,
    key: `${writer.key}<${digits}`,
    touches: ['overflow'],
    code: (place) => {
      const x = `${place.n('v')}[${place.i}]`;
      return `if(${x}>=${end}||${x}<=${-end})${misfitCode(place, TOO_MANY_DIGITS)}${writer.code(place)}`;
    },
  };
}
