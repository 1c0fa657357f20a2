// Row groups -> slices. Pure arithmetic; the reading is elsewhere.
import type { PlanHints, RowRange } from '../../model/index.ts';
import { MiB, subtractRanges } from '../../runtime/index.ts';

/** One row group as far as slicing is concerned. */
export interface Part {
  readonly rowStart: number;
  readonly rowCount: number;
  /** Decoded bytes of all its rows. */
  readonly estBytes: number;
  /** Its compressed column chunks: held while it is read together with others. */
  readonly fixedBytes: number;
  /** What reading it alone holds at a time, however many of its rows are wanted: pages, dictionaries, one batch. */
  readonly pageBytes: number;
  /** Statistics show that no row passes. */
  readonly pruned: boolean;
}

export interface SlicingInput {
  readonly parts: readonly Part[];
  /** Merged. */
  readonly committed: readonly RowRange[];
}

export interface SlicingRules {
  readonly slice: PlanHints['slice'];
  readonly workers: number;
  readonly bytesPerWorker: number;
}

export interface CutSlice {
  /** Index of the input. */
  readonly input: number;
  readonly rowStart: number;
  readonly rowCount: number;
  /** First and last row group. */
  readonly first: number;
  readonly last: number;
  readonly estBytes: number;
  readonly fixedBytes: number;
  readonly pageBytes: number;
}

/**
 * Of row groups that are joined: what is held for each decoded byte, all of them in one batch at the worst. Buffers grow by
 * up to half, and pages come on top.
 */
export const DECODE_FACTOR = 2.25;

/** Bigger row groups are cut to about so many rows: a slice is what a retry repeats. Memory does not depend on it. */
const CUT_ROWS = 1024 * 1024;
const CUT_BYTES = 512 * MiB;
/** A row group that is only a little bigger is not cut: pages at the cut are decompressed twice. */
const CUT_SLACK = 1.5;
/** Cutting for balance stops here: every slice reads its dictionaries again and commits once. */
const MIN_CUT_ROWS = 64 * 1024;
const MIN_CUT_BYTES = 4 * MiB;
/** Tiny row groups are joined up to whichever comes first. */
const JOIN_ROWS = 128 * 1024;
const JOIN_BYTES = 32 * MiB;
/** Below these even a balanced split does not pay: a thread takes longer to start than such a slice to load. */
const ALWAYS_JOIN_ROWS = 8 * 1024;
const SMALL_ROWS = 32 * 1024;
const SMALL_BYTES = 4 * MiB;
/** Slices a worker should get at least, so that the last ones to finish wait little. */
const SLICES_PER_WORKER = 3;

/** Row groups that are joined are in memory as they are stored; one alone is read a page at a time. */
export function neededBytes({ first, last, fixedBytes, estBytes, pageBytes }: CutSlice): number {
  return first === last ? pageBytes : fixedBytes + Math.max(pageBytes, DECODE_FACTOR * estBytes);
}

/** Rows of one row group that are left to load; the smallest thing that slices are made of. */
type Segment = CutSlice;

function segmentsOf(input: SlicingInput, index: number): Segment[] {
  const out: Segment[] = [];
  input.parts.forEach((part, g) => {
    if (part.pruned || part.rowCount === 0) return;
    const whole = { start: part.rowStart, end: part.rowStart + part.rowCount };
    for (const range of subtractRanges(whole, input.committed)) {
      const rowCount = range.end - range.start;
      out.push({
        input: index,
        rowStart: range.start,
        rowCount,
        first: g,
        last: g,
        estBytes: Math.ceil((part.estBytes * rowCount) / part.rowCount),
        fixedBytes: part.fixedBytes,
        pageBytes: part.pageBytes,
      });
    }
  });
  return out;
}

function cut(segment: Segment, pieces: number): CutSlice[] {
  const edge = (i: number): number => Math.floor((segment.rowCount * i) / pieces);
  return Array.from({ length: pieces }, (_, i) => {
    const rowCount = edge(i + 1) - edge(i);
    return {
      ...segment,
      rowStart: segment.rowStart + edge(i),
      rowCount,
      estBytes: Math.ceil((segment.estBytes * rowCount) / segment.rowCount),
    };
  });
}

/** Joins neighbours for as long as `fits` says so. */
function join(segments: readonly Segment[], fits: (joined: CutSlice) => boolean): CutSlice[] {
  const out: CutSlice[] = [];
  for (const segment of segments) {
    const last = out.at(-1);
    if (last?.input === segment.input && last.rowStart + last.rowCount === segment.rowStart) {
      const joined: CutSlice = {
        ...last,
        rowCount: last.rowCount + segment.rowCount,
        last: segment.last,
        estBytes: last.estBytes + segment.estBytes,
        fixedBytes: last.fixedBytes + segment.fixedBytes,
        pageBytes: Math.max(last.pageBytes, segment.pageBytes),
      };
      if (fits(joined)) {
        out[out.length - 1] = joined;
        continue;
      }
    }
    out.push(segment);
  }
  return out;
}

/** 1 when the row group is of a usual size. */
function piecesForSize(segment: Segment): number {
  const rowBytes = Math.max(segment.estBytes / segment.rowCount, 1 / 8);
  const rows = Math.max(1, Math.min(CUT_ROWS, CUT_BYTES / rowBytes));
  return segment.rowCount <= CUT_SLACK * rows ? 1 : Math.ceil(segment.rowCount / rows);
}

function piecesForBalance(segment: Segment, idealBytes: number): number {
  const most = Math.floor(Math.max(segment.estBytes / MIN_CUT_BYTES, segment.rowCount / MIN_CUT_ROWS));
  return Math.max(1, Math.min(most, Math.round(segment.estBytes / idealBytes)));
}

/** With few slices an odd number leaves workers idle at the end: cut the largest once more until it comes out even. */
function evenOut(segments: readonly Segment[], pieces: number[], workers: number): void {
  const total = (): number => pieces.reduce((sum, n) => sum + n, 0);
  for (let tries = workers; tries > 0 && total() % workers !== 0; tries--) {
    const size = (i: number): number => segments[i]!.estBytes / pieces[i]!;
    let largest = 0;
    for (let i = 1; i < pieces.length; i++) if (size(i) > size(largest)) largest = i;
    const rows = segments[largest]!.rowCount / (pieces[largest]! + 1);
    if (rows < 1 || (rows < MIN_CUT_ROWS && size(largest) < 2 * MIN_CUT_BYTES)) return;
    pieces[largest]!++;
  }
}

function auto(segments: readonly Segment[], rules: SlicingRules): CutSlice[] {
  const totalBytes = segments.reduce((sum, s) => sum + s.estBytes, 0);
  const idealBytes = Math.max(1, totalBytes / (rules.workers * SLICES_PER_WORKER));
  const tooFew = rules.workers > 1 && segments.length < 2 * rules.workers;
  const pieces = segments.map((segment) =>
    Math.min(
      segment.rowCount,
      Math.max(piecesForSize(segment), tooFew ? piecesForBalance(segment, idealBytes) : 1),
    ),
  );
  if (tooFew) evenOut(segments, pieces, rules.workers);
  const joinBytes = rules.workers > 1 ? Math.min(JOIN_BYTES, idealBytes) : JOIN_BYTES;
  const fits = (joined: CutSlice): boolean =>
    joined.rowCount <= JOIN_ROWS &&
    neededBytes(joined) <= rules.bytesPerWorker &&
    (joined.estBytes <= joinBytes ||
      (joined.rowCount <= ALWAYS_JOIN_ROWS && joined.estBytes <= JOIN_BYTES) ||
      (joined.rowCount <= SMALL_ROWS && joined.estBytes <= SMALL_BYTES));
  return assemble(segments, pieces, fits);
}

/** Cuts each segment into its number of pieces and joins those that stay whole. */
function assemble(
  segments: readonly Segment[],
  pieces: readonly number[],
  fits: (joined: CutSlice) => boolean,
): CutSlice[] {
  const whole: Segment[] = [];
  const out: CutSlice[] = [];
  segments.forEach((segment, i) => {
    if (pieces[i] === 1) whole.push(segment);
    // one by one: a spread of very many arguments overflows the stack
    else for (const piece of cut(segment, pieces[i]!)) out.push(piece);
  });
  for (const joined of join(whole, fits)) out.push(joined);
  return out.sort((a, b) => a.input - b.input || a.rowStart - b.rowStart);
}

/** Slices that cover exactly the rows that are neither committed nor pruned, in the order of the inputs. */
export function cutSlices(inputs: readonly SlicingInput[], rules: SlicingRules): CutSlice[] {
  const segments = inputs.flatMap(segmentsOf);
  if (rules.slice.kind === 'row-group') return segments;
  if (rules.slice.kind === 'auto') return auto(segments, rules);
  const rows = Math.max(1, Math.floor(rules.slice.rows));
  const pieces = segments.map((segment) => Math.ceil(segment.rowCount / rows));
  return assemble(segments, pieces, (joined) => joined.rowCount <= rows);
}
