// Connections: certificates, proxies, time limits. undici loads when the first one is needed.
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { ParloadError } from '../../errors/index.ts';
import type { StorageOptions } from '../storage.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 60_000;
/** To one host, from one thread. */
const MOST_CONNECTIONS = 32;
/** Below the minute or so after which stores and proxies close an idle connection without a word. */
const KEEP_ALIVE_MS = 15_000;

const PROXY_VARIABLES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'];

const usesProxy = (): boolean => PROXY_VARIABLES.some((name) => (process.env[name] ?? '') !== '');

function pemOf(path: string, option: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('-----BEGIN')) return text;
  } catch (cause) {
    throw new ParloadError('CONFIG_INVALID', `${option}: ${path} cannot be read`, {
      where: { option },
      cause,
    });
  }
  throw new ParloadError('CONFIG_INVALID', `${option}: ${path} holds no certificate in PEM form`, {
    where: { option },
  });
}

/** Null: what Node.js trusts by itself, NODE_EXTRA_CA_CERTS included. A list of our own would replace both. */
function trusted(options: StorageOptions): string[] | null {
  const bundle = options.caBundle ?? process.env.AWS_CA_BUNDLE ?? '';
  if (bundle === '') return null;
  const extra = process.env.NODE_EXTRA_CA_CERTS ?? '';
  return [
    ...rootCertificates,
    pemOf(bundle, options.caBundle === undefined ? 'AWS_CA_BUNDLE' : '--ca-bundle'),
    ...(extra === '' ? [] : [pemOf(extra, 'NODE_EXTRA_CA_CERTS')]),
  ];
}

/** One a thread and storage. */
export class HttpClient {
  readonly #options: StorageOptions;
  #dispatcher: Promise<Dispatcher> | null = null;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  dispatcher(): Promise<Dispatcher> {
    this.#dispatcher ??= this.#make();
    return this.#dispatcher;
  }

  async #make(): Promise<Dispatcher> {
    const ca = trusted(this.#options);
    const timeout = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const read = this.#options.readTimeoutMs ?? READ_TIMEOUT_MS;
    const tls = ca === null ? {} : { ca };
    const settings = {
      connections: MOST_CONNECTIONS,
      pipelining: 1,
      connect: { timeout, ...tls },
      headersTimeout: read,
      bodyTimeout: read,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    if (!usesProxy()) {
      const { default: Agent } = await import('undici/lib/dispatcher/agent.js');
      return new Agent(settings);
    }
    const { default: EnvHttpProxyAgent } = await import('undici/lib/dispatcher/env-http-proxy-agent.js');
    return new EnvHttpProxyAgent({ ...settings, requestTls: { timeout, ...tls }, proxyTls: tls });
  }

  async close(): Promise<void> {
    const dispatcher = await this.#dispatcher?.catch(() => null);
    this.#dispatcher = null;
    await dispatcher?.destroy();
  }
}
