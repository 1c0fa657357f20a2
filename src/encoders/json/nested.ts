// Arrays and objects. Children are bound so that element 0 of a struct's or a list's child is the one that belongs to the
// first element of the parent's own.
import { offsetWords } from '../../arrow/index.ts';
import type { ArrowColumn, ArrowType, PolicyName } from '../../model/index.ts';
import { indexValues } from '../index-values.ts';
import { refuse } from '../refused-value.ts';
import { repeatedKey } from './keys.ts';
import { EXTRA_BYTES, type JsonType, type JsonValues, nullTest, writeValue } from './values.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The same child, counted from `skip` elements on. */
export const childAt = (child: ArrowColumn, skip: number): ArrowColumn =>
  skip === 0 ? child : { ...child, offset: child.offset + skip, length: child.length - skip };

/** Where the elements of each list begin and end. */
interface Extents {
  start(i: number): number;
  end(i: number): number;
}

function extentsOf(column: ArrowColumn, size: number | null): Extents {
  if (size !== null) return { start: (i) => i * size, end: (i) => (i + 1) * size };
  const { values, stride } = offsetWords(column);
  const of = values.subarray(stride * column.offset);
  return { start: (i) => of[i * stride]!, end: (i) => of[(i + 1) * stride]! };
}

/** `size`: of fixed-size lists. */
export const listType = (item: JsonType, size: number | null): JsonType => ({
  isQuoted: false,
  touches: item.touches,
  bind: (column, context): JsonValues => {
    const values = item.bind(childAt(column.children[0]!, (size ?? 0) * column.offset), context);
    const { start, end } = extentsOf(column, size);
    return {
      text: (out, o, i, row) => {
        out[o++] = OPEN_LIST;
        const [from, to] = [start(i), end(i)];
        for (let k = from; k < to; k++) {
          if (k > from) out[o++] = COMMA;
          o = writeValue(values, item.isQuoted, out, o, k, row);
        }
        out[o++] = CLOSE_LIST;
        return o;
      },
      isNull: nullTest(column),
      bound: (from, to) =>
        to <= from ? 0 : values.bound(start(from), end(to - 1)) + (to - from) * (EXTRA_BYTES + 2),
    };
  },
});

const union = (types: readonly JsonType[]): readonly PolicyName[] => [
  ...new Set(types.flatMap(({ touches }) => touches)),
];

const utf8 = new TextEncoder();

export function structType(fields: readonly { readonly name: string; readonly type: JsonType }[]): JsonType {
  const names = fields.map(({ name }) => utf8.encode(`${JSON.stringify(name)}:`));
  const ownBytes = names.reduce((sum, name) => sum + name.length, 2 + EXTRA_BYTES);
  return {
    isQuoted: false,
    touches: union(fields.map(({ type }) => type)),
    bind: (column, context): JsonValues => {
      const values = fields.map(({ type }, k) =>
        type.bind(childAt(column.children[k]!, column.offset), context),
      );
      return {
        text: (out, o, i, row) => {
          out[o++] = OPEN;
          for (let k = 0; k < values.length; k++) {
            if (k > 0) out[o++] = COMMA;
            const name = names[k]!;
            for (let at = 0; at < name.length; at++) out[o++] = name[at]!;
            o = writeValue(values[k]!, fields[k]!.type.isQuoted, out, o, i, row);
          }
          out[o++] = CLOSE;
          return o;
        },
        isNull: nullTest(column),
        bound: (from, to) =>
          values.reduce((sum, value) => sum + value.bound(from, to), (to - from) * ownBytes),
      };
    },
  };
}

/**
 * An object, whose keys are texts. A map that has a key twice would lose a value as an object, so that one is written as
 * the list of its pairs: `[["a",1],["a",2]]`. `keysAreScalar` false: keys are lists or structs, and all maps are pairs.
 */
export const mapType = (key: JsonType, value: JsonType, keysAreScalar: boolean): JsonType => ({
  isQuoted: false,
  touches: union([key, value]),
  bind: (column, context): JsonValues => {
    const entries = column.children[0]!;
    const keys = key.bind(childAt(entries.children[0]!, entries.offset), context);
    const values = value.bind(childAt(entries.children[1]!, entries.offset), context);
    const { start, end } = extentsOf(column, null);
    /** Where each key of the map at hand begins and ends in the output. */
    let places = new Int32Array(64);
    const { counts } = context;
    const before = new Float64Array(counts.length);

    const pairs: JsonValues['text'] = (out, o, i, row) => {
      out[o++] = OPEN_LIST;
      const [from, to] = [start(i), end(i)];
      for (let k = from; k < to; k++) {
        if (k > from) out[o++] = COMMA;
        out[o++] = OPEN_LIST;
        o = writeValue(keys, key.isQuoted, out, o, k, row);
        out[o++] = COMMA;
        o = writeValue(values, value.isQuoted, out, o, k, row);
        out[o++] = CLOSE_LIST;
      }
      out[o++] = CLOSE_LIST;
      return o;
    };

    const object: JsonValues['text'] = (out, o, i, row) => {
      const [at, from, to] = [o, start(i), end(i)];
      if (places.length < 2 * (to - from)) places = new Int32Array(4 * (to - from));
      before.set(counts);
      out[o++] = OPEN;
      for (let k = from; k < to; k++) {
        if (k > from) out[o++] = COMMA;
        if (keys.isNull(k)) refuse('holds a NULL as a key of a map', row);
        out[o++] = QUOTE;
        places[2 * (k - from)] = o;
        o = keys.text(out, o, k, row);
        places[2 * (k - from) + 1] = o;
        out[o++] = QUOTE;
        out[o++] = COLON;
        o = writeValue(values, value.isQuoted, out, o, k, row);
      }
      out[o++] = CLOSE;
      if (!repeatedKey(out, places, to - from)) return o;
      // written once more, and counted once
      counts.set(before);
      return pairs(out, at, i, row);
    };

    return {
      text: keysAreScalar ? object : pairs,
      isNull: nullTest(column),
      bound: (from, to) => {
        if (to <= from) return 0;
        const [a, b] = [start(from), end(to - 1)];
        return keys.bound(a, b) + values.bound(a, b) + (b - a) * 2 + (to - from) * (EXTRA_BYTES + 2);
      },
    };
  },
});

export const dictionaryType = (value: JsonType, index: ArrowType): JsonType => ({
  isQuoted: value.isQuoted,
  touches: value.touches,
  bind: (column, context): JsonValues => {
    const dictionary = column.dictionary!;
    const values = value.bind(dictionary, context);
    const ix = indexValues(column, index);
    const isNull = nullTest(column);
    let longest = EXTRA_BYTES;
    for (let k = 0; k < dictionary.length; k++) longest = Math.max(longest, values.bound(k, k + 1));
    return {
      text: (out, o, i, row) => values.text(out, o, ix[i]!, row),
      isNull: (i) => isNull(i) || values.isNull(ix[i]!),
      bound: (from, to) => (to - from) * longest,
    };
  },
});
