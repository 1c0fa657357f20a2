// One slice: begin, read, transform, write, commit or rollback. Knows neither threads nor connectors.
import { ParloadError, toParloadError, toWire } from '../errors/index.ts';
import {
  type ArrowBatch,
  type Care,
  type Receipt,
  type RelayPort,
  type SinkSession,
  type Slice,
  type SliceResult,
  type Source,
  type StopFlag,
  selectedCount,
  type VerifySession,
} from '../model/index.ts';
import { failpoint } from '../runtime/index.ts';
import { ProgressMeter } from './progress.ts';

export interface SliceRun {
  readonly source: Source;
  readonly session: SinkSession;
  readonly slice: Slice;
  readonly attempt: number;
  readonly stop: StopFlag;
  /** Rows that are refused one by one may be left out. */
  readonly skipsRows?: boolean;
  /** To the main thread, for sinks that ask for it. */
  readonly port?: RelayPort | undefined;
  transform(batch: ArrowBatch): ArrowBatch;
  /** Rows and bytes since the last call for this slice. */
  onProgress(rows: number, bytes: number): void;
}

interface Counts {
  rowsRead: number;
  rowsFiltered: number;
  bytesSent: number;
}

const ROW_ERRORS = new Set(['VALUE_REFUSED', 'SINK_REJECTED']);

/**
 * Never throws: an error leaves a thread only as plain data. A slice goes as fast as it can; only one with a row that is
 * refused goes again with care, and where even then COMMIT refuses it, with deferred constraints asked row by row.
 */
export async function runSlice(run: SliceRun): Promise<SliceResult> {
  let result = await sendSlice(run, 'none');
  if (run.skipsRows !== true) return result;
  for (const care of ['rows', 'constraints'] as const) {
    if (result.ok || !ROW_ERRORS.has(result.error.code)) break;
    result = await sendSlice(run, care);
  }
  return result;
}

async function sendSlice(run: SliceRun, care: Care): Promise<SliceResult> {
  const { slice, session } = run;
  const startedAt = performance.now();
  try {
    const fresh = await session.begin(slice, run.attempt, care, run.port);
    const counts: Counts = { rowsRead: 0, rowsFiltered: 0, bytesSent: 0 };
    let rowsLoaded = 0;
    let rowsRejected = 0;
    if (fresh) {
      failpoint('slice.begun');
      await sendBatches(run, counts);
      failpoint('slice.sent');
      rowsLoaded = await session.commit(counts);
      rowsRejected = care === 'none' && !isVerifier(session) ? 0 : (session.rejects?.().length ?? 0);
      checkLoaded(counts, rowsLoaded + rowsRejected);
    }
    const receipt: Receipt = {
      sliceId: slice.id,
      inputId: slice.inputId,
      ...counts,
      rowsLoaded,
      rowsRejected,
      changes: fresh ? (session.changes?.() ?? []) : [],
      elapsedMs: performance.now() - startedAt,
      attempt: run.attempt,
      alreadyCommitted: !fresh,
    };
    return { ok: true, receipt: isVerifier(session) ? { ...receipt, digest: session.digest() } : receipt };
  } catch (cause) {
    const error = toParloadError(cause).at({ input: slice.inputUri, slice: slice.id });
    // The interface forbids a throw here; a connector that breaks this must not hide the first error.
    await session.rollback(error).catch(() => undefined);
    return { ok: false, error: toWire(error) };
  }
}

const isVerifier = (session: SinkSession): session is VerifySession => 'digest' in session;

/** A part of the target, to be compared. Never throws. */
export async function scanSlice(run: SliceRun): Promise<SliceResult> {
  const { slice, session } = run;
  const startedAt = performance.now();
  const meter = new ProgressMeter(run.onProgress);
  const sums = { rows: 0, bytes: 0 };
  try {
    if (!isVerifier(session)) throw new ParloadError('UNEXPECTED', 'this session reads no target');
    await session.scan(slice, (rows, bytes) => {
      sums.rows += rows;
      sums.bytes += bytes;
      meter.add(rows, bytes);
    });
    meter.flush();
    const receipt: Receipt = {
      sliceId: slice.id,
      inputId: slice.inputId,
      rowsRead: sums.rows,
      rowsFiltered: 0,
      rowsLoaded: 0,
      bytesSent: sums.bytes,
      changes: [],
      elapsedMs: performance.now() - startedAt,
      attempt: run.attempt,
      alreadyCommitted: false,
      digest: session.digest(),
    };
    return { ok: true, receipt };
  } catch (cause) {
    const error = toParloadError(cause).at({ slice: slice.id });
    await session.rollback(error).catch(() => undefined);
    return { ok: false, error: toWire(error) };
  }
}

async function sendBatches(run: SliceRun, counts: Counts): Promise<void> {
  const { slice, session, source } = run;
  const meter = new ProgressMeter(run.onProgress);
  // Rows are counted here, where they leave; a source's own reports would count them twice.
  const reader = source.open(slice, { stop: run.stop, progress: () => undefined });
  try {
    for await (const batch of reader) {
      if (run.stop.level() === 2) throw new ParloadError('INTERRUPTED', 'stopped in the middle of a slice');
      const read = selectedCount(batch);
      if (counts.rowsRead === 0) failpoint('slice.first-batch');
      counts.rowsRead += read;
      // Checked before sending: a source that gives more than planned must not fill the target first.
      if (counts.rowsRead > slice.rowCount) throw wrongRowCount(slice, counts.rowsRead);
      const rows = run.transform(batch);
      const kept = selectedCount(rows);
      counts.rowsFiltered += read - kept;
      const bytes = kept === 0 ? 0 : await session.write(rows);
      counts.bytesSent += bytes;
      meter.add(read, bytes);
    }
  } finally {
    await reader.close();
  }
  meter.flush();
  if (counts.rowsRead !== slice.rowCount) throw wrongRowCount(slice, counts.rowsRead);
}

const wrongRowCount = (slice: Slice, found: number): ParloadError =>
  new ParloadError(
    'SOURCE_CHANGED',
    `the slice gave ${found > slice.rowCount ? 'at least ' : ''}${found} rows where ${slice.rowCount} were planned`,
  );

function checkLoaded(counts: Counts, rowsLoaded: number): void {
  const sent = counts.rowsRead - counts.rowsFiltered;
  if (rowsLoaded === sent) return;
  throw new ParloadError('COUNT_DIFFERS', `${sent} rows were sent, the target counts ${rowsLoaded}`, {
    hint: 'The sink confirmed a slice with a wrong count, which is a bug; compare the table with the input before using it.',
  });
}
