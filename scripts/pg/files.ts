// The files of a data directory that we write: settings, who may connect, certificates. All owned by the server's account.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { RunAs } from './binaries.ts';

export type Settings = Readonly<Record<string, string | number | boolean>>;

/**
 * PEM files. The embedded build has TLS (OpenSSL 1.1.1: `postgres -C ssl_library` says OpenSSL, TLS 1.2 and 1.3).
 * With `caFile` the server asks clients for certificates; who must have one, `hba` says.
 */
export interface SslFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile?: string;
}

const MARK = '# --- below: written by parload at every start ---';

const quote = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : `'${String(value).replaceAll("'", "''")}'`;

export function giveTo(path: string, account: RunAs | null, mode: number): void {
  chmodSync(path, mode);
  if (account !== null) chownSync(path, account.uid, account.gid);
}

export function makeFolder(path: string, account: RunAs | null): void {
  mkdirSync(path, { recursive: true });
  giveTo(path, account, 0o700);
}

/** Replaces what an earlier start wrote; what initdb found out about the machine stays. */
export function writeSettings(dataDir: string, settings: Settings, account: RunAs | null): void {
  const path = join(dataDir, 'postgresql.conf');
  const [base = ''] = readFileSync(path, 'utf8').split(MARK);
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quote(value)}`);
  writeFileSync(path, `${base.trimEnd()}\n${MARK}\n${lines.join('\n')}\n`);
  giveTo(path, account, 0o600);
}

export function writeHba(dataDir: string, lines: readonly string[], account: RunAs | null): void {
  const path = join(dataDir, 'pg_hba.conf');
  writeFileSync(path, `${lines.join('\n')}\n`);
  giveTo(path, account, 0o600);
}

/** Copies them in, because Postgres refuses a key that others own or can read. Returns the settings for them. */
export function installSsl(dataDir: string, ssl: SslFiles | undefined, account: RunAs | null): Settings {
  if (ssl === undefined) return { ssl: false };
  const files = { ssl_cert_file: ssl.certFile, ssl_key_file: ssl.keyFile, ssl_ca_file: ssl.caFile };
  const settings: Record<string, string | boolean> = { ssl: true };
  for (const [name, source] of Object.entries(files)) {
    if (source === undefined) continue;
    const target = join(dataDir, `${name}.pem`);
    copyFileSync(source, target);
    giveTo(target, account, 0o600);
    settings[name] = target;
  }
  return settings;
}

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** What postmaster.pid says, when the process in it is alive; else null. */
export function runningServer(dataDir: string): PidFile | null {
  const path = join(dataDir, 'postmaster.pid');
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, 'utf8').split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  // After a reboot another program may have the number: a postmaster works in its data directory.
  if (process.platform === 'linux' && !isSameFolder(`/proc/${pid}/cwd`, dataDir)) return null;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

function isSameFolder(a: string, b: string): boolean {
  try {
    const [x, y] = [statSync(a), statSync(b)];
    return x.ino === y.ino && x.dev === y.dev;
  } catch {
    return false;
  }
}

/** The last lines of a log, for an error message. */
export function tailOf(logFile: string, lines = 12): string {
  if (!existsSync(logFile)) return '';
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
