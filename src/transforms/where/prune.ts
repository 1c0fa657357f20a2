// The same conditions against statistics: can any row of this part pass? When in doubt, yes.
import type { ColumnStats } from '../../model/index.ts';
import {
  compareValues,
  holdsNaN,
  isAbove,
  isBelow,
  type Range,
  type RangeSet,
  type Value,
} from './ranges.ts';

/** What values a column has, as far as statistics matter. */
export type DomainKind = 'whole' | 'float' | 'bytes';

/** A bound in the domain; null when there is none, or one that is not of this domain. */
function boundOf(stat: ColumnStats['min'], kind: DomainKind): Value | null {
  if (stat === null) return null;
  if (kind === 'bytes') return stat instanceof Uint8Array ? stat : null;
  if (stat instanceof Uint8Array) return null;
  if (kind === 'float') return typeof stat === 'number' && !Number.isNaN(stat) ? stat : null;
  return typeof stat === 'number' && !Number.isInteger(stat) ? null : BigInt(stat);
}

const isAllNull = (stats: ColumnStats): boolean => stats.nullCount === stats.rowCount;

/** Statistics of floats leave NaN out, so it must be reckoned with: it is above every bound. */
export function canPruneSet(set: RangeSet, kind: DomainKind, stats: ColumnStats): boolean {
  if (isAllNull(stats)) return true;
  const min = boundOf(stats.min, kind);
  const max = boundOf(stats.max, kind);
  const nan = kind === 'float';
  if (set.negated) {
    return (
      min !== null && max !== null && set.ranges.some((r) => covers(r, min, max) && (!nan || holdsNaN(r)))
    );
  }
  return set.ranges.every(
    (r) => (min !== null && isBelow(r, min)) || (max !== null && isAbove(r, max) && !(nan && holdsNaN(r))),
  );
}

const covers = (r: Range, min: Value, max: Value): boolean => {
  const low = r.lo === null ? -1 : compareValues(r.lo, min);
  const high = r.hi === null ? 1 : compareValues(r.hi, max);
  return (low < 0 || (low === 0 && !r.loOpen)) && (high > 0 || (high === 0 && !r.hiOpen));
};

export const canPruneNulls = (negated: boolean, stats: ColumnStats): boolean =>
  negated ? isAllNull(stats) : stats.nullCount === 0;
