// A CrateDB for tests: one HTTP endpoint that keeps rows, checks values, and fails as it is told.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type ExactJson, JsonNumber, parseExact } from '../../support/exact-json.ts';
import { Engine, type RowResult } from './engine.ts';
import type { FatalShape, Shape } from './shapes.ts';
import { CrateError, type Row } from './store.ts';

export interface FakeCrateOptions {
  /** Accepted values of the authorization header; absent: anybody. */
  readonly authorization?: readonly string[];
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The tables, of another fake: several nodes of one cluster. */
  readonly engine?: Engine;
}

interface Bulk {
  readonly statement: string;
  readonly args: readonly (readonly ExactJson[])[];
}

interface BulkSeen {
  readonly rows: number;
  readonly zipped: boolean;
}

type Fault = Shape | FatalShape;

export class FakeCrate {
  readonly engine: Engine;
  /** Bulk requests into tables of users, as they came. */
  readonly bulks: BulkSeen[] = [];
  /** Statements other than bulk inserts. */
  readonly statements: string[] = [];
  #faults: Fault[] = [];
  /** Chooses for each bulk request; null: all is well. */
  chooser: ((index: number, rows: number) => Fault | null) | null = null;
  /** A row that the server refuses by itself, whatever its values. */
  poison: ((row: Row) => boolean) | null = null;
  /** A row with a value that cannot be cast: its whole request fails. */
  castTrap: ((row: Row) => boolean) | null = null;
  #server: Server | null = null;
  #open = 0;
  mostAtOnce = 0;
  readonly #hanging = new Set<ServerResponse>();
  readonly #options: FakeCrateOptions;

  constructor(options: FakeCrateOptions = {}) {
    this.#options = options;
    this.engine = options.engine ?? new Engine();
  }

  static async start(options: FakeCrateOptions = {}): Promise<FakeCrate> {
    const fake = new FakeCrate(options);
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      fake.#handle(request, response).catch(() => response.destroy());
    };
    fake.#server =
      options.tls === undefined ? createServer(listener) : createSecureServer(options.tls, listener);
    await new Promise<void>((resolve) => fake.#server!.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get port(): number {
    return (this.#server!.address() as AddressInfo).port;
  }

  /** `crate://127.0.0.1:PORT/doc`, with a table. */
  url(table?: string): string {
    const scheme = this.#options.tls === undefined ? 'crate' : 'crate+https';
    return `${scheme}://127.0.0.1:${this.port}/doc${table === undefined ? '' : `?table=${table}`}`;
  }

  /** The next bulk requests go so. */
  fail(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  get pendingFaults(): number {
    return this.#faults.length;
  }

  /** All rows of a table, as of now. */
  rows(table: string, schema = 'doc'): Row[] {
    const found = this.engine.tables.get(`${schema}.${table}`);
    return found === undefined ? [] : [...found.rows.values()].map(({ values }) => values);
  }

  async stop(): Promise<void> {
    for (const response of this.#hanging) response.destroy();
    const server = this.#server;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const zipped = request.headers['content-encoding'] === 'gzip';
    const raw = Buffer.concat(chunks);
    const { authorization } = this.#options;
    if (authorization !== undefined && !authorization.includes(request.headers.authorization ?? '')) {
      return answer(response, 401, { error: { message: 'UnauthorizedException[no such user]', code: 4010 } });
    }
    if (request.method === 'GET') {
      return answer(response, 200, { name: 'fake', cluster_name: 'fake', version: { number: '5.10.0' } });
    }
    const body = parseExact((zipped ? gunzipSync(raw) : raw).toString()) as ReadonlyMap<string, ExactJson>;
    const statement = String(body.get('stmt'));
    const bulk = body.get('bulk_args') as Bulk['args'] | undefined;
    try {
      if (bulk === undefined) {
        this.statements.push(statement);
        const args = (body.get('args') ?? []) as readonly ExactJson[];
        const { columns, rows, rowCount } = this.engine.execute(statement, args);
        return answerText(
          response,
          200,
          `{"cols":${JSON.stringify(columns)},"rows":${exactText(rows)},"rowcount":${rowCount},"duration":0.1}`,
        );
      }
      this.#open++;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
      if (/^INSERT INTO "?parload"?\./.test(statement) || !statement.startsWith('INSERT')) {
        return this.#plainBulk(response, { statement, args: bulk });
      }
      this.bulks.push({ rows: bulk.length, zipped });
      return await this.#bulk(response, { statement, args: bulk });
    } catch (error) {
      if (!(error instanceof CrateError)) throw error;
      return answer(response, error.status, { error: { message: error.message, code: error.code } });
    } finally {
      if (bulk !== undefined) this.#open--;
    }
  }

  #plainBulk(response: ServerResponse, { statement, args }: Bulk): void {
    const results = args.map((row) => ({ rowcount: this.engine.execute(statement, row).rowCount }));
    answer(response, 200, { cols: [], results });
  }

  #nextFault(rows: number): Fault | null {
    return this.#faults.shift() ?? this.chooser?.(this.bulks.length - 1, rows) ?? null;
  }

  async #bulk(response: ServerResponse, bulk: Bulk): Promise<void> {
    const fault = this.#nextFault(bulk.args.length);
    const plan = this.engine.insertPlan(bulk.statement);
    // one value that cannot be cast: nothing is written
    const rows = bulk.args.map((args) => plan.prepare(args));
    if (this.castTrap !== null && rows.some(this.castTrap)) {
      throw new CrateError(400, 4000, 'SQLParseException[Cannot cast value `secret` to type `ip`]');
    }
    const store = (which: (k: number) => boolean): RowResult[] =>
      rows.map((row, k) => {
        if (!which(k)) return { error: new CrateError(0, 5000, 'IndexShardClosedException[closed]') };
        if (this.poison?.(row) === true) {
          return {
            error: new CrateError(400, 4003, 'ColumnValidationException[Validation failed for secret]'),
          };
        }
        try {
          return plan.store(row);
        } catch (error) {
          if (error instanceof CrateError) return { error };
          throw error;
        }
      });
    if (fault === null)
      return this.#results(
        response,
        store(() => true),
        10,
      );
    await this.#answerFault(response, fault, rows.length, store);
  }

  /** Results as CrateDB tells them: few texts, and another shape for a request of one row. */
  #results(response: ServerResponse, results: readonly RowResult[], texts: number): void {
    const [only] = results;
    if (results.length === 1 && only !== undefined && 'error' in only && only.error.status >= 400) {
      throw only.error;
    }
    let left = texts;
    const told = results.map((result) => {
      if (!('error' in result)) return { rowcount: result.count };
      left--;
      const { code, message } = result.error;
      return left < 0 ? { rowcount: -2 } : { rowcount: -2, error: { code, message } };
    });
    answer(response, 200, { cols: [], duration: 0.1, results: told });
  }

  async #answerFault(
    response: ServerResponse,
    fault: Fault,
    count: number,
    store: (which: (k: number) => boolean) => RowResult[],
  ): Promise<void> {
    const minus2 = (): void =>
      answer(response, 200, { results: Array.from({ length: count }, () => ({ rowcount: -2 })) });
    const error = (status: number, code: number, message: string): void =>
      answer(response, status, { error: { code, message } });
    switch (fault) {
      case 'partial':
        return this.#results(
          response,
          store((k) => k % 3 !== 1),
          10,
        );
      case 'partial-silent':
        return this.#results(
          response,
          store((k) => k % 3 !== 1),
          0,
        );
      case 'written-minus-2':
        store(() => true);
        return minus2();
      case 'half-minus-2':
        store((k) => k % 2 === 0);
        return minus2();
      case 'rejected-execution':
        return this.#results(
          response,
          Array.from({ length: count }, () => ({
            error: new CrateError(
              0,
              5000,
              'EsRejectedExecutionException[rejected execution of org.x on queue capacity = 50]',
            ),
          })),
          10,
        );
      case 'top-level-error':
        store((k) => k % 2 === 0);
        return error(200, 5000, 'IOException[shard failed]');
      case 'short-results':
        store(() => true);
        return answer(response, 200, { results: [{ rowcount: 1 }, { rowcount: 1 }] });
      case 'no-json':
        store((k) => k % 2 === 1);
        return answerText(response, 200, '<html>gateway</html>');
      case 'status-429':
        return error(429, 4290, 'TooManyRequests[slow down]');
      case 'status-503':
        return error(503, 5002, 'NodeDisconnectedException[no master]');
      case 'status-502':
        return answerText(response, 502, '<html>bad gateway</html>');
      case 'status-503-written':
        store(() => true);
        return answerText(response, 503, '<html>unavailable</html>');
      case 'circuit-breaker':
        return error(500, 5000, 'CircuitBreakingException[Allocating 9gb for secret failed]');
      case 'status-413':
        return answerText(response, 413, '');
      case 'reset':
        response.destroy();
        return;
      case 'reset-written':
        store(() => true);
        response.destroy();
        return;
      case 'hang-written':
        store(() => true);
        this.#hanging.add(response);
        return;
      case 'hang':
        this.#hanging.add(response);
        return;
      case 'lost-row':
        store((k) => k !== count - 1);
        return answer(response, 200, { results: Array.from({ length: count }, () => ({ rowcount: 1 })) });
      case 'status-401':
        return error(401, 4010, 'UnauthorizedException[gone]');
      case 'status-403':
        return error(403, 4011, 'MissingPrivilegeException[no DML]');
      default:
        return error(404, 4041, 'RelationUnknown[gone]');
    }
  }
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

const answer = (response: ServerResponse, status: number, body: unknown): void =>
  answerText(response, status, JSON.stringify(body));

/** Back to text, numbers as they were written. */
export function exactText(value: ExactJson | readonly (readonly ExactJson[])[]): string {
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof Map)
    return `{${[...value].map(([k, v]) => `${JSON.stringify(k)}:${exactText(v as ExactJson)}`).join(',')}}`;
  if (Array.isArray(value)) return `[${value.map((item: ExactJson) => exactText(item)).join(',')}]`;
  return JSON.stringify(value);
}
