// The rows of files as batches, by the product's own source, in this process. For the floor and the micro benchmarks.
import { resolveJob } from '../src/config/resolve.ts';
import type { ArrowBatch, ArrowSchema, PlanHints, Slice, SliceContext, Source } from '../src/model/index.ts';
import { sourceModule } from '../src/registry.ts';
import { MiB } from '../src/runtime/index.ts';

export interface OpenSource {
  readonly schema: ArrowSchema;
  readonly slices: readonly Slice[];
  /** Each batch lives until the next is asked for. */
  batches(slice: Slice): AsyncGenerator<ArrowBatch, void, void>;
  close(): Promise<void>;
}

const MEMORY_BYTES = 256 * MiB;
const BATCH_BYTES = MiB;
const CONTEXT: SliceContext = { stop: { level: () => 0 }, progress: () => undefined };

async function* batchesOf(reader: Source, slice: Slice): AsyncGenerator<ArrowBatch, void, void> {
  const batches = reader.open(slice, CONTEXT);
  try {
    for await (const batch of batches) yield batch;
  } finally {
    await batches.close();
  }
}

export async function openSource(
  paths: readonly string[],
  slice: PlanHints['slice'] = { kind: 'auto' },
): Promise<OpenSource> {
  const job = await resolveJob({ source: [...paths], sink: 'null:' });
  const module = await sourceModule(job.source.kind);
  const shared = await module.share();
  const planner = await module.planner(job.source.options, shared);
  const { schema } = await planner.inspect();
  const hints: PlanHints = { slice, workers: 1, bytesPerWorker: MEMORY_BYTES, committed: {} };
  const plan = await planner.plan({ columns: null, pruner: null }, hints);
  const read = { columns: null, batchRows: null, batchBytes: BATCH_BYTES, memoryBytes: MEMORY_BYTES };
  const reader = await module.reader(job.source.options, shared, planner.ticket(), read);
  return {
    schema,
    slices: plan.slices,
    batches: (one) => batchesOf(reader, one),
    close: async () => {
      await reader.close();
      await planner.close();
    },
  };
}
