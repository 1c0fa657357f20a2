// The Postgres of a benchmark: the embedded one, or the user's with a database of our own in it.
import { readlinkSync } from 'node:fs';
import pg from 'pg';
import { ParloadError } from '../../src/errors/index.ts';
import type { Environment } from '../../src/report/bench/results.ts';
import { commandOf, statOf } from '../measure/proc.ts';
import { ServerCpuMeter } from '../measure/server-cpu.ts';

/** Ours alone: made at the start, dropped at the end, so that nothing of the user's is ever touched. */
const DATABASE = 'parload_bench';

/** What a load is measured with; `make bench` says these in its environment block. */
const SETTINGS = [
  'shared_buffers',
  'max_wal_size',
  'checkpoint_timeout',
  'fsync',
  'full_page_writes',
  'synchronous_commit',
  'wal_level',
  'wal_compression',
  'autovacuum',
  'data_checksums',
] as const;

/** Of the embedded server: as a server for loads has it, durable, without checkpoints in the middle of a run. */
const EMBEDDED_SETTINGS = {
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  autovacuum: false,
};

export class BenchServer {
  /** Of the bench's own database, without a password: it goes to command lines, which everybody on a machine sees. */
  readonly url: string;
  /** PGPASSWORD, when the URL that it was opened with has one. */
  readonly env: Readonly<Record<string, string>>;
  readonly facts: NonNullable<Environment['postgres']>;
  readonly #client: pg.Client;
  readonly #adminUrl: string;
  readonly #postmaster: number | null;
  readonly #stop: () => Promise<void>;

  private constructor(parts: {
    adminUrl: string;
    client: pg.Client;
    facts: NonNullable<Environment['postgres']>;
    postmaster: number | null;
    stop: () => Promise<void>;
  }) {
    this.url = openUrl(parts.adminUrl);
    this.env = passwordEnv(parts.adminUrl);
    this.facts = parts.facts;
    this.#client = parts.client;
    this.#adminUrl = parts.adminUrl;
    this.#postmaster = parts.postmaster;
    this.#stop = parts.stop;
  }

  /** null: the embedded server, started for this and stopped by `close`. */
  static async open(userUrl: string | null): Promise<BenchServer> {
    if (userUrl !== null) return BenchServer.#at(userUrl, 'url', async () => undefined);
    // Only a checkout has it: the published package brings no server.
    const { startCluster } = await import('../../scripts/pg/cluster.ts');
    const cluster = await startCluster({ durable: true, settings: EMBEDDED_SETTINGS });
    try {
      return await BenchServer.#at(cluster.url, 'embedded', () => cluster.close());
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  static async #at(
    adminUrl: string,
    kind: 'embedded' | 'url',
    stop: () => Promise<void>,
  ): Promise<BenchServer> {
    const admin = await connect(adminUrl);
    try {
      await makeDatabase(admin);
    } finally {
      await admin.end();
    }
    const client = await connect(withDatabase(adminUrl));
    const postmaster = await findPostmaster(client);
    const settings: Record<string, string> = {};
    for (const name of SETTINGS) {
      const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [name]);
      settings[name] = rows[0]?.value ?? '';
    }
    const { rows } = await client.query<{ version: string }>(
      "select current_setting('server_version') as version",
    );
    const facts = { version: rows[0]!.version, kind, measured: postmaster !== null, settings };
    return new BenchServer({ adminUrl, client, facts, postmaster, stop });
  }

  /** The state before a run: no table, no ledger, nothing left to write. Then the DDL, if the tool needs a table. */
  async reset(table: string, ddl: readonly string[]): Promise<void> {
    await this.#client.query(`drop table if exists ${table}`);
    await this.#client.query('drop schema if exists parload cascade');
    for (const statement of ddl) await this.#client.query(statement);
    await this.#client.query('checkpoint').catch(ignoreDenied);
  }

  meter(): ServerCpuMeter | null {
    return this.#postmaster === null ? null : new ServerCpuMeter(this.#postmaster);
  }

  async query<R extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<R[]> {
    return (await this.#client.query<R>(sql, values)).rows;
  }

  async close(): Promise<void> {
    try {
      await this.#client.end();
      const admin = await connect(this.#adminUrl);
      try {
        await admin.query(`drop database if exists ${DATABASE}`);
      } finally {
        await admin.end();
      }
    } finally {
      await this.#stop();
    }
  }
}

/** CHECKPOINT needs a role that the user of a managed server has not; figures are then a little less even. */
function ignoreDenied(error: { code?: string }): void {
  if (error.code !== '42501') throw error;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'parload bench' });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new ParloadError('SINK_UNREACHABLE', 'the server for the benchmark does not answer', { cause });
  }
  return client;
}

const withDatabase = (url: string): string => {
  const parsed = new URL(url);
  parsed.pathname = `/${DATABASE}`;
  return parsed.href;
};

const openUrl = (url: string): string => {
  const parsed = new URL(withDatabase(url));
  parsed.password = '';
  parsed.searchParams.delete('password');
  return parsed.href;
};

function passwordEnv(url: string): Record<string, string> {
  const { password, searchParams } = new URL(url);
  const secret = password === '' ? searchParams.get('password') : decodeURIComponent(password);
  return secret === null ? {} : { PGPASSWORD: secret };
}

async function makeDatabase(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query('select 1 from pg_stat_activity where datname = $1', [DATABASE]);
  if (rows.length > 0) {
    throw new ParloadError('LOCKED', `another benchmark is using the database ${DATABASE}`, {
      hint: 'Two at a time would measure one another; wait for the other one.',
    });
  }
  await admin.query(`drop database if exists ${DATABASE}`);
  await admin.query(`create database ${DATABASE} template template0`);
}

/** Of a server in our own process table; a backend's title names its database, which is ours alone. */
async function findPostmaster(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]!.pid;
  if (commandOf(pid)?.includes(` ${DATABASE} `) !== true) return null;
  const parent = statOf(pid)?.parent ?? null;
  if (parent === null || parent <= 1) return null;
  return isPostgres(parent) ? parent : null;
}

function isPostgres(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).includes('postgres');
  } catch {
    return commandOf(pid)?.includes('postgres') === true;
  }
}
