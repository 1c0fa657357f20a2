// Sets of rows as sorted, disjoint ranges.
import type { RowRange } from '../model/index.ts';

/** Sorted, without overlaps, neighbours joined. */
export function mergeRanges(ranges: readonly RowRange[]): RowRange[] {
  const sorted = ranges.filter((r) => r.end > r.start).sort((a, b) => a.start - b.start);
  const out: { start: number; end: number }[] = [];
  for (const range of sorted) {
    const last = out.at(-1);
    if (last !== undefined && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else out.push({ start: range.start, end: range.end });
  }
  return out;
}

/** What of `range` is not in `taken`; `taken` must be merged. */
export function subtractRanges(range: RowRange, taken: readonly RowRange[]): RowRange[] {
  const out: RowRange[] = [];
  let start = range.start;
  for (const t of taken) {
    if (t.end <= start) continue;
    if (t.start >= range.end) break;
    if (t.start > start) out.push({ start, end: t.start });
    start = Math.max(start, t.end);
  }
  if (start < range.end) out.push({ start, end: range.end });
  return out;
}

export const countRows = (ranges: readonly RowRange[]): number =>
  ranges.reduce((sum, r) => sum + (r.end - r.start), 0);
