// The server over HTTP: keep-alive connections to several hosts in turn.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { ParloadError } from '../../errors/index.ts';
import type { Where } from '../../model/index.ts';
import { type Answer, exchange } from '../../storage/remote/exchange.ts';
import type { ConnInfo } from './conninfo.ts';
import { type CrateFailure, exchangeError, statementError } from './failure.ts';

/** Below the minute or so after which balancers close an idle connection without a word. */
const KEEP_ALIVE_MS = 15_000;
/** A host that did not answer is left out for so long, while another one does. */
const AVOID_MS = 5_000;

const compress = promisify(gzip);

export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
}

/** What the server says in a body; a body that is no JSON comes from something in between. */
export function failureOf({ status, body }: Answer): CrateFailure | null {
  let error: { code?: unknown; message?: unknown } | undefined;
  try {
    error = (JSON.parse(Buffer.from(body).toString()) as { error?: typeof error } | null)?.error;
  } catch {
    if (status < 400) return { status, code: 0, message: '' };
  }
  if (status < 400 && error === undefined) return null;
  return { status, code: Number(error?.code ?? 0), message: String(error?.message ?? '') };
}

export class CrateConnection {
  readonly #info: ConnInfo;
  readonly #connections: number;
  readonly #origins: readonly string[];
  readonly #avoided: number[];
  #turn: number;
  #agent: Promise<Dispatcher> | null = null;

  /** @param turn which host comes first: workers begin with different ones. */
  constructor(info: ConnInfo, { connections = 2, turn = 0 } = {}) {
    this.#info = info;
    this.#connections = connections;
    this.#origins = info.hosts.map((host) => `${info.secure ? 'https' : 'http'}://${host}`);
    this.#avoided = info.hosts.map(() => 0);
    this.#turn = turn;
  }

  /** One statement. For statements that may be executed twice: another host is tried when one does not answer. */
  async query(
    statement: string,
    args: readonly unknown[] = [],
    doing = '',
    where: Where = {},
  ): Promise<QueryAnswer> {
    const body = Buffer.from(
      JSON.stringify(args.length === 0 ? { stmt: statement } : { stmt: statement, args }),
    );
    const answer = await this.#withAnyHost((host) => this.#send(host, body, null));
    const failure = failureOf(answer);
    if (failure !== null) throw statementError(failure, doing === '' ? 'CrateDB' : doing, where);
    const { cols, rows, rowcount } = JSON.parse(Buffer.from(answer.body).toString()) as {
      cols?: string[];
      rows?: unknown[][];
      rowcount?: number;
    };
    return { columns: cols ?? [], rows: rows ?? [], rowCount: Number(rowcount ?? 0) };
  }

  /** Rows as objects by column. */
  async select(
    statement: string,
    args: readonly unknown[],
    doing: string,
  ): Promise<Record<string, unknown>[]> {
    const { columns, rows } = await this.query(statement, args, doing);
    return rows.map((row) => Object.fromEntries(columns.map((name, k) => [name, row[k]])));
  }

  /** A statement for each list of arguments; each must succeed. May be executed twice. */
  async bulk(statement: string, args: readonly (readonly unknown[])[], doing: string): Promise<void> {
    if (args.length === 0) return;
    const body = Buffer.from(JSON.stringify({ stmt: statement, bulk_args: args }));
    const answer = await this.#withAnyHost((host) => this.#send(host, body, null));
    const failure = failureOf(answer);
    if (failure !== null) throw statementError(failure, doing);
    const { results } = JSON.parse(Buffer.from(answer.body).toString()) as {
      results?: { rowcount?: number }[];
    };
    if (results?.every(({ rowcount }) => rowcount === 0 || rowcount === 1) !== false) return;
    throw new ParloadError('SINK_CONFLICT', `${doing}: the server did not take all of it`);
  }

  /** A body that was written elsewhere; the bytes stay untouched until the answer. Throws when there is no answer. */
  async post(body: Uint8Array, zipped: boolean): Promise<Answer> {
    const sent = zipped ? await compress(body, { level: 1 }) : body;
    return this.#send(this.#next(), sent, zipped ? 'gzip' : null);
  }

  /** `version.number` of the server; null: it tells none. */
  async version(): Promise<string | null> {
    const answer = await this.#withAnyHost((host) => this.#request(host, 'GET', '/', {}, null));
    const failure = failureOf(answer);
    if (failure !== null) throw statementError(failure, 'asking who answers');
    const { version } = JSON.parse(Buffer.from(answer.body).toString()) as { version?: { number?: string } };
    return version?.number ?? null;
  }

  async close(): Promise<void> {
    const agent = await this.#agent?.catch(() => null);
    this.#agent = null;
    await agent?.destroy();
  }

  /** The next host in turn that is not known to be away. */
  #next(): number {
    const now = performance.now();
    for (let k = 0; k < this.#origins.length; k++) {
      const host = (this.#turn + k) % this.#origins.length;
      if (this.#avoided[host]! > now) continue;
      this.#turn = host + 1;
      return host;
    }
    return this.#turn++ % this.#origins.length;
  }

  async #withAnyHost(work: (host: number) => Promise<Answer>): Promise<Answer> {
    let first: unknown = null;
    for (let k = 0; k < this.#origins.length; k++) {
      try {
        return await work(this.#next());
      } catch (error) {
        first ??= error;
        if (ParloadError.is(error) && (error.code === 'SINK_TLS' || error.code === 'CONFIG_INVALID'))
          throw error;
      }
    }
    throw first;
  }

  #send(host: number, body: Uint8Array, encoding: string | null): Promise<Answer> {
    return this.#request(
      host,
      'POST',
      '/_sql',
      { 'content-type': 'application/json', ...(encoding === null ? {} : { 'content-encoding': encoding }) },
      body,
    );
  }

  async #request(
    host: number,
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string>,
    body: Uint8Array | null,
  ): Promise<Answer> {
    const { authorization, schema } = this.#info;
    const own = {
      accept: 'application/json',
      'default-schema': schema,
      ...(authorization === null ? {} : { authorization }),
    };
    try {
      const agent = await this.#dispatcher();
      const answer = await exchange(
        agent,
        { method, origin: this.#origins[host]!, path, headers: { ...own, ...headers }, body },
        null,
      );
      this.#avoided[host] = 0;
      return answer;
    } catch (cause) {
      this.#avoided[host] = performance.now() + AVOID_MS;
      throw exchangeError(cause, this.#info.hosts[host]!);
    }
  }

  #dispatcher(): Promise<Dispatcher> {
    this.#agent ??= this.#make();
    return this.#agent;
  }

  async #make(): Promise<Dispatcher> {
    const { tls, connectTimeoutMs, stallTimeoutMs } = this.#info;
    const { default: Agent } = await import('undici/lib/dispatcher/agent.js');
    return new Agent({
      connections: this.#connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: stallTimeoutMs,
      bodyTimeout: stallTimeoutMs,
      connect: {
        timeout: connectTimeoutMs,
        rejectUnauthorized: tls.mode !== 'require',
        ...(tls.mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
        ...(tls.ca === null ? {} : { ca: tls.ca }),
        ...(tls.cert === null ? {} : { cert: tls.cert }),
        ...(tls.key === null ? {} : { key: tls.key }),
      },
    });
  }
}
