import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ParloadError } from '../../errors/index.ts';
import { parseDurationMs } from '../../runtime/index.ts';

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

// Kept as text and parsed where it is used: options are validated on the main thread and again in each worker,
// so a transform that does not give its own input back would change the value the second time.
const duration = z
  .union([z.string().regex(/^\s*\d+(\.\d+)?\s*(ms|s|m|min|h)?\s*$/i), z.number().nonnegative()])
  .describe('Duration: 500ms, 30s, 5m; a plain number is seconds');

export const options = z.strictObject({
  url: z.string().describe('libpq URI; what it leaves out comes from PG* variables'),
  table: z.string().min(1).describe('Target table: name, schema.name, "quoted"."names"; case is kept'),
  createTable: z.enum(['auto', 'never', 'only']).default('auto').describe('What to do when it is missing'),
  mode: z.enum(['append']).default('append').describe('How rows meet those already there'),
  preSql: z.string().optional().describe('SQL text, or @file, run once before the load'),
  postSql: z.string().optional().describe('SQL text, or @file, run once after the load'),
  analyze: z.boolean().default(false).describe('ANALYZE the table after the load'),
  sslmode: z.enum(SSL_MODES).optional().describe('As libpq; default prefer'),
  sslrootcert: z.string().optional().describe('File with the certificates to trust, or "system"'),
  sslcert: z.string().optional().describe('Client certificate file'),
  sslkey: z.string().optional().describe('Key file of the client certificate'),
  passwordFile: z.string().optional().describe('File whose first line is the password'),
  connectTimeout: duration.optional().describe('For one host to answer; default 10s'),
  stallTimeout: duration.default('60s').describe('Give a connection up that takes no byte for so long'),
  lockTimeout: duration.default('60s').describe('Longest wait for a lock in the target'),
});

export type PostgresOptions = z.output<typeof options>;

/** Milliseconds; a plain number is seconds, as in libpq. */
export const durationMs = (value: string | number, option: string): number =>
  parseDurationMs(String(value), option);

/** The text itself, or the content of the file after `@`. */
export function sqlText(value: string, option: string): string {
  if (!value.startsWith('@')) return value;
  try {
    return readFileSync(value.slice(1), 'utf8');
  } catch (cause) {
    throw new ParloadError('CONFIG_INVALID', `${option}: cannot read ${value.slice(1)}`, {
      where: { option },
      cause,
      hint: 'Write --pre-sql @path/to/file.sql, or the SQL itself.',
    });
  }
}
