import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Cluster, type ClusterOptions, startCluster } from '../../scripts/pg/cluster.ts';
import { queryAt } from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';
import { makeCertificates } from '../support/tls.ts';

const open: Cluster[] = [];
after(() => Promise.all(open.map((cluster) => cluster.close())));

async function started(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster(options);
  open.push(cluster);
  return cluster;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** SQLSTATE or system error code of a failing connection. */
const refusal = (config: pg.ClientConfig): Promise<string> =>
  (async () => {
    const client = new pg.Client(config);
    client.on('error', () => {});
    try {
      await client.connect();
      return 'connected';
    } catch (error) {
      return String((error as { code?: string }).code);
    } finally {
      await client.end().catch(() => {});
    }
  })();

async function until(what: string, holds: () => boolean, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > deadline) assert.fail(`${what}: not within ${withinMs} ms`);
    await sleep(50);
  }
}

describe('embedded Postgres', () => {
  test('starts on 127.0.0.1 only, takes settings, and leaves nothing', async () => {
    const cluster = await started({ settings: { work_mem: '9MB', application_name: "it's" } });
    const [row] = await queryAt(
      cluster.url,
      `select current_setting('work_mem') as work_mem, current_setting('fsync') as fsync,
              current_setting('application_name') as name, current_setting('listen_addresses') as listen`,
    );
    assert.deepEqual(row, { work_mem: '9MB', fsync: 'off', name: "it's", listen: '127.0.0.1' });
    const elsewhere = Object.values(networkInterfaces())
      .flat()
      .find((n) => n !== undefined && !n.internal && n.family === 'IPv4');
    if (elsewhere !== undefined) {
      const config = { host: elsewhere.address, port: cluster.port, user: 'postgres', database: 'postgres' };
      assert.equal(await refusal(config), 'ECONNREFUSED');
    }
    const pid = cluster.pid!;
    await cluster.close();
    assert.equal(isAlive(pid), false);
    assert.equal(existsSync(cluster.dataDir), false);
    assert.equal(existsSync(cluster.socketDir), false);
  });

  test('the unix socket works too', async () => {
    const cluster = await started();
    const config = { host: cluster.socketDir, port: cluster.port, user: 'postgres', database: 'postgres' };
    assert.equal(await refusal(config), 'connected');
    await cluster.close();
  });

  test('keeps what was committed over stop, kill and restart', async () => {
    const cluster = await started({ durable: true });
    await queryAt(cluster.url, 'create table t as select 1 as a');
    await cluster.stop('immediate');
    assert.equal(cluster.pid, null);
    await cluster.restart();
    await queryAt(cluster.url, 'insert into t values (2)');
    const before = cluster.url;
    await cluster.kill();
    assert.equal(cluster.pid, null);
    await cluster.restart({ work_mem: '7MB' });
    assert.equal(cluster.url, before);
    const rows = await queryAt(
      cluster.url,
      `select sum(a)::int as sum, current_setting('work_mem') as mem from t`,
    );
    assert.deepEqual(rows, [{ sum: 3, mem: '7MB' }]);
    await cluster.close();
  });

  test('a kept data directory survives close and refuses a second server', async () => {
    const dataDir = join(temporaryFolder(), 'sub', 'pg');
    // A temporary folder is closed to others; as root the server is another account.
    if (process.getuid?.() === 0) chmodSync(dirname(dirname(dataDir)), 0o755);
    const first = await started({ dataDir });
    await queryAt(first.url, 'create table kept as select 42 as a');
    assert.deepEqual(await queryAt(first.url, 'show fsync'), [{ fsync: 'on' }]);
    await assert.rejects(startCluster({ dataDir }), /already uses/);
    assert.notEqual(first.pid, null);
    await first.close();
    const second = await started({ dataDir });
    assert.deepEqual(await queryAt(second.url, 'select a from kept'), [{ a: 42 }]);
    await second.close();
    assert.equal(existsSync(join(dataDir, 'PG_VERSION')), true);
  });

  test('scram asks for the password', async () => {
    const cluster = await started({ auth: 'scram', password: 'p@ss:w/rd' });
    assert.equal((await queryAt(cluster.url, 'select 1 as a')).length, 1);
    const wrong = cluster.url.replace(/:[^:@]+@/, ':wrong@');
    assert.equal(await refusal({ connectionString: wrong }), '28P01');
    assert.equal(await refusal({ connectionString: wrong.replace('127.0.0.1', 'localhost') }), '28P01');
    await cluster.close();
  });

  test('speaks TLS, with client certificates on request', async () => {
    const tls = makeCertificates(temporaryFolder());
    const cluster = await started({
      ssl: tls,
      hba: [
        'local all all trust',
        'hostssl postgres all 127.0.0.1/32 trust clientcert=verify-full',
        'hostssl all all 127.0.0.1/32 trust',
        'host all all 127.0.0.1/32 reject',
      ],
    });
    const ca = readFileSync(tls.caFile, 'utf8');
    const cert = readFileSync(tls.clientCertFile, 'utf8');
    const key = readFileSync(tls.clientKeyFile, 'utf8');
    const connectionString = cluster.url;
    assert.equal(await refusal({ connectionString, ssl: { ca, cert, key } }), 'connected');
    assert.equal(await refusal({ connectionString, ssl: { ca } }), '28000');
    assert.equal(await refusal({ connectionString: cluster.url, ssl: false }), '28000');
    const other = cluster.url.replace(/postgres$/, 'template1');
    assert.equal(await refusal({ connectionString: other, ssl: { ca } }), 'connected');
    assert.notEqual(await refusal({ connectionString: other, ssl: true }), 'connected');
    await cluster.close();
  });

  test('says what is wrong when the server cannot start', async () => {
    await assert.rejects(startCluster({ settings: { work_mem: 'much' } }), /work_mem/);
  });

  test('kill -9 of its owner ends the server and removes the data', async () => {
    const program = fileURLToPath(new URL('../support/hold-cluster.js', import.meta.url));
    const owner = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => owner.stdout.once('data', (d) => resolve(String(d))));
    const { pid, dataDir, socketDir } = JSON.parse(line) as {
      pid: number;
      dataDir: string;
      socketDir: string;
    };
    assert.equal(isAlive(pid), true);
    owner.kill('SIGKILL');
    await until('the server ends', () => !isAlive(pid), 8000);
    await until('the data is gone', () => !existsSync(dataDir) && !existsSync(socketDir), 8000);
  });

  test('a server that nobody stopped does not keep its owner alive', async () => {
    const cluster = new URL('../../scripts/pg/cluster.js', import.meta.url).href;
    const code = `const c = await (await import(${JSON.stringify(cluster)})).startCluster(); console.log(c.pid);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    owner.stdout.on('data', (data) => {
      output += data;
    });
    const exit = await new Promise((resolve) => owner.once('exit', resolve));
    assert.equal(exit, 0);
    await until('the server ends', () => !isAlive(Number(output)), 8000);
  });
});
