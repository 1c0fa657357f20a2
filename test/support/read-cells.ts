// Reads a Parquet file in this thread, as a worker would: what arrives, cell by cell.
import type { ArrowBatch, ArrowField, PlanHints } from '../../src/model/index.ts';
import { MiB } from '../../src/runtime/index.ts';
import { source } from '../../src/sources/parquet/index.ts';
import { cellWords } from './arrow-words.ts';

export interface ReadCellsOptions {
  readonly slice?: PlanHints['slice'];
  readonly batchRows?: number | null;
  readonly columns?: readonly string[] | null;
  readonly memoryBytes?: number;
  /** More options of the source. */
  readonly source?: Readonly<Record<string, unknown>>;
}

export interface Cells {
  readonly fields: readonly ArrowField[];
  readonly rows: number;
  /** By column, then by row. */
  readonly words: readonly (readonly string[])[];
}

let shared: Promise<unknown> | null = null;

/** `onFields` first, then each batch, which lives until `onBatch` returns; it stops when that returns false. */
export async function readBatches(
  path: string,
  options: ReadCellsOptions,
  onFields: (fields: readonly ArrowField[]) => void,
  onBatch: (batch: ArrowBatch) => boolean,
): Promise<void> {
  shared ??= source.share();
  const memoryBytes = options.memoryBytes ?? 128 * MiB;
  const sourceOptions = (await source.options()).parse({
    paths: [path],
    hivePartitioning: 'off',
    ...options.source,
  });
  const planner = await source.planner(sourceOptions, await shared);
  const columns = options.columns ?? null;
  const { schema } = await planner.inspect();
  onFields(schema.fields.filter(({ name }) => columns?.includes(name) ?? true));
  const plan = await planner.plan(
    { columns, pruner: null },
    { slice: options.slice ?? { kind: 'auto' }, workers: 1, bytesPerWorker: memoryBytes, committed: {} },
  );
  const read = { columns, batchRows: options.batchRows ?? null, batchBytes: MiB, memoryBytes };
  const ticket = structuredClone(planner.ticket()) as never;
  const reader = await source.reader(sourceOptions, await shared, ticket, read);
  try {
    for (const slice of plan.slices) {
      const batches = reader.open(structuredClone(slice), { shouldStop: () => false } as never);
      let goesOn = true;
      for await (const batch of batches) {
        goesOn = onBatch(batch);
        if (!goesOn) break;
      }
      await batches.close();
      if (!goesOn) return;
    }
  } finally {
    await reader.close();
    await planner.close();
  }
}

/** `mostRows`: stops after so many. */
export async function readCells(
  path: string,
  options: ReadCellsOptions = {},
  mostRows = Number.POSITIVE_INFINITY,
): Promise<Cells> {
  let fields: readonly ArrowField[] = [];
  let words: string[][] = [];
  let rows = 0;
  const start = (found: readonly ArrowField[]): void => {
    fields = found;
    words = found.map(() => []);
  };
  await readBatches(path, options, start, (batch) => {
    batch.schema.fields.forEach((field, k) => {
      for (const word of cellWords(field, batch.columns[k]!)) words[k]!.push(word);
    });
    rows += batch.length;
    return rows < mostRows;
  });
  return { fields, rows, words };
}
