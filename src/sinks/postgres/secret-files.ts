// ~/.pgpass, ~/.pg_service.conf and --password-file, as libpq reads them.
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ParloadError } from '../../errors/index.ts';
import type { Params } from './uri.ts';

export interface PassKey {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Fields of one line; `\:` and `\\` are literal. */
function splitLine(line: string): string[] {
  const fields = [''];
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === '\\' && i + 1 < line.length) fields[fields.length - 1] += line[++i]!;
    else if (c === ':' && fields.length < 5) fields.push('');
    else fields[fields.length - 1] += c;
  }
  return fields;
}

export function findPassword(content: string, key: PassKey): string | null {
  const wanted = [key.host, String(key.port), key.database, key.user];
  for (const line of content.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = splitLine(line);
    if (fields.length === 5 && wanted.every((w, i) => fields[i] === '*' || fields[i] === w))
      return fields[4]!;
  }
  return null;
}

export interface PassLookup {
  readonly password: string | null;
  /** Why a file that exists was not used. */
  readonly note: string | null;
}

/** A file that others may read is not used, as libpq does. */
export function passFileLookup(path: string | null, key: PassKey): PassLookup {
  const file = path ?? join(homedir(), '.pgpass');
  try {
    const stat = statSync(file);
    // Not a file (/dev/null) means: no passwords.
    if (!stat.isFile()) return { password: null, note: null };
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      return { password: null, note: `${file} was not used: others may read it; run chmod 0600 on it` };
    }
    return { password: findPassword(readFileSync(file, 'utf8'), key), note: null };
  } catch {
    return { password: null, note: null };
  }
}

export function readPasswordFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/)[0]!;
  } catch (cause) {
    throw new ParloadError('CONFIG_INVALID', `--password-file: cannot read ${path}`, {
      where: { option: 'passwordFile' },
      cause,
      hint: 'Check the path and that this user may read the file.',
    });
  }
}

export function parseServiceFile(content: string, service: string): Params | null {
  let inside = false;
  let found: Record<string, string> | null = null;
  for (const raw of content.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const section = /^\[(.*)\]$/.exec(line);
    if (section !== null) {
      inside = section[1] === service;
      if (inside) found ??= {};
    } else if (inside && found !== null) {
      const equals = line.indexOf('=');
      if (equals > 0) found[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
    }
  }
  return found;
}

export function readService(service: string, env: NodeJS.ProcessEnv): Params {
  const files = [
    env.PGSERVICEFILE ?? join(homedir(), '.pg_service.conf'),
    ...(env.PGSYSCONFDIR === undefined ? [] : [join(env.PGSYSCONFDIR, 'pg_service.conf')]),
  ];
  for (const file of files) {
    let content: string;
    try {
      content = readFileSync(file, 'utf8');
    } catch {
      continue;
    }
    const found = parseServiceFile(content, service);
    if (found !== null) return found;
  }
  throw new ParloadError('CONFIG_INVALID', `the service "${service}" is in none of: ${files.join(', ')}`, {
    where: { option: 'service' },
    hint: 'Correct PGSERVICE, or set PGSERVICEFILE to the file that has it.',
  });
}
