// Where to connect and as whom: flag > URI > service file > PG* variable > default, as libpq decides it.
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ParloadError } from '../../errors/index.ts';
import type { PostgresOptions } from './options.ts';
import { askPasswordCommand } from './password-command.ts';
import { passFileLookup, readPasswordFile, readService } from './secret-files.ts';
import { durationMs, SSL_MODES, type SslMode } from './settings.ts';
import { type Params, parseUri } from './uri.ts';

export interface Host {
  /** What the certificate must name, and what messages show. */
  readonly host: string;
  /** What to connect to: a name, an address (hostaddr), or the folder of a unix socket (starts with `/`). */
  readonly address: string;
  readonly port: number;
  /** From .pgpass this may differ by host. */
  readonly password: string | null;
}

/** Everything a connection needs; plain data, so that workers get it in their ticket. Holds secrets. */
export interface ConnInfo {
  /** Tried in turn. */
  readonly hosts: readonly Host[];
  readonly database: string;
  readonly user: string;
  readonly sslmode: SslMode;
  readonly sslrootcert: string | null;
  readonly sslcert: string | null;
  readonly sslkey: string | null;
  readonly sslpassword: string | null;
  readonly channelBinding: boolean;
  readonly connectTimeoutMs: number;
  readonly applicationName: string | null;
  readonly options: string | null;
  /** Go on to the next host when this one is read-only. */
  readonly wantsWritable: boolean;
}

const ENV: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  dbname: 'PGDATABASE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  application_name: 'PGAPPNAME',
  options: 'PGOPTIONS',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  channel_binding: 'PGCHANNELBINDING',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
};

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const SOCKET_FOLDERS = ['/var/run/postgresql', '/tmp'];

const invalid = (message: string, option: string): ParloadError =>
  new ParloadError('CONFIG_INVALID', message, { where: { option } });

export interface ResolvedConnInfo {
  readonly info: ConnInfo;
  readonly notes: readonly string[];
}

type ConnOptions = Pick<PostgresOptions, 'url'> &
  Partial<
    Pick<
      PostgresOptions,
      'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey' | 'passwordFile' | 'passwordCommand' | 'connectTimeout'
    >
  >;

/** Main thread, once a job. Reads files, connects to nothing. */
export function resolveConnInfo(
  options: ConnOptions,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedConnInfo {
  const params = mergeParams(options, env);
  const user = params.user ?? userInfo().username;
  const database = params.dbname ?? user;
  const notes = new Set<string>();
  const given = givenPassword(options) ?? (params.password || null);
  const hosts = hostList(params).map((at): Host => {
    if (given !== null) return { ...at, password: given };
    const { host, port } = at;
    // libpq looks a default socket up as localhost.
    const name = SOCKET_FOLDERS.includes(host) ? 'localhost' : host;
    const found = passFileLookup(params.passfile ?? null, { host: name, port, database, user });
    if (found.note !== null) notes.add(found.note);
    return { ...at, password: found.password };
  });
  const info: ConnInfo = {
    hosts,
    database,
    user,
    sslmode: sslModeOf(params),
    sslrootcert: params.sslrootcert ?? null,
    sslcert: params.sslcert ?? null,
    sslkey: params.sslkey ?? null,
    sslpassword: params.sslpassword ?? null,
    channelBinding: params.channel_binding === 'require',
    connectTimeoutMs: connectTimeoutMs(options, params),
    applicationName: params.application_name ?? params.fallback_application_name ?? null,
    options: params.options ?? null,
    wantsWritable: wantsWritable(params.target_session_attrs ?? 'any'),
  };
  return { info, notes: [...notes] };
}

/** By the options of ours; null: neither of them. */
function givenPassword({ passwordFile, passwordCommand }: ConnOptions): string | null {
  if (passwordFile !== undefined && passwordCommand !== undefined) {
    throw invalid('--password-file and --password-command say the same thing twice', 'passwordCommand');
  }
  if (passwordCommand !== undefined) return askPasswordCommand(passwordCommand);
  return passwordFile === undefined ? null : readPasswordFile(passwordFile);
}

function mergeParams(options: ConnOptions, env: NodeJS.ProcessEnv): Params {
  const uri = parseUri(options.url);
  const fromEnv: Record<string, string> = {};
  for (const [key, name] of Object.entries(ENV)) {
    const value = env[name];
    if (value !== undefined && value !== '') fromEnv[key] = value;
  }
  const service = uri.service ?? env.PGSERVICE;
  const fromService = service === undefined || service === '' ? {} : readService(service, env);
  const flags: Record<string, string> = {};
  for (const key of ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const) {
    const value = options[key];
    if (value !== undefined) flags[key] = value;
  }
  return { ...fromEnv, ...fromService, ...uri, ...flags };
}

function hostList(params: Params): Omit<Host, 'password'>[] {
  const names = (params.host ?? '').split(',');
  const addresses = params.hostaddr === undefined ? names : params.hostaddr.split(',');
  const ports = (params.port ?? '').split(',');
  if (ports.length > 1 && ports.length !== addresses.length) {
    throw invalid(`${ports.length} ports do not match ${addresses.length} hosts`, 'url');
  }
  return addresses.map((address, i) => {
    const text = (ports.length === 1 ? ports[0] : ports[i]) || '5432';
    const port = Number(text);
    if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw invalid(`${text} is not a port`, 'url');
    const host = names[i] || address || defaultHost(port);
    return { host, address: address || host, port };
  });
}

/** libpq's default is the unix socket; where there is none, localhost. */
const defaultHost = (port: number): string =>
  SOCKET_FOLDERS.find((folder) => existsSync(`${folder}/.s.PGSQL.${port}`)) ?? 'localhost';

function sslModeOf(params: Params): SslMode {
  const system = params.sslrootcert === 'system';
  const mode = params.sslmode ?? (system ? 'verify-full' : 'prefer');
  if (!(SSL_MODES as readonly string[]).includes(mode)) {
    throw invalid(`sslmode "${mode}" is none of ${SSL_MODES.join(', ')}`, 'sslmode');
  }
  if (system && mode !== 'verify-full') {
    throw invalid(`sslrootcert=system needs sslmode=verify-full, not ${mode}`, 'sslmode');
  }
  return mode as SslMode;
}

function connectTimeoutMs(options: ConnOptions, params: Params): number {
  if (options.connectTimeout !== undefined) return durationMs(options.connectTimeout, '--connect-timeout');
  if (params.connect_timeout === undefined) return DEFAULT_CONNECT_TIMEOUT_MS;
  const seconds = Number(params.connect_timeout);
  if (!Number.isInteger(seconds)) throw invalid('connect_timeout is not a whole number of seconds', 'url');
  // libpq: zero or less waits for ever. Here that is the default: nothing waits for ever.
  return seconds <= 0 ? DEFAULT_CONNECT_TIMEOUT_MS : Math.max(2, seconds) * 1000;
}

function wantsWritable(attrs: string): boolean {
  if (attrs === 'any') return false;
  if (attrs === 'read-write' || attrs === 'primary') return true;
  throw invalid(`target_session_attrs=${attrs} cannot be loaded into; use any, read-write or primary`, 'url');
}

/** `user@host:port/database`, for messages. */
export function showTarget(info: ConnInfo): string {
  const hosts = info.hosts.map((h) =>
    h.host.includes(':') ? `[${h.host}]:${h.port}` : `${h.host}:${h.port}`,
  );
  return `${info.user}@${hosts.join(',')}/${info.database}`;
}
