import type { SourceModule } from '../../model/index.ts';
import { compileDecoder } from '../../parquet/decoder.ts';
import { type ParquetOptions, parquetOptions } from './options.ts';
import { ParquetPlanner } from './planner.ts';
import { ParquetReader } from './reader.ts';
import { ticketOf } from './ticket.ts';

export { inspectParquet, type ParquetInspection } from './inspect.ts';
export { manifest } from './manifest.ts';

export const source: SourceModule<ParquetOptions> = {
  kind: 'parquet',
  options: parquetOptions,
  share: compileDecoder,
  planner: async (options, shared) => new ParquetPlanner(options, shared as WebAssembly.Module),
  reader: async (_options, shared, ticket, read) =>
    new ParquetReader(shared as WebAssembly.Module, ticketOf(ticket), read),
};
