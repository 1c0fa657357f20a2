// OSS signature version 4 as a server checks it, written apart from what signs.
import { createHash, createHmac } from 'node:crypto';
import { type CheckedSignature, queryPairs, type SignedRequest } from './aws-signature.ts';

export interface OssSignedRequest extends SignedRequest {
  /** From the host name; null when the path begins with it. */
  readonly bucket: string | null;
}

const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac('sha256', key).update(data, 'utf8').digest();
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

interface Claim {
  readonly credential: string;
  readonly additional: string;
  readonly signature: string;
  readonly time: string;
  readonly securityToken: string | null;
}

function claimOf({ path, headers }: SignedRequest): Claim | null {
  const query = new Map(queryPairs(path).map(({ name, value }) => [name, value]));
  if (query.get('x-oss-signature-version') === 'OSS4-HMAC-SHA256') {
    return {
      credential: query.get('x-oss-credential') ?? '',
      additional: query.get('x-oss-additional-headers') ?? '',
      signature: query.get('x-oss-signature') ?? '',
      time: query.get('x-oss-date') ?? '',
      securityToken: query.get('x-oss-security-token') ?? null,
    };
  }
  const pattern =
    /^OSS4-HMAC-SHA256 Credential=([^,]+),(?:AdditionalHeaders=([^,]*),)?Signature=([0-9a-f]+)$/;
  const match = pattern.exec(headers.authorization ?? '');
  if (match === null || headers['x-oss-content-sha256'] !== 'UNSIGNED-PAYLOAD') return null;
  return {
    credential: match[1]!,
    additional: match[2] ?? '',
    signature: match[3]!,
    time: headers['x-oss-date'] ?? '',
    securityToken: headers['x-oss-security-token'] ?? null,
  };
}

/** Null: the request is not signed. */
export function checkOssSignature(
  request: OssSignedRequest,
  secretOf: (accessKeyId: string) => string | null,
): CheckedSignature | null {
  const claim = claimOf(request);
  if (claim === null) return null;
  const [accessKeyId = '', day = '', region = '', product = ''] = claim.credential.split('/');
  const additional = claim.additional.split(';').filter((name) => name !== '');
  const lines = Object.keys(request.headers)
    .filter((name) => /^(content-type|content-md5|x-oss-.*)$/.test(name) || additional.includes(name))
    .sort()
    .map((name) => `${name}:${(request.headers[name] ?? '').trim()}\n`);
  const query = queryPairs(request.path)
    .filter(({ name }) => name !== 'x-oss-signature')
    .map(({ name, value }) => (value === '' ? encode(name) : `${encode(name)}=${encode(value)}`))
    .sort((a, b) => (a.split('=')[0]! < b.split('=')[0]! ? -1 : 1));
  const path = request.path.split('?')[0]!;
  const canonicalRequest = [
    request.method,
    request.bucket === null ? path : `/${request.bucket}${path}`,
    query.join('&'),
    lines.join(''),
    claim.additional,
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = `${day}/${region}/${product}/aliyun_v4_request`;
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  const stringToSign = `OSS4-HMAC-SHA256\n${claim.time}\n${scope}\n${hash}`;
  const secret = secretOf(accessKeyId);
  const key = hmac(hmac(hmac(hmac(`aliyun_v4${secret}`, day), region), product), 'aliyun_v4_request');
  return {
    accessKeyId,
    region,
    canonicalRequest,
    stringToSign,
    given: claim.signature,
    expected: secret === null ? '' : hmac(key, stringToSign).toString('hex'),
    sessionToken: claim.securityToken,
    time: claim.time,
  };
}
