import type { ConnectorManifest } from '../../model/index.ts';
import { storageFlags, storageSchemes } from '../../storage/flags.ts';
import { PARQUET_EXTENSIONS } from './extensions.ts';

export const manifest: ConnectorManifest = {
  kind: 'parquet',
  summary: 'Parquet files: paths, globs, folders with hive partitions; s3://, oss://, https://',
  schemes: storageSchemes,
  extensions: PARQUET_EXTENSIONS,
  flags: [
    {
      flag: '--hive-partitioning',
      key: 'hivePartitioning',
      kind: 'string',
      choices: ['auto', 'on', 'off'],
      placeholder: 'mode',
      help: 'make columns of key=value folders; auto: when every file of a folder or glob has the same keys',
      defaultText: 'auto',
    },
    ...storageFlags,
  ],
  example: "parload copy 'data/**/*.parquet' postgres://localhost/db --table t",
};
