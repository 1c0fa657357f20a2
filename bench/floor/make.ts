// Makes the floor's file with our own decoder and encoder: node dist/bench/floor/make.js OUT SOURCE...
import { resolveJob } from '../../src/config/resolve.ts';
import { createPgCopyEncoder, defaultPgType } from '../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowBatch, ArrowSchema, Encoder, SliceContext } from '../../src/model/index.ts';
import { selectedCount } from '../../src/model/index.ts';
import { sourceModule } from '../../src/registry.ts';
import { MiB } from '../../src/runtime/index.ts';
import { CopyFileWriter } from './copy-file.ts';

const MEMORY_BYTES = 256 * MiB;
const BATCH_BYTES = MiB;

const encoderFor = (schema: ArrowSchema): Encoder =>
  createPgCopyEncoder(
    schema,
    schema.fields.map((field) => ({ name: field.name, type: defaultPgType(field) })),
  );

function encodeBatch(encoder: Encoder, batch: ArrowBatch, block: Uint8Array, out: CopyFileWriter): void {
  const total = selectedCount(batch);
  for (let from = 0; from < total; ) {
    let target = block;
    let { rows, end } = encoder.encode(batch, from, target, 0);
    if (rows === 0) {
      target = new Uint8Array(encoder.rowBytes(batch, from));
      ({ rows, end } = encoder.encode(batch, from, target, 0));
    }
    out.add(target.subarray(0, end), rows);
    from += rows;
  }
  out.edge();
}

async function make(path: string, sources: readonly string[]): Promise<void> {
  const job = await resolveJob({ source: [...sources], sink: 'null:' });
  const module = await sourceModule(job.source.kind);
  const shared = await module.share();
  const planner = await module.planner(job.source.options, shared);
  const { schema } = await planner.inspect();
  const plan = await planner.plan(
    { columns: null, pruner: null },
    { slice: { kind: 'auto' }, workers: 1, bytesPerWorker: MEMORY_BYTES, committed: {} },
  );
  const read = { columns: null, batchRows: null, batchBytes: BATCH_BYTES, memoryBytes: MEMORY_BYTES };
  const reader = await module.reader(job.source.options, shared, planner.ticket(), read);
  const encoder = encoderFor(schema);
  const out = new CopyFileWriter(path);
  const block = new Uint8Array(4 * MiB);
  const context: SliceContext = { stop: { level: () => 0 }, progress: () => undefined };
  for (const slice of plan.slices) {
    const batches = reader.open(slice, context);
    for await (const batch of batches) encodeBatch(encoder, batch, block, out);
    await batches.close();
  }
  out.close();
  await reader.close();
  await planner.close();
}

const [path = '', ...sources] = process.argv.slice(2);
await make(path, sources);
