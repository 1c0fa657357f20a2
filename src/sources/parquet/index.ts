import type { SourceModule } from '../../model/index.ts';
import { compileZstd } from '../../parquet/codecs/index.ts';
import type { ParquetOptions } from './options.ts';
import { ParquetReader } from './reader.ts';
import { storesOf } from './stores.ts';
import { ticketOf } from './ticket.ts';

export const source: SourceModule<ParquetOptions> = {
  kind: 'parquet',
  options: async () => (await import('./options.ts')).parquetOptions,
  share: compileZstd,
  planner: async (options) => {
    const { ParquetPlanner } = await import('./planner.ts');
    return new ParquetPlanner(options);
  },
  reader: async (options, shared, ticket, read) => {
    const plain = ticketOf(ticket);
    return new ParquetReader(storesOf(options, plain.stores), shared as WebAssembly.Module, plain, read);
  },
};
