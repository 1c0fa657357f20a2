// The storages of a job, from its options.

import type { Json } from '../../model/index.ts';
import { parseDurationMs } from '../../runtime/index.ts';
import { Stores } from '../../storage/index.ts';
import type { ParquetOptions } from './options.ts';

const milliseconds = (value: string | number | undefined, option: string): number | undefined =>
  value === undefined ? undefined : parseDurationMs(String(value), option);

export function storesOf(options: ParquetOptions, ticket: Json = null): Stores {
  const { connectTimeout, readTimeout, endpointUrl, region, profile, pathStyle } = options;
  const { signRequest, requestPayer, caBundle, spool } = options;
  return new Stores(
    {
      endpointUrl,
      region,
      profile,
      pathStyle,
      signRequest,
      requestPayer,
      caBundle,
      spool,
      connectTimeoutMs: milliseconds(connectTimeout, 'connectTimeout'),
      readTimeoutMs: milliseconds(readTimeout, 'readTimeout'),
    },
    ticket,
  );
}
