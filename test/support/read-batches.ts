// Reads a Parquet file in this thread, as a worker would, batch by batch.
import type { ArrowBatch, PlanHints } from '../../src/model/index.ts';
import { MiB } from '../../src/runtime/index.ts';
import { source } from '../../src/sources/parquet/index.ts';

export interface ReadBatchesOptions {
  readonly slice?: PlanHints['slice'];
  readonly batchRows?: number | null;
  readonly columns?: readonly string[] | null;
  readonly memoryBytes?: number;
}

let shared: Promise<unknown> | null = null;

/** A batch lives until the next one is asked for. */
export async function* readBatches(
  path: string,
  options: ReadBatchesOptions = {},
): AsyncGenerator<ArrowBatch, void, void> {
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
  const ticket = structuredClone(planner.ticket()) as never;
  const read = { columns, batchRows: options.batchRows ?? null, batchBytes: MiB, memoryBytes };
  const reader = await source.reader(sourceOptions, await shared, ticket, read);
  try {
    for (const slice of plan.slices) {
      const batches = reader.open(structuredClone(slice), { stop: { level: () => 0 }, progress: () => {} });
      try {
        yield* batches;
      } finally {
        await batches.close();
      }
    }
  } finally {
    await reader.close();
    await planner.close();
  }
}
