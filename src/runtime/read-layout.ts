import { KiB } from './units.ts';

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** How ranges of a file are read into one buffer. */
export interface ReadLayout {
  /** Bytes of the buffer. */
  readonly size: number;
  /** What to read, and where in the buffer each read begins. */
  readonly reads: readonly (ByteRange & { readonly at: number })[];
  /** Where in the buffer each of the ranges begins, in their order. */
  readonly offsets: Int32Array;
}

/** Reading a gap of this size along costs less than another call. */
const GAP_BYTES = 8 * KiB;

/** Ranges that lie close together are read in one go, gaps included. */
export function layOut(ranges: readonly ByteRange[]): ReadLayout {
  const order = Array.from(ranges.keys()).sort((a, b) => ranges[a]!.start - ranges[b]!.start);
  const offsets = new Int32Array(ranges.length);
  const reads: (ByteRange & { readonly at: number })[] = [];
  let size = 0;
  for (let k = 0; k < order.length; ) {
    const { start } = ranges[order[k]!]!;
    let end = start;
    for (; k < order.length && ranges[order[k]!]!.start - end <= GAP_BYTES; k++) {
      const range = ranges[order[k]!]!;
      offsets[order[k]!] = size + range.start - start;
      end = Math.max(end, range.end);
    }
    reads.push({ start, end, at: size });
    size += end - start;
  }
  return { size, reads, offsets };
}
