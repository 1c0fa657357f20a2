import * as z from 'zod';

const duration = z
  .union([z.string().regex(/^\s*\d+(\.\d+)?\s*(ms|s|m|min|h)?\s*$/i), z.number().nonnegative()])
  .describe('Duration: 500ms, 30s, 5m; a plain number is seconds');

export const parquetOptions = z.strictObject({
  /** Paths, globs, folders and file:// URIs, in the order in which they are loaded. */
  paths: z.array(z.string().min(1)).min(1),
  hivePartitioning: z.enum(['auto', 'on', 'off']).default('auto'),
  endpointUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the object store is'),
  region: z.string().min(1).optional().describe('Region of the bucket'),
  profile: z.string().min(1).optional().describe('Profile of the shared AWS files or of ~/.ossutilconfig'),
  pathStyle: z.boolean().optional().describe('Bucket in the path; default with endpointUrl'),
  signRequest: z.boolean().optional().describe('false: anonymous'),
  requestPayer: z.enum(['requester']).optional().describe('Pay for requests to a requester-pays bucket'),
  caBundle: z.string().min(1).optional().describe('File with certificates to trust besides the known ones'),
  connectTimeout: duration.optional().describe('For one host to answer; default 10s'),
  readTimeout: duration.optional().describe('For the next bytes of an answer; default 60s'),
  spool: z.boolean().optional().describe('Copy what a web server gives only as a whole to a temporary file'),
});

export type ParquetOptions = z.infer<typeof parquetOptions>;
