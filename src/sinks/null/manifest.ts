import type { ConnectorManifest } from '../../model/index.ts';

export const manifest: ConnectorManifest = {
  kind: 'null',
  summary: 'Counts rows and forgets them; null:pg also encodes them as for Postgres. For measuring a source',
  schemes: ['null'],
  extensions: [],
  example: 'parload copy flights.parquet null:',
  flags: [],
};
