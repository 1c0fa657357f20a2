// Where the server is and who we are, as plain data for workers. Holds secrets: never printed.
import { ParloadError } from '../../errors/index.ts';
import { DEFAULT_SCHEMA, parseTableName, type TableName } from './identifiers.ts';
import type { CrateOptions } from './options.ts';
import { durationMs, readOptionFile, type SslMode } from './settings.ts';
import { type CrateUri, parseUri } from './uri.ts';

export interface ConnInfo {
  readonly secure: boolean;
  readonly hosts: readonly string[];
  readonly schema: string;
  /** The whole header; null: none. */
  readonly authorization: string | null;
  readonly user: string | null;
  readonly tls: {
    readonly ca: string | null;
    readonly cert: string | null;
    readonly key: string | null;
    readonly mode: SslMode;
  };
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

export type ConnOptions = Pick<CrateOptions, 'url'> & Partial<CrateOptions>;

function authorizationOf(options: ConnOptions, uri: CrateUri): string | null {
  if (options.jwtFile !== undefined) {
    return `Bearer ${readOptionFile(options.jwtFile, '--jwt-file').trim()}`;
  }
  const file = options.passwordFile;
  const password =
    file === undefined
      ? (uri.password ?? process.env.CRATEDB_PASSWORD ?? '')
      : (readOptionFile(file, '--password-file').split(/\r?\n/)[0] ?? '');
  const user = uri.user ?? process.env.CRATEDB_USERNAME ?? null;
  if (user === null && password === '') return null;
  return `Basic ${Buffer.from(`${user ?? 'crate'}:${password}`).toString('base64')}`;
}

export function resolveConnInfo(options: ConnOptions): ConnInfo {
  const uri = parseUri(options.url);
  const file = (path: string | undefined, option: string): string | null =>
    path === undefined || path === 'system' ? null : readOptionFile(path, option);
  return {
    secure: uri.secure,
    hosts: uri.hosts,
    schema: uri.schema ?? DEFAULT_SCHEMA,
    authorization: authorizationOf(options, uri),
    user: uri.user,
    tls: {
      ca: file(options.sslrootcert, '--sslrootcert'),
      cert: file(options.sslcert, '--sslcert'),
      key: file(options.sslkey, '--sslkey'),
      mode: options.sslmode ?? 'verify-full',
    },
    connectTimeoutMs: durationMs(options.connectTimeout ?? '10s', '--connect-timeout'),
    stallTimeoutMs: durationMs(options.stallTimeout ?? '60s', '--stall-timeout'),
  };
}

export function tableOf(options: ConnOptions): TableName {
  const uri = parseUri(options.url);
  const table = options.table ?? uri.table;
  if (table !== null) return parseTableName(table, uri.schema);
  throw new ParloadError('CONFIG_INVALID', 'no table: which one of CrateDB is the target?', {
    where: { option: 'table' },
    hint: 'Add --table name, or ?table=name to the URI.',
  });
}

/** Without secrets. */
export const showServer = ({ secure, hosts, user }: ConnInfo): string =>
  `crate${secure ? '+https' : ''}://${user === null ? '' : `${user}@`}${hosts.join(',')}`;

/** On this machine: nothing is gained by compressing, and nobody is in between. */
export const isNear = ({ hosts }: ConnInfo): boolean =>
  hosts.every((host) => /^(localhost|127\.|\[::1\])/.test(host));
