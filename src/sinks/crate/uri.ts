// crate://user:password@host:4200,[::1]:4201/schema?table=name. WHATWG URL cannot read several hosts.
import { ParloadError } from '../../errors/index.ts';

export interface CrateUri {
  readonly secure: boolean;
  /** `host:port`, IPv6 in brackets. */
  readonly hosts: readonly string[];
  readonly user: string | null;
  readonly password: string | null;
  readonly schema: string | null;
  readonly table: string | null;
}

const SHAPE = /^crate(?:\+(https?))?:\/\/(?:([^/?@]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/is;
const DEFAULT_PORT = 4200;

const invalid = (what: string): ParloadError =>
  new ParloadError('CONFIG_INVALID', `the CrateDB URI ${what}`, {
    where: { option: 'url' },
    hint: 'Write crate://user@host:4200/schema?table=name, with special characters as %XX; crate+https:// for TLS.',
  });

const decode = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`has a broken %XX in its ${what}`);
  }
};

function hostOf(part: string): string {
  const match = /^(\[[^\]]+\]|[^:[\]]*)(?::(\d+))?$/.exec(part);
  if (match === null) throw invalid('has a host that cannot be read');
  const host = decode(match[1] ?? '', 'host');
  return `${host === '' ? 'localhost' : host}:${match[2] ?? DEFAULT_PORT}`;
}

/** Never puts the URI in an error: it may hold a password. */
export function parseUri(uri: string): CrateUri {
  const match = SHAPE.exec(uri);
  if (match === null) throw invalid('cannot be read');
  const [, tls, userinfo, authority = '', path, query] = match;
  const colon = userinfo?.indexOf(':') ?? -1;
  const user =
    userinfo === undefined ? null : decode(colon < 0 ? userinfo : userinfo.slice(0, colon), 'user');
  const password = colon < 0 ? null : decode(userinfo!.slice(colon + 1), 'password');
  let table: string | null = null;
  for (const pair of (query ?? '').split('&').filter((p) => p !== '')) {
    const [key, value] = pair.split('=', 2);
    if (key !== 'table' || value === undefined) {
      throw invalid(`has an unknown parameter ${JSON.stringify(decode(key ?? '', 'parameters'))}`);
    }
    table = decode(value, 'parameters');
  }
  const schema = decode((path ?? '').replace(/\/$/, ''), 'schema');
  if (schema.includes('/')) throw invalid('has a path of several parts, where a schema belongs');
  return {
    secure: tls?.toLowerCase() === 'https',
    hosts: authority.split(',').map(hostOf),
    user: user === '' ? null : user,
    password,
    schema: schema === '' ? null : schema,
    table,
  };
}
