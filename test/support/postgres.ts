// A real Postgres for a test file: one server a file, started at first use, one database a test.
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import { type Cluster, type ClusterOptions, startCluster } from '../../scripts/pg/cluster.ts';

export type Row = Record<string, unknown>;

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Runs on a connection of its own, closed afterwards. */
  query<R extends Row = Row>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** An open connection; closed at the latest when the file's tests are over. */
  connect(): Promise<pg.Client>;
}

export interface TestPostgres {
  /** True with PARLOAD_TEST_PG_URL: a server of the user's, which must not be stopped or killed. */
  readonly external: boolean;
  /** The embedded server. Throws when `external`; tests that need it ask for `{ embedded: true }`. */
  cluster(): Promise<Cluster>;
  /** URL of the server's maintenance database. */
  url(): Promise<string>;
  freshDatabase(): Promise<TestDatabase>;
  query<R extends Row = Row>(sql: string, params?: readonly unknown[], url?: string): Promise<R[]>;
}

export interface TestPostgresOptions extends ClusterOptions {
  /** Always the embedded server: for tests that stop it, kill it or need its settings. */
  readonly embedded?: boolean;
}

export async function queryAt<R extends Row = Row>(
  url: string,
  sql: string,
  params: readonly unknown[] = [],
): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<R>(sql, [...params])).rows;
  } finally {
    await client.end();
  }
}

const withDatabase = (url: string, name: string): string => {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
};

/** Call it at the top of a test file; everything is taken down after the file's last test. */
export function withPostgres(options: TestPostgresOptions = {}): TestPostgres {
  const { embedded = false, ...clusterOptions } = options;
  const externalUrl = embedded ? undefined : process.env.PARLOAD_TEST_PG_URL;
  let starting: Promise<Cluster> | null = null;
  const databases: string[] = [];
  const clients: pg.Client[] = [];

  const cluster = (): Promise<Cluster> => {
    if (externalUrl !== undefined) throw new Error('this test needs withPostgres({ embedded: true })');
    starting ??= startCluster(clusterOptions);
    return starting;
  };
  const url = async (): Promise<string> => externalUrl ?? (await cluster()).url;

  after(async () => {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
    if (externalUrl !== undefined) {
      for (const name of databases)
        await queryAt(externalUrl, `drop database if exists ${name} with (force)`);
    }
    await (await starting?.catch(() => null))?.close();
  });

  const freshDatabase = async (): Promise<TestDatabase> => {
    const name = `parload_test_${randomBytes(6).toString('hex')}`;
    const server = await url();
    await queryAt(server, `create database ${name} template template0`);
    databases.push(name);
    const own = withDatabase(server, name);
    return {
      name,
      url: own,
      query: (sql, params) => queryAt(own, sql, params),
      connect: async () => {
        const client = new pg.Client({ connectionString: own });
        client.on('error', () => {});
        await client.connect();
        clients.push(client);
        return client;
      },
    };
  };
  return {
    external: externalUrl !== undefined,
    cluster,
    url,
    freshDatabase,
    query: async (sql, params, at) => queryAt(at ?? (await url()), sql, params),
  };
}
