// What option values mean. Apart from the schema, so that workers do not load zod.
import { readFileSync } from 'node:fs';
import { ParloadError } from '../../errors/index.ts';
import { parseDurationMs } from '../../runtime/index.ts';

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

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
      hint: 'Write @path/to/file.sql, or the SQL itself.',
    });
  }
}
