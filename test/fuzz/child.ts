// A process that reads damaged files, so that a crash, a hang or too much memory is seen and stopped.
import { rmSync, writeFileSync } from 'node:fs';
import { ParloadError } from '../../src/errors/index.ts';
import { selectedCount } from '../../src/model/index.ts';
import { MiB } from '../../src/runtime/index.ts';
import { source } from '../../src/sources/parquet/index.ts';

export interface Verdict {
  /** wrong: other rows than planned. crashed: an error that is none of ours, or says that it is a bug. */
  readonly kind: 'read' | 'refused' | 'wrong' | 'crashed';
  readonly code: string;
  readonly message: string;
  readonly place: readonly string[];
  readonly rows: number;
  readonly peakBytes: number;
}

export interface Question {
  readonly path: string;
  readonly bytes: string;
  /** Of one slice, so that slices begin in the middle of pages. */
  readonly sliceRows: number | null;
}

/** What a worker would have; files of the corpus need a fraction of it. */
const MEMORY_BYTES = 128 * MiB;

const shared = await source.share();

async function readAll(path: string, sliceRows: number | null): Promise<{ rows: number; planned: number }> {
  const options = (await source.options()).parse({ paths: [path], hivePartitioning: 'off' });
  const planner = await source.planner(options, shared);
  try {
    const { inputs } = await planner.inspect();
    const { slices } = await planner.plan(
      { columns: null, pruner: null },
      {
        slice: sliceRows === null ? { kind: 'auto' } : { kind: 'rows', rows: sliceRows },
        workers: 1,
        bytesPerWorker: MEMORY_BYTES,
        committed: {},
      },
    );
    const read = { columns: null, batchRows: null, batchBytes: MiB, memoryBytes: MEMORY_BYTES };
    const reader = await source.reader(options, shared, structuredClone(planner.ticket()) as never, read);
    let rows = 0;
    try {
      for (const slice of slices) {
        const batches = reader.open(slice, { stop: { level: () => 0 }, progress: () => undefined });
        try {
          for await (const batch of batches) rows += selectedCount(batch);
        } finally {
          await batches.close();
        }
      }
    } finally {
      await reader.close();
    }
    return { rows, planned: inputs.reduce((sum, input) => sum + input.rowCount, 0) };
  } finally {
    await planner.close();
  }
}

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;

async function judge({ path, bytes, sliceRows }: Question): Promise<Verdict> {
  const verdict = (kind: Verdict['kind'], more: Partial<Verdict> = {}): Verdict => ({
    kind,
    code: '',
    message: '',
    place: [],
    rows: 0,
    peakBytes: peakBytes(),
    ...more,
  });
  writeFileSync(path, Buffer.from(bytes, 'base64'));
  try {
    const { rows, planned } = await readAll(path, sliceRows);
    if (rows === planned) return verdict('read', { rows });
    return verdict('wrong', { rows, message: `${rows} rows of ${planned} planned` });
  } catch (error) {
    if (!ParloadError.is(error) || error.code === 'UNEXPECTED') {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return verdict('crashed', { message });
    }
    return verdict('refused', { code: error.code, message: error.message, place: Object.keys(error.where) });
  } finally {
    rmSync(path, { force: true });
  }
}

process.on('message', (question: Question) => {
  void judge(question).then((verdict) => process.send?.(verdict));
});
