// JSON of each Arrow type as CrateDB reads it, for parts of nested values and for what is rare. Columns of the types that
// most rows are made of have generated code (writers.ts).
import {
  float32Values,
  float64Values,
  int32Values,
  offsetWords,
  uint16Values,
  words,
} from '../../arrow/index.ts';
import type { ArrowField, ArrowType } from '../../model/index.ts';
import { halfToNumber } from '../half.ts';
import { divide, quotient } from '../int64.ts';
import { childAt, isNullIn, type JsonType, type JsonValues, jsonType, repeatedKey } from '../json/index.ts';
import { dictionaryType, listType, structType } from '../json/nested.ts';
import { EXTRA_BYTES, scalar, writeValue } from '../json/values.ts';
import { refuse } from '../refused-value.ts';
import { COUNT_AT } from '../write-context.ts';
import { leftover, writeEpoch } from './epoch.ts';
import { DOUBLE_MAX_BYTES, INTEGER_MAX_BYTES, writeDays, writeDouble, writeInteger } from './numbers.ts';

type Of<T extends ArrowType['id']> = Extract<ArrowType, { id: T }>;

const OPTIONS = { nul: 'escape', words: 'quoted' } as const;

export const NOT_FINITE = 'is NaN or infinite, which JSON cannot say';

/** Numbers with their point; what is no number is refused or null, as --non-finite says. */
function floatType({ bits }: Of<'float'>): JsonType {
  return {
    isQuoted: false,
    touches: ['nonFinite'],
    bind: (column, { policies, counts }): JsonValues => {
      const halves = bits === 16 ? uint16Values(column).subarray(column.offset) : null;
      const floats = (bits === 32 ? float32Values(column) : float64Values(column)).subarray(column.offset);
      const at = (i: number): number => (halves === null ? floats[i]! : halfToNumber(halves[i]!));
      const isNull = isNullIn(column);
      return {
        text: (out, o, i, row) => {
          const x = at(i);
          if (!Number.isFinite(x)) refuse(NOT_FINITE, row, 'nonFinite');
          return writeDouble(out, o, x);
        },
        isNull:
          policies.nonFinite !== 'null'
            ? isNull
            : (i) => {
                if (isNull(i)) return true;
                if (Number.isFinite(at(i))) return false;
                counts[COUNT_AT.nonFinite]!++;
                return true;
              },
        bound: (from, to) => (to - from) * (DOUBLE_MAX_BYTES + EXTRA_BYTES),
      };
    },
  };
}

const epochType = ({ unit }: Of<'timestamp'>): JsonType => ({
  isQuoted: false,
  touches: unit === 'us' || unit === 'ns' ? ['timestampNs'] : [],
  bind: (column, context): JsonValues => {
    const v = words(column).subarray(2 * column.offset);
    return {
      text: (out, o, i, row) => writeEpoch(out, o, v[2 * i + 1]!, v[2 * i]! >>> 0, unit, context, row),
      isNull: isNullIn(column),
      bound: (from, to) => (to - from) * (INTEGER_MAX_BYTES + 3 + EXTRA_BYTES),
    };
  },
});

/** Julian day of 1970-01-01. */
const EPOCH_DAY = 2_440_588;
const DAY_MS = 86_400_000;

const int96Epoch: JsonType = {
  isQuoted: false,
  touches: ['timestampNs'],
  bind: (column, context): JsonValues => {
    const v = words(column).subarray(3 * column.offset);
    return {
      text: (out, o, i, row) => {
        const days = v[3 * i + 2]! - EPOCH_DAY;
        const rest = divide(v[3 * i + 1]!, v[3 * i]! >>> 0, 1_000_000);
        const inDay = quotient.high * 4_294_967_296 + quotient.low;
        const ms = days * DAY_MS + inDay;
        if (!Number.isSafeInteger(ms)) refuse('is outside of what a timestamp holds', row);
        return writeInteger(out, o, ms + leftover(context, rest, 1_000_000, ms % 2 !== 0, row));
      },
      isNull: isNullIn(column),
      bound: (from, to) => (to - from) * (INTEGER_MAX_BYTES + EXTRA_BYTES),
    };
  },
};

function dateEpoch({ unit }: Of<'date'>): JsonType {
  if (unit === 'ms') return epochType({ id: 'timestamp', unit: 'ms', timezone: null });
  return scalar(false, INTEGER_MAX_BYTES, (c) => {
    const v = int32Values(c).subarray(c.offset);
    return (out, o, i) => writeDays(out, o, v[i]!);
  });
}

/** An object; a map that has a key twice would lose a value and is refused. */
const mapObject = (key: JsonType, value: JsonType): JsonType => ({
  isQuoted: false,
  touches: [...new Set([...key.touches, ...value.touches])],
  bind: (column, context): JsonValues => {
    const entries = column.children[0]!;
    const keys = key.bind(childAt(entries.children[0]!, entries.offset), context);
    const values = value.bind(childAt(entries.children[1]!, entries.offset), context);
    const { values: offsets, stride } = offsetWords(column);
    const of = offsets.subarray(stride * column.offset);
    let places = new Int32Array(64);
    return {
      text: (out, o, i, row) => {
        const [from, to] = [of[i * stride]!, of[(i + 1) * stride]!];
        if (places.length < 2 * (to - from)) places = new Int32Array(4 * (to - from));
        out[o++] = 0x7b;
        for (let k = from; k < to; k++) {
          if (k > from) out[o++] = 0x2c;
          if (keys.isNull(k)) refuse('holds a NULL as a key of a map', row);
          out[o++] = 0x22;
          places[2 * (k - from)] = o;
          o = keys.text(out, o, k, row);
          places[2 * (k - from) + 1] = o;
          out[o++] = 0x22;
          out[o++] = 0x3a;
          o = writeValue(values, value.isQuoted, out, o, k, row);
        }
        out[o++] = 0x7d;
        if (repeatedKey(out, places, to - from))
          refuse('holds a map with a key twice, which an object cannot', row);
        return o;
      },
      isNull: isNullIn(column),
      bound: (from, to) => {
        if (to <= from) return 0;
        const [a, b] = [of[from * stride]!, of[to * stride]!];
        return keys.bound(a, b) + values.bound(a, b) + (b - a) * 4 + (to - from) * (EXTRA_BYTES + 2);
      },
    };
  },
});

const isNested = ({ id }: ArrowType): boolean =>
  id === 'list' || id === 'fixedList' || id === 'struct' || id === 'map';

/** Maps with lists or structs as keys are no objects. */
export const hasNestedKeys = (type: Of<'map'>): boolean => isNested(type.key.type);

const quoted = (type: JsonType): JsonType => ({ ...type, isQuoted: true });

/** The JSON of a field in a column of its own type (ddl.ts). */
export function crateJson(field: ArrowField): JsonType {
  const { type } = field;
  switch (type.id) {
    case 'float':
      return floatType(type);
    case 'decimal':
      // as text, because a JSON number with a point becomes a double on the way
      return quoted(jsonType(field, OPTIONS));
    case 'int':
      return type.bits === 64 && !type.signed ? quoted(jsonType(field, OPTIONS)) : jsonType(field, OPTIONS);
    case 'date':
      return dateEpoch(type);
    case 'timestamp':
      return epochType(type);
    case 'int96':
      return int96Epoch;
    case 'list':
      return listType(crateJson(type.item), null);
    case 'fixedList':
      return listType(crateJson(type.item), type.size);
    case 'struct':
      return structType(type.fields.map((f) => ({ name: f.name, type: crateJson(f) })));
    case 'map':
      return mapObject(jsonType(type.key, { ...OPTIONS, words: 'bare' }), crateJson(type.value));
    case 'dictionary':
      return dictionaryType(crateJson({ ...field, type: type.value }), type.index);
    default:
      return jsonType(field, OPTIONS);
  }
}

/** Any scalar as the text that it is: what a TEXT column takes. */
export const crateText = (field: ArrowField): JsonType =>
  quoted(jsonType(field, { nul: 'escape', words: 'bare' }));
