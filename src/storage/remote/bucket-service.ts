// What S3 and its likes have in common, as far as reading and writing need it.
import { ParloadError } from '../../errors/index.ts';
import type { Call, Service } from './caller.ts';
import { isBusy } from './caller.ts';
import type { Answer } from './exchange.ts';
import { textOf } from './xml.ts';

export interface BucketKey {
  readonly bucket: string;
  readonly key: string;
}

/** RFC 3986, as signatures have it: encodeURIComponent leaves five characters more. */
export const percent = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export const percentPath = (key: string): string => key.split('/').map(percent).join('/');

/** `?a=b&uploads`; without the question mark, in the order of the names. */
export const queryText = (query: Readonly<Record<string, string>> = {}): string =>
  Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? percent(name) : `${percent(name)}=${percent(value)}`))
    .join('&');

/** `s3://bucket/key` */
export function parseBucketUri(uri: string, scheme: string): BucketKey {
  const match = new RegExp(`^${scheme}://([^/?#]+)(?:/(.*))?$`, 'is').exec(uri);
  if (match === null) {
    throw new ParloadError('SOURCE_NOT_FOUND', `"${uri}" names no bucket`, {
      where: { input: uri },
      hint: `Write ${scheme}://bucket/key, ${scheme}://bucket/folder/ or a glob.`,
    });
  }
  return { bucket: match[1]!, key: match[2] ?? '' };
}

/** For `Call.target`. */
export const targetOf = ({ bucket, key }: BucketKey): string => `${bucket}/${key}`;

export function bucketKeyOf(target: string): BucketKey {
  const at = target.indexOf('/');
  return { bucket: target.slice(0, at), key: target.slice(at + 1) };
}

/** The server's word for what is wrong, as `NoSuchKey`; empty when it says none. Its message may quote what was signed. */
export function errorCode(answer: Answer): string {
  const named = answer.headers['x-amz-error-code'] ?? answer.headers['x-oss-error-code'];
  if (named !== undefined) return named;
  if (answer.body.length === 0) return '';
  return textOf(Buffer.from(answer.body).toString('utf8'), 'Code') ?? '';
}

const RETRIED = new Set([
  'RequestTimeout',
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'OperationAborted',
]);

/** Why an identity that was sent does not count. */
const IDENTITY: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'The store does not know this access key.',
  SignatureDoesNotMatch: 'The secret key does not fit the access key.',
  ExpiredToken: 'The session token has expired: sign in again.',
  SecurityTokenExpired: 'The session token has expired: sign in again.',
  TokenRefreshRequired: 'The session token has expired: sign in again.',
  InvalidToken: 'The session token is not valid.',
  InvalidSecurityToken: 'The session token is not valid.',
  RequestTimeTooSkewed: 'The clock of this machine is wrong.',
  InvalidObjectState: 'The object is archived: restore it first.',
};

export interface Explanation {
  /** Which credentials were used, for people. */
  readonly identity: string;
  /** Said beside "access denied". */
  readonly advice: string;
}

export function explainRefusal(call: Call, answer: Answer, { identity, advice }: Explanation): ParloadError {
  const { uri } = call;
  const { status } = answer;
  const where = { input: uri };
  const code = errorCode(answer);
  const label = code === '' ? String(status) : `${status} ${code}`;
  if (code === 'NoSuchBucket') {
    const { bucket } = bucketKeyOf(call.target);
    return new ParloadError('SOURCE_NOT_FOUND', `the bucket ${bucket} does not exist (${label})`, {
      where,
      hint: 'Check its name, --region and --endpoint-url.',
    });
  }
  const known = IDENTITY[code];
  if (known !== undefined || status === 401 || status === 403) {
    return new ParloadError('SOURCE_DENIED', `${uri} may not be used (${label})`, {
      where,
      hint: `${identity} ${known ?? advice}`,
    });
  }
  if (status === 404) {
    return new ParloadError('SOURCE_NOT_FOUND', `${uri} does not exist (${label})`, { where });
  }
  const isRetried = isBusy(status) || RETRIED.has(code);
  return new ParloadError('SOURCE_UNREADABLE', `${uri}: the store answers ${label}`, {
    where,
    retryable: isRetried,
    ...(isRetried ? { hint: 'The store is busy or broken; it was asked several times.' } : {}),
  });
}

/** A service of buckets; `bucket-storage.ts` lists, reads and writes with it. */
export interface BucketService extends Service {
  readonly scheme: 's3' | 'oss';
  /** Headers of every read: who pays. */
  readonly readHeaders: Readonly<Record<string, string>>;
}
