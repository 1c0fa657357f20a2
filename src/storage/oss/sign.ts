// OSS signature version 4: in headers, and in the query of a URL. After Alibaba Cloud's description; its SDKs give the same
// bytes. Pure.
import { createHash, createHmac } from 'node:crypto';
import { percent, percentPath } from '../remote/bucket-service.ts';

export interface OssIdentity {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string | null;
}

export interface OssRequest {
  readonly method: string;
  readonly bucket: string;
  /** Unencoded. */
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  /** By any case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers that are signed besides those that always are, as host and range. */
  readonly additionalHeaders?: readonly string[];
}

export interface OssScope {
  readonly identity: OssIdentity;
  readonly region: string;
  readonly at: Date;
}

const ALGORITHM = 'OSS4-HMAC-SHA256';
/** Bodies are protected by TLS and Content-MD5; the signature knows no other value. */
const PAYLOAD = 'UNSIGNED-PAYLOAD';

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** `20260102T030405Z` */
export const ossTime = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '');

const scopeText = ({ region, at }: OssScope): string =>
  `${ossTime(at).slice(0, 8)}/${region}/oss/aliyun_v4_request`;

/** Always signed: content-type, content-md5 and all of OSS' own. */
const isSigned = (name: string): boolean =>
  name === 'content-type' || name === 'content-md5' || name.startsWith('x-oss-');

/** Those of the wished ones that are there and not signed anyway, in order. */
const additionalOf = ({ headers, additionalHeaders = [] }: OssRequest): string[] => {
  const there = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  return additionalHeaders
    .map((name) => name.toLowerCase())
    .filter((name) => there.has(name) && !isSigned(name))
    .sort();
};

export function canonicalRequest(request: OssRequest): string {
  const query = Object.entries(request.query)
    .map(([name, value]) => [percent(name), percent(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  const additional = additionalOf(request);
  const headers = Object.entries(request.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .filter(([name]) => isSigned(name) || additional.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  // the bucket is part of it also where it is in the host name
  const bucket = request.bucket === '' ? '' : `${percent(request.bucket)}/`;
  return [
    request.method,
    `/${bucket}${percentPath(request.key)}`,
    query,
    headers,
    additional.join(';'),
    PAYLOAD,
  ].join('\n');
}

export const stringToSign = (request: OssRequest, scope: OssScope): string =>
  [
    ALGORITHM,
    ossTime(scope.at),
    scopeText(scope),
    createHash('sha256').update(canonicalRequest(request)).digest('hex'),
  ].join('\n');

function signature(request: OssRequest, scope: OssScope): string {
  const day = ossTime(scope.at).slice(0, 8);
  const keyOfDay = hmac(`aliyun_v4${scope.identity.accessKeySecret}`, day);
  const key = hmac(hmac(hmac(keyOfDay, scope.region), 'oss'), 'aliyun_v4_request');
  return hmac(key, stringToSign(request, scope)).toString('hex');
}

/** The headers with those of the signature. */
export function signHeaders(request: OssRequest, scope: OssScope): Record<string, string> {
  const { identity, at } = scope;
  const headers: Record<string, string> = {
    ...request.headers,
    'x-oss-date': ossTime(at),
    'x-oss-content-sha256': PAYLOAD,
    ...(identity.securityToken === null ? {} : { 'x-oss-security-token': identity.securityToken }),
  };
  const full = { ...request, headers };
  const additional = additionalOf(full).join(';');
  const named = additional === '' ? '' : `AdditionalHeaders=${additional},`;
  const credential = `${identity.accessKeyId}/${scopeText(scope)}`;
  headers.authorization = `${ALGORITHM} Credential=${credential},${named}Signature=${signature(full, scope)}`;
  return headers;
}

/** The query of a URL that may be used without credentials for some time. */
export function signQuery(
  request: OssRequest,
  scope: OssScope,
  expiresSeconds: number,
): Record<string, string> {
  const { identity, at } = scope;
  const additional = additionalOf(request).join(';');
  const query: Record<string, string> = {
    ...request.query,
    'x-oss-signature-version': ALGORITHM,
    'x-oss-date': ossTime(at),
    'x-oss-expires': String(expiresSeconds),
    'x-oss-credential': `${identity.accessKeyId}/${scopeText(scope)}`,
    ...(identity.securityToken === null ? {} : { 'x-oss-security-token': identity.securityToken }),
    ...(additional === '' ? {} : { 'x-oss-additional-headers': additional }),
  };
  return { ...query, 'x-oss-signature': signature({ ...request, query }, scope) };
}
