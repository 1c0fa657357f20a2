// Arrow to rows of binary COPY: each type by itself, and many columns together.
import { createPgCopyEncoder, defaultPgType } from '../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowBatch } from '../../src/model/index.ts';
import { MiB } from '../../src/runtime/index.ts';
import { batchOf, type ColumnShape, ROWS, SHAPES, shapeOf } from './columns.ts';
import type { Kernel, Prepared } from './measure.ts';

/** Values of a type by itself: enough columns that what a row costs is shared. */
const COLUMNS = 8;

/** Encodes the whole batch and forgets it; returns the bytes. */
function encoding(batch: ArrowBatch): () => number {
  const { schema } = batch;
  const columns = schema.fields.map((field) => ({ name: field.name, type: defaultPgType(field) }));
  const encoder = createPgCopyEncoder(schema, columns);
  const out = new Uint8Array(MiB);
  return () => {
    let bytes = 0;
    // A new batch each time, as a decoder gives them: binding to it is part of the cost.
    const fresh = { ...batch };
    for (let from = 0; from < batch.length; ) {
      const { rows, end } = encoder.encode(fresh, from, out, 0);
      if (rows === 0) throw new Error('a row does not fit into a block');
      from += rows;
      bytes += end;
    }
    return bytes;
  };
}

const ofType = (shape: ColumnShape): Kernel => ({
  name: `encode ${shape.name}`,
  unit: 'values',
  prepare: async (): Promise<Prepared> => {
    const encode = encoding(batchOf(Array.from({ length: COLUMNS }, () => shape)));
    return {
      round: () => {
        encode();
        return ROWS * COLUMNS;
      },
    };
  },
});

const ofWidth = (columns: number): Kernel => ({
  name: `encode ${columns} columns`,
  unit: 'bytes',
  prepare: async () => {
    const kinds = ['int32', 'float64', 'int64', 'timestamp us'].map(shapeOf);
    return { round: encoding(batchOf(Array.from({ length: columns }, (_, i) => kinds[i % kinds.length]!))) };
  },
});

export const encodeKernels: readonly Kernel[] = [...SHAPES.map(ofType), ...[19, 400, 1000].map(ofWidth)];
