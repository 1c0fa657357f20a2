import type { SourceModule } from '../../model/index.ts';
import { compileDecoder, type DecoderModules } from '../../parquet/decoder.ts';
import type { ParquetOptions } from './options.ts';
import { ParquetReader } from './reader.ts';
import { storesOf } from './stores.ts';
import { ticketOf } from './ticket.ts';

export const source: SourceModule<ParquetOptions> = {
  kind: 'parquet',
  options: async () => (await import('./options.ts')).parquetOptions,
  share: compileDecoder,
  planner: async (options, shared) => {
    const { ParquetPlanner } = await import('./planner.ts');
    return new ParquetPlanner(options, shared as DecoderModules);
  },
  reader: async (options, shared, ticket, read) => {
    const plain = ticketOf(ticket);
    return new ParquetReader(storesOf(options, plain.stores), shared as DecoderModules, plain, read);
  },
};
