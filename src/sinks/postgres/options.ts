import * as z from 'zod';
import { SSL_MODES } from './settings.ts';

const duration = z
  .union([z.string().regex(/^\s*\d+(\.\d+)?\s*(ms|s|m|min|h)?\s*$/i), z.number().nonnegative()])
  .describe('Duration: 500ms, 30s, 5m; a plain number is seconds');

const names = z
  .union([z.string().transform((text) => text.split(',').map((name) => name.trim())), z.array(z.string())])
  .refine((list) => list.length > 0 && list.every((name) => name !== ''), 'names no column');

const texts = z.union([
  z
    .string()
    .min(1)
    .transform((text) => [text]),
  z.array(z.string().min(1)),
]);

export const options = z.strictObject({
  url: z.string().describe('libpq URI; what it leaves out comes from PG* variables'),
  table: z.string().min(1).describe('Target table: name, schema.name, "quoted"."names"; case is kept'),
  createTable: z.enum(['auto', 'never', 'only']).default('auto').describe('What to do when it is missing'),
  mode: z
    .enum(['append', 'replace', 'upsert'])
    .default('append')
    .describe('How rows meet those already there: added, in their place, or merged by key'),
  atomic: z
    .enum(['slice', 'staging', 'transaction'])
    .optional()
    .describe('What readers see at once; default slice for append, staging for replace and upsert'),
  key: names.optional().describe('upsert: columns that tell rows apart; they need a unique index'),
  onConflict: z
    .enum(['update', 'nothing', 'error'])
    .optional()
    .describe('upsert: rows whose key is there already; default update'),
  duplicates: z
    .enum(['error', 'last', 'first'])
    .optional()
    .describe(
      'upsert: rows of the input that share a key; last and first by their order in it; default error',
    ),
  indexes: z
    .enum(['keep', 'rebuild'])
    .default('keep')
    .describe(
      'append: leave indexes as they are, or drop those that are not unique and build them again after the load',
    ),
  preSql: z.string().optional().describe('SQL text, or @file, run once before the load'),
  postSql: z.string().optional().describe('SQL text, or @file, run once after the load'),
  notNull: names.optional().describe('Columns of the table that must hold no NULL when everything is loaded'),
  check: texts
    .optional()
    .describe('SQL, or @file, that must return no row when everything is loaded; {table} is the table'),
  minRows: z
    .union([z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)])
    .optional()
    .describe('Rows that must at least be loaded'),
  analyze: z.boolean().default(false).describe('ANALYZE the table after the load'),
  sslmode: z.enum(SSL_MODES).optional().describe('As libpq; default prefer'),
  sslrootcert: z.string().optional().describe('File with the certificates to trust, or "system"'),
  sslcert: z.string().optional().describe('Client certificate file'),
  sslkey: z.string().optional().describe('Key file of the client certificate'),
  passwordFile: z.string().optional().describe('File whose first line is the password'),
  passwordCommand: z
    .string()
    .min(1)
    .optional()
    .describe('Shell command, run once at the start, whose first line of output is the password'),
  connectTimeout: duration.optional().describe('For one host to answer; default 10s'),
  stallTimeout: duration.default('60s').describe('Give a connection up that takes no byte for so long'),
  lockTimeout: duration.default('60s').describe('Longest wait for a lock in the target'),
  statementTimeout: duration
    .optional()
    .describe(
      "Longest time for a statement of a slice's transaction; default none, whatever the server's own",
    ),
});

export type PostgresOptions = z.output<typeof options>;
