// What the sums of both sides say. Pure.
import type { ColumnComparison, ColumnMapping, RowDigest } from '../model/index.ts';

const NOTHING: RowDigest = { rows: 0, nulls: [], columns: [], whole: [0, 0], without: [] };

const addWords = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, k) => ((a[k] ?? 0) + (b[k] ?? 0)) | 0);

/** In any order: each part of a side once. */
export function addDigests(parts: Iterable<RowDigest>, columns: number): RowDigest {
  let sum: RowDigest = {
    ...NOTHING,
    nulls: new Array<number>(columns).fill(0),
    columns: new Array<number>(2 * columns).fill(0),
    without: new Array<number>(2 * columns).fill(0),
  };
  for (const part of parts) {
    sum = {
      rows: sum.rows + part.rows,
      nulls: sum.nulls.map((n, j) => n + (part.nulls[j] ?? 0)),
      columns: addWords(sum.columns, part.columns),
      whole: addWords(sum.whole, part.whole),
      without: addWords(sum.without, part.without),
    };
  }
  return sum;
}

export interface Comparison {
  readonly equal: boolean;
  readonly columns: readonly ColumnComparison[];
  /** Every column holds the same values, but not in the same rows. */
  readonly rowsMixed: boolean;
}

const samePair = (a: readonly number[], b: readonly number[], j: number): boolean =>
  a[2 * j] === b[2 * j] && a[2 * j + 1] === b[2 * j + 1];

/**
 * With unequal counts every column differs by the rows that are too many or too few, so columns are not told apart then.
 * A column whose values are in other rows is known by rows without it being equal; where several columns are mixed up at
 * once, none is.
 */
export function compareDigests(
  source: RowDigest,
  target: RowDigest,
  mapping: readonly ColumnMapping[],
  nullsOnly: ReadonlySet<string>,
): Comparison {
  const sameCount = source.rows === target.rows;
  const sameValues = mapping.map((_, j) => samePair(source.columns, target.columns, j));
  const rowsMixed = sameCount && sameValues.every(Boolean) && !samePair(source.whole, target.whole, 0);
  const columns = mapping.map((m, j): ColumnComparison => {
    const moved = rowsMixed && samePair(source.without, target.without, j);
    const difference =
      sameCount && !sameValues[j] ? (nullsOnly.has(m.name) ? 'nulls' : 'values') : moved ? 'rows' : null;
    return {
      name: m.name,
      type: m.targetType,
      equal: difference === null,
      difference,
      nulls: { source: source.nulls[j] ?? 0, target: target.nulls[j] ?? 0 },
    };
  });
  return { equal: sameCount && !rowsMixed && columns.every((c) => c.equal), columns, rowsMixed };
}
