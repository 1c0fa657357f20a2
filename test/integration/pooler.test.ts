// Behind a pooler in transaction mode: every mode loads, and nothing is left in a backend for the next one to find.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import { runAs } from '../../scripts/pg/binaries.ts';
import { freePort } from '../../scripts/pg/cluster.ts';
import { copyJson, noBackends, Site, until } from '../e2e/fixture.ts';
import { Target, WRITE_MODES } from '../e2e/write-modes.ts';
import { PgPooler } from '../fakes/pg-pooler.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/root.ts';

const site = new Site(20_000, { embedded: true, database: 'file' });

/** Loads in every mode, looks at the ledger and compares, all through the pooler. */
async function everything(
  t: { diagnostic(text: string): void },
  through: string,
  prefix: string,
): Promise<void> {
  for (const [index, mode] of WRITE_MODES.entries()) {
    const target = await Target.create(site, mode, `${prefix}_${index}`);
    const args = ['copy', site.input.path, through, '--table', target.table, ...mode.args, '--workers', '2'];
    const { code, stderr } = await copyJson(args);
    assert.equal(code, 0, `${mode.name}\n${stderr}`);
    await target.assertFinished(mode.name);
    if (mode.name === 'replace by a swap') {
      const verified = await runCli(['verify', site.input.path, through, '--table', target.table]);
      assert.equal(verified.code, 0, verified.stderr);
    }
    const status = await runCli(['status', through, '--table', target.table]);
    assert.match(status.stdout, /finished/);
    t.diagnostic(`${mode.name}: done`);
    await target.drop();
  }
}

describe('a pooler that changes backends all the time', () => {
  test('the fake itself: backends change, and what is left is found', async () => {
    const cluster = await site.postgres.cluster();
    const pooler = await PgPooler.start(cluster.port);
    const client = new pg.Client({ connectionString: pooler.through(site.db.url) });
    await client.connect();
    const pid = async (): Promise<unknown> =>
      (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
    const pids = [await pid(), await pid(), await pid()];
    assert.notEqual(pids[0], pids[1]);
    assert.notEqual(pids[1], pids[2]);
    await client.query('begin');
    assert.equal(await pid(), await pid(), 'one transaction, one backend');
    await client.query('set local lock_timeout = 77');
    await client.query('select pg_advisory_xact_lock(1)');
    await client.query('commit');
    assert.deepEqual(pooler.leaks, []);
    await client.query('select pg_advisory_lock(1)');
    await client.query({ name: 'named', text: 'select 1' });
    await client.query('set lock_timeout = 77');
    await client.query('create temporary table leftover (a int)');
    await until('all of it was found', async () => pooler.leaks.length >= 4);
    const leaks = pooler.leaks.join('; ');
    for (const leak of [/an advisory lock/, /statement named/, /setting lock_timeout/, /table leftover/])
      assert.match(leaks, leak);
    await client.end();
    await pooler.close();
  });

  test('every mode, verify and status', async (t) => {
    const cluster = await site.postgres.cluster();
    const pooler = await PgPooler.start(cluster.port);
    await everything(t, pooler.through(site.db.url), 'pooled');
    assert.deepEqual(pooler.leaks, []);
    assert.ok(
      pooler.switches > 50 && pooler.switches > pooler.transactions / 2,
      `${pooler.switches} switches`,
    );
    await pooler.close();
    await noBackends(site.db);
  });
});

test('pgbouncer itself, in transaction mode', async (t) => {
  if (spawnSync('pgbouncer', ['--version']).status !== 0) {
    t.skip('no pgbouncer here: install it (Debian: apt-get install pgbouncer) and have it in PATH');
    return;
  }
  const cluster = await site.postgres.cluster();
  const dir = temporaryFolder();
  const port = await freePort();
  const account = runAs();
  writeFileSync(join(dir, 'users'), '"postgres" ""\n');
  writeFileSync(
    join(dir, 'pgbouncer.ini'),
    `[databases]
* = host=127.0.0.1 port=${cluster.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(dir, 'users')}
pool_mode = transaction
default_pool_size = 8
`,
  );
  chmodSync(dir, 0o755);
  if (account !== null) chownSync(dir, account.uid, account.gid);
  const child = spawn('pgbouncer', ['-q', join(dir, 'pgbouncer.ini')], {
    stdio: 'ignore',
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  });
  after(() => child.kill('SIGKILL'));
  const url = new URL(site.db.url);
  url.port = String(port);
  url.hostname = '127.0.0.1';
  await until('pgbouncer answers', async () => {
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  });
  await everything(t, url.href, 'bounced');
  child.kill('SIGTERM');
});
