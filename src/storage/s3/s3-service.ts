// Amazon S3 and what speaks its language: MinIO, SeaweedFS, R2, versitygw, Ceph.
import type { ParloadError } from '../../errors/index.ts';
import {
  type BucketService,
  bucketKeyOf,
  errorCode,
  explainRefusal,
  percentPath,
  queryText,
} from '../remote/bucket-service.ts';
import type { Call } from '../remote/caller.ts';
import type { Answer, Prepared } from '../remote/exchange.ts';
import type { HttpClient } from '../remote/http-client.ts';
import { textOf } from '../remote/xml.ts';
import type { Credentials } from './credentials.ts';
import { bucketAddress, type S3Settings } from './settings.ts';
import { signedHeaders } from './sign.ts';

const OLD_TOKEN = new Set(['ExpiredToken', 'TokenRefreshRequired', 'ExpiredTokenException']);
const USER_AGENT = 'parload';

export interface S3ServiceOptions {
  readonly settings: S3Settings;
  /** Null: anonymous. */
  readonly credentials: Credentials | null;
  readonly requesterPays: boolean;
  /** Regions of buckets that were learned. */
  readonly regions: Map<string, string>;
}

export class S3Service implements BucketService {
  readonly scheme = 's3';
  readonly client: HttpClient;
  readonly readHeaders: Readonly<Record<string, string>>;
  readonly #options: S3ServiceOptions;
  #clockOffsetMs = 0;

  constructor(client: HttpClient, options: S3ServiceOptions) {
    this.client = client;
    this.#options = options;
    this.readHeaders = options.requesterPays ? { 'x-amz-request-payer': 'requester' } : {};
  }

  async prepare(call: Call): Promise<Prepared> {
    const { settings, credentials } = this.#options;
    const { bucket, key } = bucketKeyOf(call.target);
    const region = this.#regionOf(bucket);
    const { protocol, host, base } = bucketAddress(settings, bucket, region);
    const path = `${base}${percentPath(key)}`;
    const { method, query = {}, body = null } = call;
    const headers: Record<string, string> = { 'user-agent': USER_AGENT, ...call.headers };
    const signed =
      credentials === null
        ? headers
        : await signedHeaders(
            { method, protocol, host, path, query, headers, body },
            await credentials.get(),
            region,
            new Date(Date.now() + this.#clockOffsetMs),
          );
    const text = queryText(query);
    return {
      method,
      origin: `${protocol}//${host}`,
      path: text === '' ? path : `${path}?${text}`,
      headers: signed,
      body,
    };
  }

  async learn(call: Call, answer: Answer, turn: number): Promise<boolean> {
    const { bucket } = bucketKeyOf(call.target);
    const region = this.#otherRegion(answer, bucket);
    if (region !== null) {
      this.#options.regions.set(bucket, region);
      return turn <= 2;
    }
    if (turn > 1) return false;
    const code = errorCode(answer);
    if (OLD_TOKEN.has(code) && this.#options.credentials !== null) {
      await this.#options.credentials.renew();
      return true;
    }
    if (code === 'RequestTimeTooSkewed') {
      const theirs = Date.parse(answer.headers.date ?? '');
      if (Number.isNaN(theirs)) return false;
      this.#clockOffsetMs = theirs - Date.now();
      return true;
    }
    return false;
  }

  explain(call: Call, answer: Answer): ParloadError {
    const { credentials, requesterPays, settings } = this.#options;
    const source = credentials?.known?.source;
    const profile = settings.profile === undefined ? '' : `, profile "${settings.profile}"`;
    const payer = requesterPays ? '' : ' Where the reader pays: --request-payer requester.';
    return explainRefusal(call, answer, {
      identity:
        source === undefined
          ? 'The request was anonymous.'
          : `Credentials from ${source}${profile} were used.`,
      advice:
        source === undefined
          ? 'Leave out --no-sign-request to use credentials.'
          : `They need s3:GetObject, and s3:ListBucket for folders and globs; without the latter a missing object looks forbidden.${payer}`,
    });
  }

  #regionOf(bucket: string): string {
    return this.#options.regions.get(bucket) ?? this.#options.settings.region;
  }

  /** Amazon sends requests to the wrong region away and says which one is right. */
  #otherRegion(answer: Answer, bucket: string): string | null {
    if (![301, 307, 400].includes(answer.status)) return null;
    const named =
      answer.headers['x-amz-bucket-region'] ?? textOf(Buffer.from(answer.body).toString('utf8'), 'Region');
    if (named == null || !/^[a-z0-9-]+$/.test(named) || named === this.#regionOf(bucket)) return null;
    return named;
  }
}
