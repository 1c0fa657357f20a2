// Alibaba Cloud OSS, with signatures of our own.
import type { ParloadError } from '../../errors/index.ts';
import {
  type BucketService,
  bucketKeyOf,
  errorCode,
  explainRefusal,
  percent,
  percentPath,
  queryText,
} from '../remote/bucket-service.ts';
import type { Call } from '../remote/caller.ts';
import type { Answer, Prepared } from '../remote/exchange.ts';
import type { HttpClient } from '../remote/http-client.ts';
import type { OssSettings } from './settings.ts';
import { signHeaders } from './sign.ts';

const USER_AGENT = 'parload';
/** So that nobody in between can ask for other bytes, or for another version. */
const ALSO_SIGNED = ['host', 'range', 'if-match'];

export class OssService implements BucketService {
  readonly scheme = 'oss';
  readonly client: HttpClient;
  readonly readHeaders: Readonly<Record<string, string>>;
  readonly #settings: OssSettings;
  #clockOffsetMs = 0;

  constructor(client: HttpClient, settings: OssSettings, requesterPays: boolean) {
    this.client = client;
    this.#settings = settings;
    this.readHeaders = requesterPays ? { 'x-oss-request-payer': 'requester' } : {};
  }

  async prepare(call: Call): Promise<Prepared> {
    const { identity, region, endpoint, pathStyle } = this.#settings;
    const { bucket, key } = bucketKeyOf(call.target);
    const url = new URL(endpoint);
    const host = pathStyle ? url.host : `${bucket}.${url.host}`;
    const path = pathStyle ? `/${percent(bucket)}/${percentPath(key)}` : `/${percentPath(key)}`;
    const { method, query = {}, body = null } = call;
    const headers: Record<string, string> = { host, 'user-agent': USER_AGENT, ...call.headers };
    const at = new Date(Date.now() + this.#clockOffsetMs);
    const text = queryText(query);
    return {
      method,
      origin: `${url.protocol}//${host}`,
      path: text === '' ? path : `${path}?${text}`,
      headers:
        identity === null
          ? headers
          : signHeaders(
              { method, bucket, key, query, headers, additionalHeaders: ALSO_SIGNED },
              { identity, region, at },
            ),
      body,
    };
  }

  async learn(_call: Call, answer: Answer, turn: number): Promise<boolean> {
    if (turn > 1 || errorCode(answer) !== 'RequestTimeTooSkewed') return false;
    const theirs = Date.parse(answer.headers.date ?? '');
    if (Number.isNaN(theirs)) return false;
    this.#clockOffsetMs = theirs - Date.now();
    return true;
  }

  explain(call: Call, answer: Answer): ParloadError {
    const { identity, source } = this.#settings;
    return explainRefusal(call, answer, {
      identity: identity === null ? 'The request was anonymous.' : `Credentials from ${source} were used.`,
      advice:
        identity === null
          ? 'Leave out --no-sign-request to use credentials.'
          : 'They need oss:GetObject, and oss:ListObjects for folders and globs. Is the region right?',
    });
  }
}
