// One connection: pg's client for the protocol, on a socket that dial.ts made.
import type { Socket } from 'node:net';
import { ParloadError } from '../../errors/index.ts';
import type { ConnInfo, Host } from './conninfo.ts';
import { showTarget } from './conninfo.ts';
import { type Dialed, DialTimeout, dial } from './dial.ts';
import { patiently, within } from './patience.ts';
import pg from './pg/index.ts';
import { type Context, classify, stateOf } from './sqlstate.ts';
import { planTls } from './tls.ts';

export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** pg's answer to one statement. */
export interface Answer {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: readonly Row[];
}

export interface ConnectOptions {
  readonly applicationName: string;
  /** See Context.initial. */
  readonly initial: boolean;
  /** Give up a statement that is not answered for so long while the server works on none of this run's. Default: never. */
  readonly stallTimeoutMs?: number;
}

const CLOSE_TIMEOUT_MS = 2_000;

interface Watch {
  readonly stallTimeoutMs: number;
  readonly isWorking: () => Promise<boolean>;
}

export class PgConnection {
  readonly host: Host;
  readonly encrypted: boolean;
  readonly socket: Socket;
  readonly #client: pg.Client;
  readonly #watch: Watch | null;
  #dead: unknown = null;

  constructor(client: pg.Client, host: Host, dialed: Dialed, watch: Watch | null) {
    this.#client = client;
    this.#watch = watch;
    this.host = host;
    this.socket = dialed.socket;
    this.encrypted = dialed.encrypted;
    // Without a listener an error between queries would end the process.
    client.on('error', (error) => {
      this.#dead ??= error;
    });
    client.on('end', () => {
      this.#dead ??= new Error('the connection ended');
    });
  }

  get usable(): boolean {
    return this.#dead === null && !this.socket.destroyed;
  }

  /** One statement; parameters go by an unnamed statement, which poolers in transaction mode allow. */
  async query(text: string, values: readonly unknown[], context: Context): Promise<readonly Row[]> {
    try {
      return (await this.#answer(this.#client.query<Row>(text, [...values]))).rows;
    } catch (error) {
      throw classify(error, context);
    }
  }

  /** Statements in one message, simple protocol. One answer a statement. */
  async script(text: string, context: Context): Promise<readonly Answer[]> {
    try {
      const result: unknown = await this.#answer(this.#client.query(text));
      return (Array.isArray(result) ? result : [result]) as readonly Answer[];
    } catch (error) {
      throw classify(error, context);
    }
  }

  #answer<T>(asked: Promise<T>): Promise<T> {
    if (this.#watch === null) return asked;
    const { stallTimeoutMs, isWorking } = this.#watch;
    return patiently(asked, stallTimeoutMs, isWorking, () => {
      const seconds = stallTimeoutMs / 1000;
      const error = new ParloadError(
        'SINK_STALLED',
        `no answer for ${seconds} s, and the server works on nothing`,
      );
      this.destroy(error);
      return error;
    });
  }

  /** A query object of our own, as COPY needs. */
  submit(query: pg.Submittable): void {
    this.#client.query(query);
  }

  /** At once; what is running fails with `cause`. */
  destroy(cause?: Error): void {
    this.#dead ??= cause ?? new Error('destroyed');
    this.socket.destroy(cause);
  }

  /** Says good-bye, but does not wait long for the answer. Does not throw. */
  async close(): Promise<void> {
    if (!this.usable) {
      this.socket.destroy();
      return;
    }
    const late = setTimeout(() => this.socket.destroy(), CLOSE_TIMEOUT_MS);
    try {
      await this.#client.end();
    } catch {
      // Gone already, which is what was wanted.
    } finally {
      clearTimeout(late);
      this.socket.destroy();
    }
  }
}

/** For statements of the main thread, which have no label as slices have: does the server work on any of this run's? */
async function isRunBusy(info: ConnInfo, options: ConnectOptions): Promise<boolean> {
  const { applicationName, stallTimeoutMs = 0 } = options;
  let connection: PgConnection | null = null;
  try {
    connection = await connect(info, { applicationName, initial: false });
    const rows = await within(
      connection.query(
        `SELECT 1 AS one FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()
           AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Client'`,
        [applicationName],
        { doing: 'asking whether the server still works' },
      ),
      stallTimeoutMs,
      () => new ParloadError('SINK_STALLED', 'no answer to the question whether the server works'),
    );
    return rows.length > 0;
  } catch (error) {
    // A server without a free connection is alive.
    return ParloadError.is(error) && error.code === 'SINK_CONNECTIONS';
  } finally {
    connection?.destroy();
  }
}

/** Tries the hosts in turn, each with and without TLS as sslmode says. The error is that of the last one. */
export async function connect(info: ConnInfo, options: ConnectOptions): Promise<PgConnection> {
  const tls = planTls(info);
  let last: ParloadError | null = null;
  for (const host of info.hosts) {
    for (const [i, encrypted] of tls.attempts.entries()) {
      try {
        const connection = await connectOnce(info, host, encrypted ? tls.options : null, options);
        if (connection !== null && (await suits(connection, info))) return connection;
        last = connection === null ? noTls(host, info) : readOnly(host);
        await connection?.close();
        if (connection !== null) break;
      } catch (error) {
        const failure = unanswered(error, {
          doing: `connecting to ${showHost(host)} as ${info.user}`,
          where: { host: showHost(host) },
          initial: options.initial,
        });
        const mayDiffer = failure.code === 'SINK_TLS' || stateOf(error) === '28000';
        last = failure;
        if (!mayDiffer || i === tls.attempts.length - 1) break;
      }
    }
  }
  throw last ?? new ParloadError('CONFIG_INVALID', `no host in ${showTarget(info)}`);
}

/**
 * Classified as what stands between: a host that takes the connection and drops it, as a load balancer without a server
 * behind it does, is as far away as one that refuses.
 */
function unanswered(error: unknown, context: Context): ParloadError {
  const failure = classify(error, context);
  if (failure.code !== 'SINK_LOST') return failure;
  return new ParloadError('SINK_UNREACHABLE', failure.message, {
    where: failure.where,
    cause: failure.cause,
    ...(context.initial === true ? { retryable: false } : {}),
  });
}

const showHost = (host: Host): string => `${host.host}:${host.port}`;

const noTls = (host: Host, info: ConnInfo): ParloadError =>
  new ParloadError('SINK_TLS', `${showHost(host)} offers no TLS, but sslmode=${info.sslmode} needs it`, {
    where: { host: showHost(host) },
    hint: 'Turn TLS on at the server, or allow a plain connection with --sslmode prefer.',
  });

const readOnly = (host: Host): ParloadError =>
  new ParloadError('SINK_DENIED', `${showHost(host)} is read-only`, {
    where: { host: showHost(host) },
    hint: 'No host of the list accepts writes; is one of them the primary?',
  });

async function suits(connection: PgConnection, info: ConnInfo): Promise<boolean> {
  if (!info.wantsWritable) return true;
  try {
    const rows = await connection.query(
      "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS readonly",
      [],
      { doing: 'asking whether the server is read-only' },
    );
    return rows[0]?.readonly === false;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** null: the server offers no TLS. */
async function connectOnce(
  info: ConnInfo,
  host: Host,
  tls: Parameters<typeof dial>[1],
  options: ConnectOptions,
): Promise<PgConnection | null> {
  const deadline = AbortSignal.timeout(info.connectTimeoutMs);
  const dialed = await dial(host, tls, deadline);
  if (dialed === null) return null;
  const { socket } = dialed;
  const client = new pg.Client(clientConfig(info, host, socket, options));
  const { stallTimeoutMs } = options;
  const watch =
    stallTimeoutMs === undefined ? null : { stallTimeoutMs, isWorking: () => isRunBusy(info, options) };
  const connection = new PgConnection(client, host, dialed, watch);
  const late = (): void => {
    socket.destroy(new DialTimeout(`no answer within ${info.connectTimeoutMs} ms`));
  };
  deadline.addEventListener('abort', late, { once: true });
  try {
    await client.connect();
  } catch (error) {
    // Before destroy: who ended it decides what it means.
    const authentication =
      !socket.destroyed && socket.readable && (error as { code?: unknown }).code === undefined;
    connection.destroy();
    if (!authentication) throw error;
    throw new ParloadError(
      'SINK_AUTH',
      `${showHost(host)} and this client did not agree on who "${info.user}" is`,
      {
        cause: error,
      },
    );
  } finally {
    deadline.removeEventListener('abort', late);
  }
  return connection;
}

function clientConfig(info: ConnInfo, host: Host, socket: Socket, options: ConnectOptions): pg.ClientConfig {
  // pg connects the stream itself; this one is connected, and behind TLS already.
  socket.connect = () => {
    process.nextTick(() => socket.emit('connect'));
    return socket;
  };
  return {
    stream: () => socket,
    ssl: false,
    // Or pg takes it from PGSSLNEGOTIATION.
    sslnegotiation: 'postgres',
    host: host.address,
    port: host.port,
    user: info.user,
    database: info.database,
    // A function, so that pg does not look for one itself.
    password: () => {
      if (host.password !== null) return host.password;
      throw new ParloadError('SINK_AUTH', `${showHost(host)} asks for a password and there is none`, {
        hint: 'Give it by PGPASSWORD, ~/.pgpass, --password-file, --password-command or in the URI.',
      });
    },
    application_name: options.applicationName,
    client_encoding: 'UTF8',
    enableChannelBinding: info.channelBinding && 'getPeerCertificate' in socket,
    ...(info.options === null ? {} : { options: info.options }),
  };
}
