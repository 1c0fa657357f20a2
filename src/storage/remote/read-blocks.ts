// Ranges that are going to be read -> the blocks in which they are fetched. Pure.
import type { ByteRange } from '../../runtime/index.ts';
import { KiB, MiB } from '../../runtime/units.ts';

/** Bytes between two ranges that are fetched along: about what a connection carries while another request would begin. */
const GAP_BYTES = 16 * KiB;
/** Gaps may not add up to more than this share of what is wanted. */
const GAP_SHARE = 1 / 32;
const LEAST_BLOCK_BYTES = 64 * KiB;
const MOST_BLOCK_BYTES = MiB;

export interface BlockPlan extends ByteRange {
  /** Bytes in it that were asked for. */
  readonly wanted: number;
  /** Position of the earliest of its ranges in the order of need. */
  readonly order: number;
}

/**
 * @param ranges in the order of need; they do not overlap.
 * @param budgetBytes what may be held at a time: blocks get as large as that allows with this many places read at once.
 * @returns sorted by `start`, cut between ranges only: a range longer than a block is a block by itself.
 */
export function planBlocks(ranges: readonly ByteRange[], budgetBytes: number): BlockPlan[] {
  const sorted = ranges
    .map(({ start, end }, order) => ({ start, end, order }))
    .filter((range) => range.end > range.start)
    .sort((a, b) => a.start - b.start);
  const total = sorted.reduce((sum, range) => sum + range.end - range.start, 0);
  const most = blockBytes(sorted, budgetBytes);
  let gaps = total * GAP_SHARE;
  const blocks: { start: number; end: number; wanted: number; order: number }[] = [];
  for (const { start, end, order } of sorted) {
    const last = blocks.at(-1);
    const gap = last === undefined ? 0 : Math.max(0, start - last.end);
    const joins = last !== undefined && gap <= GAP_BYTES && gap <= gaps && end - last.start <= most;
    if (!joins) blocks.push({ start, end, wanted: end - start, order });
    else {
      gaps -= gap;
      last.end = Math.max(last.end, end);
      last.wanted += end - start;
      last.order = Math.min(last.order, order);
    }
  }
  return blocks;
}

/** Half of the budget for blocks that are being read, the other half for the next ones. */
function blockBytes(
  sorted: readonly { start: number; end: number; order: number }[],
  budget: number,
): number {
  // where file order and order of need part, another place of the file is read at the same time
  let places = 1;
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]!.start - sorted[i - 1]!.end > GAP_BYTES || sorted[i]!.order < sorted[i - 1]!.order)
      places++;
  }
  return Math.min(MOST_BLOCK_BYTES, Math.max(LEAST_BLOCK_BYTES, Math.floor(budget / (2 * places))));
}
