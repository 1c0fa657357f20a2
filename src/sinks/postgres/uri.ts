// libpq's connection URI. WHATWG URL cannot read it: several hosts, sockets as `%2Fvar%2Frun`, `postgres://` alone.
import { ParloadError } from '../../errors/index.ts';

/** libpq's keywords as given; nothing defaulted. */
export type Params = Readonly<Record<string, string>>;

const SHAPE = /^(?:postgres|postgresql):(?:\/\/)?(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/is;

/** Keywords that parload acts on. */
const USED = new Set([
  'host',
  'hostaddr',
  'port',
  'dbname',
  'user',
  'password',
  'passfile',
  'service',
  'connect_timeout',
  'application_name',
  'fallback_application_name',
  'options',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'channel_binding',
  'target_session_attrs',
]);

/** Keywords of libpq that change nothing here: keepalives are always on, Kerberos is not spoken. */
const IGNORED =
  /^(client_encoding|keepalives.*|tcp_user_timeout|gss.*|krbsrvname|sslcompression|sslsni|ssl_m(in|ax)_protocol_version|sslcrl.*|sslnegotiation|load_balance_hosts|requirepeer|replication|scram_.*|(min|max)_protocol_version|require_auth|sslcertmode|requiressl)$/;

const invalid = (what: string): ParloadError =>
  new ParloadError('CONFIG_INVALID', `the Postgres URI ${what}`, {
    where: { option: 'url' },
    hint: 'Write postgres://user@host:5432/database?sslmode=verify-full, with special characters as %XX.',
  });

const decode = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`has a broken %XX in its ${what}`);
  }
};

/** Never puts the URI in an error: it may hold a password. */
export function parseUri(uri: string): Params {
  const match = SHAPE.exec(uri);
  if (match === null) throw invalid('cannot be read');
  const [, userinfo, authority = '', path, query] = match;
  const params: Record<string, string> = {};
  if (userinfo !== undefined) {
    const colon = userinfo.indexOf(':');
    const user = decode(colon < 0 ? userinfo : userinfo.slice(0, colon), 'user');
    if (user !== '') params.user = user;
    if (colon >= 0) params.password = decode(userinfo.slice(colon + 1), 'password');
  }
  addHosts(params, authority);
  if (path !== undefined && path !== '') params.dbname = decode(path, 'database');
  for (const pair of (query ?? '').split('&').filter((p) => p !== '')) addQuery(params, pair);
  return params;
}

function addHosts(params: Record<string, string>, authority: string): void {
  if (authority === '') return;
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const part of authority.split(',')) {
    const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(part);
    if (match === null) throw invalid('has a host that cannot be read');
    hosts.push(decode(match[1] ?? match[2] ?? '', 'host'));
    ports.push(match[3] ?? '');
  }
  if (hosts.some((h) => h !== '')) params.host = hosts.join(',');
  if (ports.some((p) => p !== '')) params.port = ports.join(',');
}

function addQuery(params: Record<string, string>, pair: string): void {
  const equals = pair.indexOf('=');
  if (equals < 0) throw invalid('has a parameter without a value');
  const key = decode(pair.slice(0, equals), 'parameters');
  const value = decode(pair.slice(equals + 1), 'parameters');
  // JDBC's spelling, which libpq takes too.
  if (key === 'ssl' && value === 'true') params.sslmode = 'require';
  else if (USED.has(key)) params[key] = value;
  else if (!IGNORED.test(key)) throw invalid(`has an unknown parameter ${JSON.stringify(key)}`);
}
