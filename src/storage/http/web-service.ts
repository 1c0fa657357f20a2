// Plain web servers: redirects, and what their refusals mean.
import { ParloadError } from '../../errors/index.ts';
import type { Call, Service } from '../remote/caller.ts';
import { isBusy } from '../remote/caller.ts';
import type { Answer, Prepared } from '../remote/exchange.ts';
import type { HttpClient } from '../remote/http-client.ts';
import type { WebAddress } from './url.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const USER_AGENT = 'parload';

const isSigned = (url: URL): boolean => [...url.searchParams.keys()].some((name) => /sign/i.test(name));

export class WebService implements Service {
  readonly client: HttpClient;
  readonly #addressOf: (uri: string) => WebAddress;
  /** Where redirects have led, by URI. They are signed for minutes only, often. */
  readonly #final = new Map<string, URL>();

  constructor(client: HttpClient, addressOf: (uri: string) => WebAddress) {
    this.client = client;
    this.#addressOf = addressOf;
  }

  async prepare(call: Call): Promise<Prepared> {
    const { url, authorization } = this.#addressOf(call.target);
    const at = this.#final.get(call.target) ?? url;
    const headers: Record<string, string> = {
      // bytes as they are stored: a range of something compressed would be of the compressed form
      'accept-encoding': 'identity',
      'user-agent': USER_AGENT,
      ...call.headers,
    };
    // another host must not learn the password
    if (authorization !== null && at.origin === url.origin) headers.authorization = authorization;
    return { method: call.method, origin: at.origin, path: `${at.pathname}${at.search}`, headers };
  }

  async learn(call: Call, answer: Answer): Promise<boolean> {
    const { url } = this.#addressOf(call.target);
    const at = this.#final.get(call.target) ?? url;
    const { location } = answer.headers;
    if (REDIRECTS.has(answer.status) && location !== undefined && URL.canParse(location, at)) {
      const next = new URL(location, at);
      if (!/^https?:$/.test(next.protocol) || (at.protocol === 'https:' && next.protocol === 'http:'))
        return false;
      this.#final.set(call.target, next);
      return true;
    }
    // what a redirect led to has expired: back to the start
    if ([400, 401, 403, 404, 410].includes(answer.status) && this.#final.has(call.target)) {
      return this.#final.delete(call.target);
    }
    return false;
  }

  explain(call: Call, { status, headers }: Answer): ParloadError {
    const { uri } = call;
    const where = { input: uri };
    const { url, authorization } = this.#addressOf(call.target);
    if (status === 404 || status === 410) {
      return new ParloadError('SOURCE_NOT_FOUND', `${uri} does not exist (${status})`, {
        where,
        hint: 'Check the URL; quote it so that the shell leaves ? and & alone.',
      });
    }
    if (status === 401 || status === 403 || status === 407) {
      const used =
        authorization !== null
          ? 'The user and password of the URL were sent.'
          : isSigned(url)
            ? 'The URL is signed: has it expired, or is it for another method than GET?'
            : 'No credentials were sent; user and password go into the URL, or use s3:// or oss:// with credentials.';
      return new ParloadError('SOURCE_DENIED', `${uri} may not be read (${status})`, { where, hint: used });
    }
    if (REDIRECTS.has(status)) {
      const to = headers.location === undefined ? 'nowhere' : 'too often, or to where it is less safe';
      return new ParloadError('SOURCE_UNREADABLE', `${uri} redirects ${to} (${status})`, {
        where,
        retryable: false,
        hint: 'Give the URL that it leads to.',
      });
    }
    return new ParloadError('SOURCE_UNREADABLE', `${uri}: the server answers ${status}`, {
      where,
      retryable: isBusy(status),
      ...(isBusy(status) ? { hint: 'The server is busy or broken; it was asked several times.' } : {}),
    });
  }
}
