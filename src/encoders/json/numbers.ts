// Booleans, integers, floats, decimals.
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
} from '../../arrow/index.ts';
import type { ArrowColumn, ArrowType } from '../../model/index.ts';
import { halfToNumber } from '../half.ts';
import { refuse } from '../refused-value.ts';
import { COUNT_AT } from '../write-context.ts';
import { decimalMaxBytes, writeDecimal, writeInt64, writeInteger } from './digits.ts';
import { FLOAT_MAX_BYTES, writeFloat } from './floats.ts';
import {
  EXTRA_BYTES,
  type JsonOptions,
  type JsonType,
  type JsonValues,
  nullTest,
  scalar,
  writeAscii,
} from './values.ts';

type Of<T extends ArrowType['id']> = Extract<ArrowType, { id: T }>;

const QUOTE = 0x22;

export const boolType: JsonType = scalar(false, 5, (c) => {
  const v = uint8Values(c);
  return (out, o, i) => {
    const at = c.offset + i;
    return writeAscii(out, o, ((v[at >> 3]! >> (at & 7)) & 1) === 1 ? 'true' : 'false');
  };
});

const narrowView = (type: Of<'int'>) => {
  if (type.bits === 8) return type.signed ? int8Values : uint8Values;
  if (type.bits === 16) return type.signed ? int16Values : uint16Values;
  return type.signed ? int32Values : uint32Values;
};

export function intType(type: Of<'int'>): JsonType {
  if (type.bits === 64) {
    return scalar(false, 20, (c) => {
      const v = words(c).subarray(2 * c.offset);
      return (out, o, i) => writeInt64(out, o, v, 2 * i, type.signed);
    });
  }
  const view = narrowView(type);
  return scalar(false, 11, (c) => {
    const v = view(c).subarray(c.offset);
    return (out, o, i) => writeInteger(out, o, v[i]!);
  });
}

/** NaN and infinities are no JSON numbers: strings, as Postgres' to_jsonb makes them. */
function writeJsonFloat(out: Uint8Array, o: number, x: number, bits: 32 | 64): number {
  if (Number.isFinite(x)) return writeFloat(out, o, x, bits);
  out[o++] = QUOTE;
  o = writeFloat(out, o, x, bits);
  out[o++] = QUOTE;
  return o;
}

function floatsOf({ bits }: Of<'float'>, c: ArrowColumn): (i: number) => number {
  if (bits === 16) {
    const v = uint16Values(c).subarray(c.offset);
    return (i) => halfToNumber(v[i]!);
  }
  const v = (bits === 32 ? float32Values(c) : float64Values(c)).subarray(c.offset);
  return (i) => v[i]!;
}

export function floatType(type: Of<'float'>, { words: form }: JsonOptions): JsonType {
  const write = form === 'quoted' ? writeJsonFloat : writeFloat;
  const bits = type.bits === 64 ? 64 : 32;
  const maxBytes = FLOAT_MAX_BYTES + 2;
  return {
    isQuoted: false,
    touches: ['nonFinite'],
    bind: (c, { policies, counts }): JsonValues => {
      const at = floatsOf(type, c);
      const isNull = nullTest(c);
      const { nonFinite } = policies;
      return {
        text: (out, o, i, row) => {
          const x = at(i);
          if (nonFinite === 'error' && !Number.isFinite(x)) refuse('is NaN or infinite', row, 'nonFinite');
          return write(out, o, x, bits);
        },
        isNull:
          nonFinite !== 'null'
            ? isNull
            : (i) => {
                if (isNull(i)) return true;
                if (Number.isFinite(at(i))) return false;
                counts[COUNT_AT.nonFinite]!++;
                return true;
              },
        bound: (from, to) => (to - from) * (maxBytes + EXTRA_BYTES),
      };
    },
  };
}

export function decimalType(type: Of<'decimal'>): JsonType {
  const count = type.bits / 32;
  return scalar(false, decimalMaxBytes(count, type.scale), (c) => {
    const v = words(c).subarray(count * c.offset);
    return (out, o, i) => writeDecimal(out, o, v, count * i, count, type.scale);
  });
}
