// sslmode with libpq's meaning. pg's own differs (its require verifies), so pg never sees it: dial.ts does the handshake.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { ParloadError } from '../../errors/index.ts';
import type { ConnInfo } from './conninfo.ts';

export interface TlsPlan {
  /** Ways to try in turn: with TLS or without. */
  readonly attempts: readonly boolean[];
  /** For tls.connect; host and servername are added by the dialer. */
  readonly options: ConnectionOptions;
}

const tlsError = (message: string, cause?: unknown, hint?: string): ParloadError =>
  new ParloadError('SINK_TLS', message, {
    where: { option: 'sslmode' },
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });

const ATTEMPTS = {
  disable: [false],
  allow: [false, true],
  prefer: [true, false],
  require: [true],
  'verify-ca': [true],
  'verify-full': [true],
} as const;

const inHome = (name: string): string => join(homedir(), '.postgresql', name);

function readPem(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw tlsError(
      `cannot read the ${what} ${path}`,
      cause,
      'Check the path and that this user may read it.',
    );
  }
}

/** null: the certificates that Node trusts (its own list and NODE_EXTRA_CA_CERTS). undefined: do not verify. */
function rootOf(info: ConnInfo): string | null | undefined {
  if (info.sslrootcert === 'system') return null;
  const path = info.sslrootcert ?? inHome('root.crt');
  if (existsSync(path)) return readPem(path, 'root certificate');
  const verifies = info.sslmode === 'verify-ca' || info.sslmode === 'verify-full';
  if (verifies || info.sslrootcert !== null) {
    throw tlsError(
      `sslmode=${info.sslmode} checks the server's certificate, but the root certificate ${path} does not exist`,
      undefined,
      'Name the CA with --sslrootcert FILE, or --sslrootcert system with --sslmode verify-full.',
    );
  }
  return undefined;
}

/** A key that others may read is refused, as libpq does: 0600, or 0640 when root owns it. */
function checkKeyMode(path: string): void {
  if (process.platform === 'win32') return;
  const stat = statSync(path);
  const allowed = stat.uid === 0 ? 0o640 : 0o600;
  if ((stat.mode & 0o777 & ~allowed) !== 0) {
    throw tlsError(`the key ${path} may be read by others`, undefined, 'Run chmod 0600 on it.');
  }
}

function clientCertificate(info: ConnInfo): ConnectionOptions {
  const cert = info.sslcert ?? inHome('postgresql.crt');
  if (!existsSync(cert)) {
    if (info.sslcert !== null) throw tlsError(`the client certificate ${cert} does not exist`);
    return {};
  }
  const key = info.sslkey ?? inHome('postgresql.key');
  if (!existsSync(key)) {
    throw tlsError(
      `the client certificate ${cert} has no key: ${key} does not exist`,
      undefined,
      'Add --sslkey FILE.',
    );
  }
  checkKeyMode(key);
  return {
    cert: readPem(cert, 'client certificate'),
    key: readPem(key, 'client key'),
    ...(info.sslpassword === null ? {} : { passphrase: info.sslpassword }),
  };
}

export function planTls(info: ConnInfo): TlsPlan {
  const attempts = ATTEMPTS[info.sslmode];
  if (info.sslmode === 'disable') return { attempts, options: {} };
  // allow and prefer never verify: anybody in between could have refused TLS altogether.
  const lax = info.sslmode === 'allow' || info.sslmode === 'prefer';
  const root = lax ? undefined : rootOf(info);
  const options: ConnectionOptions = { ...clientCertificate(info), minVersion: 'TLSv1.2' };
  if (root === undefined) return { attempts, options: { ...options, rejectUnauthorized: false } };
  return {
    attempts,
    options: {
      ...options,
      rejectUnauthorized: true,
      ...(root === null ? {} : { ca: root }),
      // require with a root certificate behaves as verify-ca: who signed it counts, not for which name.
      ...(info.sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    },
  };
}
