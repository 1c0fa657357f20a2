// Reads a Parquet file in this thread, as a worker would: what arrives, cell by cell.
import type { ArrowField, PlanHints } from '../../src/model/index.ts';
import { MiB } from '../../src/runtime/index.ts';
import { source } from '../../src/sources/parquet/index.ts';
import { cellWords } from './arrow-words.ts';

export interface ReadCellsOptions {
  readonly slice?: PlanHints['slice'];
  readonly batchRows?: number | null;
  readonly columns?: readonly string[] | null;
  readonly memoryBytes?: number;
}

export interface Cells {
  readonly fields: readonly ArrowField[];
  readonly rows: number;
  /** By column, then by row. */
  readonly words: readonly (readonly string[])[];
}

let shared: Promise<unknown> | null = null;

/** `mostRows`: stops after so many. */
export async function readCells(
  path: string,
  options: ReadCellsOptions = {},
  mostRows = Number.POSITIVE_INFINITY,
): Promise<Cells> {
  shared ??= source.share();
  const memoryBytes = options.memoryBytes ?? 128 * MiB;
  const sourceOptions = (await source.options()).parse({ paths: [path], hivePartitioning: 'off' });
  const planner = await source.planner(sourceOptions, await shared);
  const columns = options.columns ?? null;
  await planner.inspect();
  const plan = await planner.plan(
    { columns, pruner: null },
    { slice: options.slice ?? { kind: 'auto' }, workers: 1, bytesPerWorker: memoryBytes, committed: {} },
  );
  const read = { columns, batchRows: options.batchRows ?? null, batchBytes: MiB, memoryBytes };
  const reader = await source.reader(
    sourceOptions,
    await shared,
    structuredClone(planner.ticket()) as never,
    read,
  );
  let fields: readonly ArrowField[] = (await planner.inspect()).schema.fields;
  let words: string[][] = fields.map(() => []);
  let rows = 0;
  try {
    for (const slice of plan.slices) {
      const batches = reader.open(structuredClone(slice), { shouldStop: () => false } as never);
      for await (const batch of batches) {
        if (rows === 0) {
          fields = batch.schema.fields;
          words = fields.map(() => []);
        }
        fields.forEach((field, k) => {
          for (const word of cellWords(field, batch.columns[k]!)) words[k]!.push(word);
        });
        rows += batch.length;
        if (rows >= mostRows) break;
      }
      await batches.close();
    }
  } finally {
    await reader.close();
    await planner.close();
  }
  return { fields, rows, words };
}
