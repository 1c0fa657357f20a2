import * as z from 'zod';

export const parquetOptions = z.strictObject({
  /** Paths, globs, folders and file:// URIs, in the order in which they are loaded. */
  paths: z.array(z.string().min(1)).min(1),
  hivePartitioning: z.enum(['auto', 'on', 'off']).default('auto'),
});

export type ParquetOptions = z.infer<typeof parquetOptions>;
