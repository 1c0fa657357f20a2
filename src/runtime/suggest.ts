// "Did you mean": the nearest known name, when it is near enough to be a slip of the hand.

/** Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const cells = new Uint16Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) cells[i * width] = i;
  for (let j = 0; j <= b.length; j++) cells[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        cells[(i - 1) * width + j]! + 1,
        cells[i * width + j - 1]! + 1,
        cells[(i - 1) * width + j - 1]! + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, cells[(i - 2) * width + j - 2]! + 1);
      }
      cells[i * width + j] = best;
    }
  }
  return cells[a.length * width + b.length]!;
}

/** Case, dashes and underscores do not count: `batch-rows`, `batch_rows` and `batchRows` are one word. */
const fold = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, '');

/** At most three names, nearest first; empty when none is near. */
export function nearest(name: string, known: Iterable<string>): string[] {
  const wanted = fold(name);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return [...known]
    .map((candidate) => ({ candidate, distance: editDistance(wanted, fold(candidate)) }))
    .filter(({ candidate, distance }) => distance <= limit || fold(candidate).startsWith(wanted))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** ` (did you mean x or y?)`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearest(name, known);
  return near.length === 0 ? '' : ` (did you mean ${near.map((n) => `"${n}"`).join(' or ')}?)`;
}
