import * as z from 'zod';
import { SSL_MODES } from './settings.ts';

const duration = z
  .union([z.string().regex(/^\s*\d+(\.\d+)?\s*(ms|s|m|min|h)?\s*$/i), z.number().nonnegative()])
  .describe('Duration: 500ms, 30s, 5m; a plain number is seconds');

const names = z
  .union([z.string().transform((text) => text.split(',').map((name) => name.trim())), z.array(z.string())])
  .refine((list) => list.length > 0 && list.every((name) => name !== ''), 'names no column');

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

export const options = z.strictObject({
  url: z.string().describe('crate://user@host:4200,host2:4200/schema?table=name, or crate+https://'),
  table: z
    .string()
    .min(1)
    .optional()
    .describe('Target table: name, schema.name, "quoted"."names"; case is kept; or in the URL'),
  createTable: z.enum(['auto', 'never', 'only']).default('auto').describe('What to do when it is missing'),
  mode: z
    .enum(['append', 'replace', 'upsert'])
    .default('append')
    .describe('How rows meet those already there: added, in their place, or merged by key'),
  key: names.optional().describe('Columns that tell rows apart: the primary key of a new table'),
  onConflict: z
    .enum(['update', 'nothing', 'error'])
    .optional()
    .describe('Rows whose key is there already; default error, for upsert update'),
  preSql: z.string().optional().describe('SQL text, or @file, run once before the load'),
  postSql: z.string().optional().describe('SQL text, or @file, run once after the load'),
  shards: whole(1, 1024).optional().describe('Shards of a new table'),
  replicas: z
    .union([z.string().regex(/^\d+(-(\d+|all))?$/), z.number().int().nonnegative()])
    .optional()
    .describe('Replicas of a new table: 1, 0-1, 0-all'),
  refreshInterval: duration.optional().describe('How often a new table shows what was written'),
  columnPolicy: z.enum(['strict', 'dynamic']).optional().describe('May inserts add columns to a new table'),
  partitionedBy: names.optional().describe('Columns that a new table is partitioned by'),
  clusteredBy: z.string().optional().describe('Column that says which shard of a new table a row goes to'),
  unindexed: names.optional().describe('Text columns of a new table without index, for long values'),
  tune: z.boolean().default(false).describe('Settings of the table for the load; put back afterwards'),
  bulkRows: whole(1, 1_000_000).default(20_000).describe('Most rows a request'),
  inFlight: whole(1, 64).default(4).describe('Most requests at a time of one worker'),
  gzip: z.enum(['auto', 'on', 'off']).default('auto').describe('Compress requests'),
  passwordFile: z.string().optional().describe('File whose first line is the password'),
  jwtFile: z.string().optional().describe('File with a JSON web token'),
  sslmode: z.enum(SSL_MODES).optional().describe('With crate+https; default verify-full'),
  sslrootcert: z.string().optional().describe('File with the certificates to trust, or "system"'),
  sslcert: z.string().optional().describe('Client certificate file'),
  sslkey: z.string().optional().describe('Key file of the client certificate'),
  connectTimeout: duration.default('10s').describe('For one host to answer'),
  stallTimeout: duration.default('60s').describe('Give a request up that gets no answer for so long'),
});

export type CrateOptions = z.output<typeof options>;
