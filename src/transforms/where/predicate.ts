// One condition against one column: keeps the rows of a selection that pass.
import type { ArrowColumn, ArrowField, ArrowType } from '../../model/index.ts';
import { fastKeep, type Keep } from './fast-keep.ts';
import type { RangeSet } from './ranges.ts';
import { type Binder, binderFor, type ElementTest, indexReader } from './values.ts';

function keepWhere(
  { validity, offset }: ArrowColumn,
  rows: Int32Array,
  count: number,
  test: ElementTest,
  negated: boolean,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const at = row + offset;
    // a comparison with null is not true, and neither is its opposite
    if (validity !== null && ((validity[at >> 3]! >> (at & 7)) & 1) === 0) continue;
    if (test(at) !== negated) rows[kept++] = row;
  }
  return kept;
}

const UNKNOWN = 0;
const PASS = 1;
const FAIL = 2;

/** A dictionary's entries are tested once each, when a row first needs them; the verdicts last as long as the entries. */
class DictionaryVerdicts {
  readonly #binder: Binder;
  readonly #negated: boolean;
  #dictionary: ArrowColumn | null = null;
  #verdicts = new Uint8Array(0);

  constructor(binder: Binder, negated: boolean) {
    this.#binder = binder;
    this.#negated = negated;
  }

  testFor(column: ArrowColumn): ElementTest {
    const dictionary = column.dictionary;
    if (dictionary === null) return () => false;
    if (dictionary !== this.#dictionary) {
      this.#dictionary = dictionary;
      this.#verdicts = new Uint8Array(dictionary.length);
    }
    const verdicts = this.#verdicts;
    const indexOf = indexReader(column);
    const test = this.#binder(dictionary);
    return (at) => {
      const index = indexOf(at);
      const verdict = verdicts[index];
      if (verdict !== UNKNOWN) return verdict === PASS;
      const passes = isPresent(dictionary, index) && test(index + dictionary.offset) !== this.#negated;
      verdicts[index] = passes ? PASS : FAIL;
      return passes;
    };
  }
}

const isPresent = ({ validity, offset }: ArrowColumn, index: number): boolean =>
  validity === null || ((validity[(index + offset) >> 3]! >> ((index + offset) & 7)) & 1) === 1;

/** Rows whose value is in the set; rows that are null never are, whether it is negated or not. */
export function keepInSet(type: ArrowType, set: RangeSet): Keep {
  if (type.id === 'dictionary') {
    const verdicts = new DictionaryVerdicts(binderFor(type.value, set.ranges), set.negated);
    return (column, rows, count) => keepWhere(column, rows, count, verdicts.testFor(column), false);
  }
  const fast = fastKeep(type, set);
  if (fast !== null) return fast;
  const bind = binderFor(type, set.ranges);
  return (column, rows, count) => keepWhere(column, rows, count, bind(column), set.negated);
}

/** `is null`, or `is not null` when negated. */
export function keepNulls(field: ArrowField, negated: boolean): Keep {
  if (field.type.id === 'null') return (_column, _rows, count) => (negated ? 0 : count);
  return (column, rows, count) => {
    const present = presence(column);
    if (present === null) return negated ? count : 0;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (present(row + column.offset) === negated) rows[kept++] = row;
    }
    return kept;
  };
}

/** Null: every row is present. A dictionary may hold null among its entries, and then its rows are null too. */
function presence(column: ArrowColumn): ElementTest | null {
  const { validity, dictionary } = column;
  const own: ElementTest | null =
    validity === null ? null : (at) => ((validity[at >> 3]! >> (at & 7)) & 1) === 1;
  if (dictionary === null || dictionary.validity === null) return own;
  const indexOf = indexReader(column);
  return (at) => (own === null || own(at)) && isPresent(dictionary, indexOf(at));
}
