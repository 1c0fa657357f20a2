// The file of rejected rows. Which rows they are, the ledger knows; the rows themselves are read from the sources again.
// So the file is the same whoever writes it, however often, and after whatever crash.
import type { ResolvedJob } from '../config/resolved.ts';
import { ParloadError } from '../errors/index.ts';
import type {
  ArrowBatch,
  ArrowColumn,
  ArrowField,
  InputReject,
  RowRange,
  Slice,
  Source,
} from '../model/index.ts';
import { ParquetWriter } from '../parquet/write/index.ts';
import { sourceModule } from '../registry.ts';
import { subtractRanges } from '../runtime/index.ts';
import { createObject } from '../storage/index.ts';
import type { OpenJob } from './open.ts';
import { int32Column, int64Column, textColumn } from './plain-columns.ts';
import { REJECT_FIELDS, REJECTS_KEY } from './reject-fields.ts';

/** Rejected rows that lie closer together than this are read in one go. */
const GAP_ROWS = 4096;

export interface RejectsFile {
  readonly path: string;
  /** Says whose rejects these are. */
  readonly job: string;
  /** By input and row. */
  readonly rejects: readonly InputReject[];
  readonly memoryBytes: number;
}

/** Overwrites; the file appears when it is complete. */
export async function writeRejects(job: ResolvedJob, open: OpenJob, file: RejectsFile): Promise<void> {
  const { schema } = await open.source.inspect();
  const slices = await slicesOf(open, file);
  const sources = await sourceModule(job.source.kind);
  const reader = await sources.reader(job.source.options, open.shared, open.source.ticket(), {
    columns: null,
    batchRows: null,
    batchBytes: job.batchBytes,
    memoryBytes: file.memoryBytes,
  });
  const sink = await createObject(file.path);
  try {
    const own = schema.fields.filter((f) => !REJECT_FIELDS.some(({ name }) => name === f.name));
    const writer = new ParquetWriter(
      { fields: [...own, ...REJECT_FIELDS] },
      { write: (bytes) => sink.write(bytes), keyValues: { [REJECTS_KEY]: file.job } },
    );
    for (const slice of slices)
      await addSlice(writer, { reader, planner: open.source, slice, own }, file.rejects);
    if (writer.rows !== file.rejects.length) {
      throw new ParloadError(
        'SOURCE_CHANGED',
        `${file.rejects.length} rows were rejected, ${writer.rows} of them were found again`,
      );
    }
    await writer.finish();
    await sink.finish();
  } finally {
    await sink.abort();
    await reader.close();
  }
}

/** Slices of the rejected rows and of few others: everything else counts as done. */
async function slicesOf(open: OpenJob, { rejects, memoryBytes }: RejectsFile): Promise<readonly Slice[]> {
  const committed: Record<string, RowRange[]> = {};
  for (const { id, rowCount } of open.inputs) {
    const wanted: { start: number; end: number }[] = [];
    for (const { inputId, row } of rejects) {
      if (inputId !== id) continue;
      const last = wanted.at(-1);
      if (last !== undefined && row - last.end < GAP_ROWS) last.end = row + 1;
      else wanted.push({ start: row, end: row + 1 });
    }
    committed[id] = subtractRanges({ start: 0, end: rowCount }, wanted);
  }
  const hints = { slice: { kind: 'auto' }, workers: 1, bytesPerWorker: memoryBytes, committed } as const;
  return (await open.source.plan({ columns: null, pruner: null }, hints)).slices;
}

interface SliceParts {
  readonly reader: Source;
  readonly planner: Source;
  readonly slice: Slice;
  /** Columns of the source that are kept. */
  readonly own: readonly ArrowField[];
}

async function addSlice(
  writer: ParquetWriter,
  { reader, planner, slice, own }: SliceParts,
  all: readonly InputReject[],
): Promise<void> {
  const end = slice.rowStart + slice.rowCount;
  const rejects = all.filter((r) => r.inputId === slice.inputId && r.row >= slice.rowStart && r.row < end);
  const batches = reader.open(slice, { stop: { level: () => 0 }, progress: () => undefined });
  try {
    for await (const batch of batches) {
      const here = rejects.filter((r) => r.row >= batch.rowStart && r.row < batch.rowStart + batch.length);
      if (here.length === 0) continue;
      const groups: number[] = [];
      for (const { row } of here) groups.push((await planner.partOf?.(slice.inputId, row)) ?? -1);
      await writer.add(withReasons(batch, own, here, { uri: slice.inputUri, groups }));
    }
  } finally {
    await batches.close();
  }
}

/** The rejected rows of a batch as a batch of their own; the columns of reasons have a value a row of it. */
function withReasons(
  batch: ArrowBatch,
  own: readonly ArrowField[],
  rejects: readonly InputReject[],
  place: { readonly uri: string; readonly groups: readonly number[] },
): ArrowBatch {
  const selection = Int32Array.from(rejects, (r) => r.row - batch.rowStart);
  const byRow = <T>(value: (k: number) => T): (T | null)[] => {
    const values = new Array<T | null>(batch.length).fill(null);
    selection.forEach((index, k) => {
      values[index] = value(k);
    });
    return values;
  };
  const reasons: ArrowColumn[] = [
    textColumn(byRow((k) => rejects[k]!.reason)),
    textColumn(byRow((k) => rejects[k]!.column)),
    textColumn(byRow(() => place.uri)),
    int32Column(byRow((k) => (place.groups[k]! < 0 ? null : place.groups[k]!))),
    int64Column(byRow((k) => rejects[k]!.row)),
  ];
  const columns = own.map(
    (f) => batch.columns[batch.schema.fields.findIndex(({ name }) => name === f.name)]!,
  );
  return {
    schema: { fields: [...own, ...REJECT_FIELDS] },
    columns: [...columns, ...reasons],
    length: batch.length,
    selection,
    rowStart: batch.rowStart,
  };
}
