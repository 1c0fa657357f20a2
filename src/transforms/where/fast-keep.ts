// One range over the columns that filters are mostly about: doubles, 32-bit integers (dates too), 64-bit integers
// (timestamps too). The same as the general way, several times as fast; each loop is written out so that the engine
// sees one kind of array in it.
import { float64Values, int32Values, words } from '../../arrow/index.ts';
import type { ArrowColumn, ArrowType } from '../../model/index.ts';
import { NumberRanges, WordRanges } from './number-ranges.ts';
import type { RangeSet } from './ranges.ts';

/** Keeps what passes of the first `count` entries of `rows`, in place and in order; returns how many. */
export type Keep = (column: ArrowColumn, rows: Int32Array, count: number) => number;

function keepDoubles(low: number, high: number, nan: boolean, negated: boolean): Keep {
  return (column, rows, count) => {
    const { validity, offset } = column;
    const values = float64Values(column);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const at = row + offset;
      if (validity !== null && ((validity[at >> 3]! >> (at & 7)) & 1) === 0) continue;
      const value = values[at]!;
      const inside = (value >= low && value <= high) || (nan && Number.isNaN(value));
      if (inside !== negated) rows[kept++] = row;
    }
    return kept;
  };
}

function keepInts(low: number, high: number, negated: boolean): Keep {
  return (column, rows, count) => {
    const { validity, offset } = column;
    const values = int32Values(column);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const at = row + offset;
      if (validity !== null && ((validity[at >> 3]! >> (at & 7)) & 1) === 0) continue;
      const value = values[at]!;
      if ((value >= low && value <= high) !== negated) rows[kept++] = row;
    }
    return kept;
  };
}

function keepLongs(low: Int32Array, high: Int32Array, flip: number, negated: boolean): Keep {
  const [lowTop, lowBottom] = [low[1]!, low[0]! >>> 0];
  const [highTop, highBottom] = [high[1]!, high[0]! >>> 0];
  return (column, rows, count) => {
    const { validity, offset } = column;
    const values = words(column);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const at = row + offset;
      if (validity !== null && ((validity[at >> 3]! >> (at & 7)) & 1) === 0) continue;
      const top = values[2 * at + 1]! ^ flip;
      const bottom = values[2 * at]! >>> 0;
      const inside =
        (top > lowTop || (top === lowTop && bottom >= lowBottom)) &&
        (top < highTop || (top === highTop && bottom <= highBottom));
      if (inside !== negated) rows[kept++] = row;
    }
    return kept;
  };
}

/** Integers as stored; null for what is not one. */
function integer(type: ArrowType): { readonly bits: number; readonly signed: boolean } | null {
  switch (type.id) {
    case 'int':
      return type;
    case 'timestamp':
      return { bits: 64, signed: true };
    case 'date':
      return { bits: type.unit === 'day' ? 32 : 64, signed: true };
    default:
      return null;
  }
}

/** Null: this type or this set takes the general way. */
export function fastKeep(type: ArrowType, { ranges, negated }: RangeSet): Keep | null {
  if (type.id === 'float' && type.bits === 64) {
    const single = new NumberRanges(ranges).single;
    return single === null ? null : keepDoubles(single.low, single.high, single.nan, negated);
  }
  const stored = integer(type);
  if (stored?.bits === 32 && stored.signed) {
    const single = new NumberRanges(ranges).single;
    return single === null ? null : keepInts(single.low, single.high, negated);
  }
  if (stored?.bits === 64) {
    const single = new WordRanges(ranges, 64, stored.signed).single;
    return single === null ? null : keepLongs(single.low, single.high, single.flip, negated);
  }
  return null;
}
