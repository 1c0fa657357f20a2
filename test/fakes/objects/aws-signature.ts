// Signature Version 4 as a server checks it, written from its specification and not from any client.
import { createHash, createHmac } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  /** Encoded, with the query, as it came. */
  readonly path: string;
  /** By names in lower case, with `host`. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface CheckedSignature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  /** What the request says. */
  readonly given: string;
  /** What it should say. */
  readonly expected: string;
  readonly sessionToken: string | null;
  /** `20260102T030405Z` */
  readonly time: string;
}

const sha256 = (data: string): string => createHash('sha256').update(data, 'utf8').digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac('sha256', key).update(data, 'utf8').digest();

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
const encode = (text: string): string =>
  [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const c = String.fromCharCode(byte);
      return byte < 128 && UNRESERVED.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

export interface QueryPair {
  readonly name: string;
  readonly value: string;
}

export function queryPairs(path: string): QueryPair[] {
  const at = path.indexOf('?');
  if (at < 0 || at === path.length - 1) return [];
  return path
    .slice(at + 1)
    .split('&')
    .map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      return { name: decodeURIComponent(name), value: decodeURIComponent(rest.join('=')) };
    });
}

const canonicalQuery = (pairs: readonly QueryPair[]): string =>
  pairs
    .map(({ name, value }) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly time: string;
  readonly payloadHash: string;
  readonly query: readonly QueryPair[];
  readonly sessionToken: string | null;
}

function claimOf({ path, headers }: SignedRequest): Claim | null {
  const pairs = queryPairs(path);
  const inQuery = (name: string): string | undefined => pairs.find((pair) => pair.name === name)?.value;
  const presigned = inQuery('X-Amz-Signature');
  if (presigned !== undefined) {
    return {
      credential: inQuery('X-Amz-Credential') ?? '',
      signedHeaders: (inQuery('X-Amz-SignedHeaders') ?? '').split(';'),
      signature: presigned,
      time: inQuery('X-Amz-Date') ?? '',
      payloadHash: headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
      query: pairs.filter(({ name }) => name !== 'X-Amz-Signature'),
      sessionToken: inQuery('X-Amz-Security-Token') ?? null,
    };
  }
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(
    headers.authorization ?? '',
  );
  if (match === null) return null;
  return {
    credential: match[1]!,
    signedHeaders: match[2]!.split(';'),
    signature: match[3]!,
    time: headers['x-amz-date'] ?? '',
    payloadHash: headers['x-amz-content-sha256'] ?? '',
    query: pairs,
    sessionToken: headers['x-amz-security-token'] ?? null,
  };
}

/** Null: the request is not signed. */
export function checkAwsSignature(
  request: SignedRequest,
  secretOf: (accessKeyId: string) => string | null,
): CheckedSignature | null {
  const claim = claimOf(request);
  if (claim === null) return null;
  const [accessKeyId = '', day = '', region = '', service = ''] = claim.credential.split('/');
  const headerLines = claim.signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  const canonicalRequest = [
    request.method,
    request.path.split('?')[0],
    canonicalQuery(claim.query),
    headerLines.join(''),
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', claim.time, scope, sha256(canonicalRequest)].join('\n');
  const secret = secretOf(accessKeyId);
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request');
  return {
    accessKeyId,
    region,
    canonicalRequest,
    stringToSign,
    given: claim.signature,
    expected: secret === null ? '' : hmac(key, stringToSign).toString('hex'),
    sessionToken: claim.sessionToken,
    time: claim.time,
  };
}
