// What option values mean. Apart from the schema, so that workers do not load zod.
import { readFileSync } from 'node:fs';
import { ParloadError } from '../../errors/index.ts';
import { parseDurationMs } from '../../runtime/index.ts';

export const SSL_MODES = ['require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Milliseconds; a plain number is seconds. */
export const durationMs = (value: string | number, option: string): number =>
  parseDurationMs(String(value), option);

export function readOptionFile(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ParloadError('CONFIG_INVALID', `${option}: cannot read ${path}`, { where: { option }, cause });
  }
}

/** The text itself, or the content of the file after `@`. */
export const sqlText = (value: string, option: string): string =>
  value.startsWith('@') ? readOptionFile(value.slice(1), option) : value;
