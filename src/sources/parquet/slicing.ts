// Row groups -> slices. Pure arithmetic; the reading is elsewhere.
import type { PlanHints, RowRange } from '../../model/index.ts';
import { MiB, subtractRanges } from '../../runtime/index.ts';

/** One row group as far as slicing is concerned. */
export interface Part {
  readonly rowStart: number;
  readonly rowCount: number;
  /** Decoded bytes of all its rows. */
  readonly estBytes: number;
  /** Bytes that are held while any of its rows are decoded: its compressed column chunks. */
  readonly fixedBytes: number;
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
}

/** What decoding needs at its peak for each decoded byte: the arrays, and what they are made from. Measured. */
export const DECODE_FACTOR = 1.75;

/** Row groups are cut to about so many rows or decoded bytes: more saves little CPU and costs memory. */
const CUT_ROWS = 128 * 1024;
const CUT_BYTES = 32 * MiB;
/** A row group that is only a little bigger is not cut: its pieces would decode its dictionaries twice for nothing. */
const CUT_SLACK = 1.5;
/** Cutting for balance stops here: every slice decodes its dictionaries again and commits once. */
const MIN_CUT_ROWS = 64 * 1024;
const MIN_CUT_BYTES = 4 * MiB;
/** Tiny row groups are joined up to whichever comes first. */
const JOIN_ROWS = 128 * 1024;
const JOIN_BYTES = 32 * MiB;
/** Below this even a balanced split does not pay. */
const ALWAYS_JOIN_ROWS = 8 * 1024;
/** Slices a worker should get at least, so that the last ones to finish wait little. */
const SLICES_PER_WORKER = 4;

export const neededBytes = (slice: { readonly estBytes: number; readonly fixedBytes: number }): number =>
  slice.fixedBytes + DECODE_FACTOR * slice.estBytes;

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

/** Pieces that keep each within the memory of a worker and near the usual size; 1 when the whole is. */
function piecesForSize(segment: Segment, budgetBytes: number): number {
  const rowBytes = Math.max(segment.estBytes / segment.rowCount, 1 / 8);
  const usualRows = Math.min(CUT_ROWS, CUT_BYTES / rowBytes);
  const isUsual = segment.rowCount <= CUT_SLACK * usualRows;
  if (isUsual && neededBytes(segment) <= budgetBytes) return 1;
  // chunks that take nearly all of it leave no good answer: slices get small, and the plan says what is needed
  const available = Math.max(budgetBytes - segment.fixedBytes, budgetBytes / 4);
  const rows = Math.max(1, Math.min(usualRows, Math.floor(available / (DECODE_FACTOR * rowBytes))));
  return Math.ceil(segment.rowCount / rows);
}

function piecesForBalance(segment: Segment, idealBytes: number): number {
  const most = Math.floor(Math.max(segment.estBytes / MIN_CUT_BYTES, segment.rowCount / MIN_CUT_ROWS));
  return Math.max(1, Math.min(most, Math.ceil(segment.estBytes / idealBytes)));
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
      Math.max(
        piecesForSize(segment, rules.bytesPerWorker),
        tooFew ? piecesForBalance(segment, idealBytes) : 1,
      ),
    ),
  );
  if (tooFew) evenOut(segments, pieces, rules.workers);
  const joinBytes = rules.workers > 1 ? Math.min(JOIN_BYTES, idealBytes) : JOIN_BYTES;
  const fits = (joined: CutSlice): boolean =>
    joined.rowCount <= JOIN_ROWS &&
    neededBytes(joined) <= rules.bytesPerWorker &&
    (joined.estBytes <= joinBytes || (joined.rowCount <= ALWAYS_JOIN_ROWS && joined.estBytes <= JOIN_BYTES));
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
