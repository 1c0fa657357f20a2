// "Is the value of this element in the ranges?", bound to one column of one batch. Each width has its own function
// on purpose: one shared function over all typed arrays would be slow for all of them.
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
import { ParloadError } from '../../errors/index.ts';
import type { ArrowColumn, ArrowType } from '../../model/index.ts';
import { Int96Ranges } from './int96-ranges.ts';
import { ByteRanges, NumberRanges, WordRanges } from './number-ranges.ts';
import type { Range } from './ranges.ts';

/** `at`: element index into the column's buffers, the column's offset included. */
export type ElementTest = (at: number) => boolean;
/** Makes the test for one column. Whether the element is null is asked elsewhere, except behind dictionaries. */
export type Binder = (column: ArrowColumn) => ElementTest;

/** For tests that hold for no element of a type. */
const unsupported = (type: ArrowType): never => {
  throw new ParloadError('UNEXPECTED', `no comparison for ${type.id} columns`);
};

const bindInt8 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = int8Values(c);
    return (at) => r.has(v[at]!);
  };
const bindUint8 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = uint8Values(c);
    return (at) => r.has(v[at]!);
  };
const bindInt16 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = int16Values(c);
    return (at) => r.has(v[at]!);
  };
const bindUint16 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = uint16Values(c);
    return (at) => r.has(v[at]!);
  };
const bindInt32 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = int32Values(c);
    return (at) => r.has(v[at]!);
  };
const bindUint32 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = uint32Values(c);
    return (at) => r.has(v[at]!);
  };
const bindFloat32 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = float32Values(c);
    return (at) => r.has(v[at]!);
  };
const bindFloat64 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = float64Values(c);
    return (at) => r.has(v[at]!);
  };

export function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

const bindFloat16 =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = uint16Values(c);
    return (at) => r.has(halfToNumber(v[at]!));
  };

const bindBool =
  (r: NumberRanges): Binder =>
  (c) => {
    const v = uint8Values(c);
    return (at) => r.has((v[at >> 3]! >> (at & 7)) & 1);
  };

const bindWords =
  (r: WordRanges, perValue: number): Binder =>
  (c) => {
    const v = words(c);
    return (at) => r.has(v, at * perValue);
  };

const bindInt96 =
  (r: Int96Ranges): Binder =>
  (c) => {
    const v = words(c);
    return (at) => r.has(v, at * 3);
  };

const bindText =
  (r: ByteRanges): Binder =>
  (c) => {
    const data = uint8Values(c);
    const { values, stride } = offsetWords(c);
    return (at) => r.has(data, values[at * stride]!, values[(at + 1) * stride]!);
  };

const bindFixed =
  (r: ByteRanges, width: number): Binder =>
  (c) => {
    const data = uint8Values(c);
    return (at) => r.has(data, at * width, (at + 1) * width);
  };

const INTS: Record<string, (r: NumberRanges) => Binder> = {
  true8: bindInt8,
  false8: bindUint8,
  true16: bindInt16,
  false16: bindUint16,
  true32: bindInt32,
  false32: bindUint32,
};

function bindInt(ranges: readonly Range[], bits: number, signed: boolean): Binder {
  if (bits === 64 || bits === 128 || bits === 256) {
    return bindWords(new WordRanges(ranges, bits, signed), bits / 32);
  }
  return INTS[`${signed}${bits}`]!(new NumberRanges(ranges));
}

export function binderFor(type: ArrowType, ranges: readonly Range[]): Binder {
  switch (type.id) {
    case 'bool':
      return bindBool(new NumberRanges(ranges));
    case 'int':
      return bindInt(ranges, type.bits, type.signed);
    case 'decimal':
      return bindInt(ranges, type.bits, true);
    case 'date':
      return bindInt(ranges, type.unit === 'day' ? 32 : 64, true);
    case 'time':
      return bindInt(ranges, type.unit === 's' || type.unit === 'ms' ? 32 : 64, true);
    case 'timestamp':
      return bindInt(ranges, 64, true);
    case 'int96':
      return bindInt96(new Int96Ranges(ranges));
    case 'float': {
      const r = new NumberRanges(ranges);
      return type.bits === 64 ? bindFloat64(r) : type.bits === 32 ? bindFloat32(r) : bindFloat16(r);
    }
    case 'utf8':
    case 'binary':
      return bindText(new ByteRanges(ranges));
    case 'fixedBinary':
      return bindFixed(new ByteRanges(ranges), type.byteWidth);
    default:
      return unsupported(type);
  }
}

/** The index of an element of a dictionary column. Indices are small, so the low word is enough. */
export function indexReader(column: ArrowColumn): (at: number) => number {
  const type = column.type.id === 'dictionary' ? column.type.index : column.type;
  if (type.id !== 'int') return unsupported(type);
  if (type.bits === 64) {
    const v = words(column);
    return (at) => v[at * 2]!;
  }
  const v = ((): ArrayLike<number> => {
    if (type.bits === 8) return type.signed ? int8Values(column) : uint8Values(column);
    if (type.bits === 16) return type.signed ? int16Values(column) : uint16Values(column);
    return type.signed ? int32Values(column) : uint32Values(column);
  })();
  return (at) => v[at]!;
}
