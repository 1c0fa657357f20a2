// Parquet to Arrow, by shape: one file of some row groups, read from the page cache.
import type { PreparedData } from '../datasets/prepare.ts';
import { openSource } from '../source.ts';
import type { Kernel } from './measure.ts';

export const SHAPES = ['taxi', 'lineitem', 'wide', 'tiny-groups'] as const;

export const decodeKernels = (data: (name: string) => Promise<PreparedData>): Kernel[] =>
  SHAPES.map((shape) => ({
    name: `decode ${shape}`,
    unit: 'rows',
    data: `micro-${shape}`,
    prepare: async () => {
      const { sources } = await data(`micro-${shape}`);
      const source = await openSource(sources);
      let turn = 0;
      return {
        round: async () => {
          const slice = source.slices[turn++ % source.slices.length]!;
          let rows = 0;
          for await (const batch of source.batches(slice)) rows += batch.length;
          return rows;
        },
        close: () => source.close(),
      };
    },
  }));
