// Makes the floor's file with our own decoder and encoder: node dist/bench/floor/make.js OUT SOURCE...
import { createPgCopyEncoder, defaultPgType } from '../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowBatch, Encoder } from '../../src/model/index.ts';
import { selectedCount } from '../../src/model/index.ts';
import { MiB } from '../../src/runtime/index.ts';
import { openSource } from '../source.ts';
import { CopyFileWriter } from './copy-file.ts';

const BLOCK_BYTES = 4 * MiB;

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
  const source = await openSource(sources);
  const columns = source.schema.fields.map((field) => ({ name: field.name, type: defaultPgType(field) }));
  const encoder = createPgCopyEncoder(source.schema, columns);
  const out = new CopyFileWriter(path);
  const block = new Uint8Array(BLOCK_BYTES);
  for (const slice of source.slices) {
    for await (const batch of source.batches(slice)) encodeBatch(encoder, batch, block, out);
  }
  out.close();
  await source.close();
}

const [path = '', ...sources] = process.argv.slice(2);
await make(path, sources);
