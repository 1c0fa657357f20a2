// The server's side breaks in the middle of a load: backends killed, server stopped, restarted, cut off.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import {
  assertFailure,
  copyJson,
  countRows,
  createNumbered,
  fingerprint,
  type Held,
  jobsOf,
  Site,
} from './fixture.ts';

const ROWS = 60_000;
/** Two of the six slices of 10,000 rows have such a row in their middle. */
const HELD = 'new.id in (15000, 45000)';
const OTHER_SLICES = ['--workers', '3', '--slice', 'rows:7000'];

// Durable: what a server said to be committed must be there after a crash, as in earnest.
const site = new Site(ROWS, { embedded: true, durable: true });

/** The other slices are committed, or will be. */
const holdLoad = (more: readonly string[], unlogged = false): Promise<Held> =>
  site.hold(HELD, ['--slice', 'rows:10000', '--json', ...more], { unlogged });

describe('killed backends', () => {
  test('of one worker in the middle of COPY: the run goes on', async () => {
    const { gate, pids, running } = await holdLoad([]);
    await site.db.query('select pg_terminate_backend($1)', [pids[0]]);
    await gate.open();
    const { code, stdout, stderr } = await running.result;
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout);
    assert.ok(report.slices.retried >= 1);
    assert.equal(report.rows.loaded, ROWS);
    assert.match(stderr, /SINK_LOST/);
    await site.assertExact();
  });

  test('all of the run, the lock included: the run goes on', async () => {
    const { gate, running } = await holdLoad([]);
    const ended = await site.db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'parload%'",
    );
    assert.ok(ended.length >= 3, `${ended.length} backends`);
    await gate.open();
    const { code, stdout, stderr } = await running.result;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /lock broke during the load; the ledger kept other runs out/);
    await site.assertExact();
  });

  test('again and again: a typed error, then a rerun', async () => {
    const { gate, pids, running } = await holdLoad(['--retries', '0']);
    await site.db.query('select pg_terminate_backend($1)', [pids[0]]);
    await gate.open();
    const result = await running.result;
    assertFailure(result, 'SINK_LOST', 4);
    assert.equal((await jobsOf(site.db, 't'))[0]?.state, 'unfinished');
    await site.resume(OTHER_SLICES);
  });

  test('pg_cancel_backend: a typed error, nothing half-loaded, then a rerun', async () => {
    const { gate, pids, running } = await holdLoad([]);
    await site.db.query('select pg_cancel_backend($1)', [pids[0]]);
    await gate.open();
    assertFailure(await running.result, 'SINK_TIMEOUT', 4);
    await site.resume(OTHER_SLICES);
  });
});

test('--statement-timeout ends a COPY that takes too long, and nothing is half-loaded', async () => {
  const { gate, running } = await holdLoad(['--statement-timeout', '700ms']);
  assertFailure(await running.result, 'SINK_TIMEOUT', 4, /SQLSTATE 57014/);
  await gate.open();
  await site.resume(OTHER_SLICES);
});

test('--lock-timeout: a table that somebody holds is not waited for longer', async () => {
  await createNumbered(site.db, 't');
  const other = await site.db.connect();
  await other.query('begin; lock table t in access exclusive mode');
  const result = await copyJson(site.copyArgs(['--lock-timeout', '300ms', '--retry-budget', '1s']));
  assertFailure(result, 'SINK_TIMEOUT', 4, /SQLSTATE 55P03/);
  await other.query('rollback');
  await site.resume(OTHER_SLICES);
});

describe('connections run out', () => {
  const limited = async (limit: number): Promise<string> => {
    const role = `few_${site.db.name}`;
    await site.db.query(`create role ${role} login connection limit ${limit}`);
    await site.db.query(`alter database ${site.db.name} owner to ${role}`);
    await site.db.query('grant all on schema public to public');
    const url = new URL(site.db.url);
    url.username = role;
    return url.href;
  };

  test('fewer workers do the work, and it is said', async () => {
    // The lock's connection and two workers; the connection of planning is gone by then.
    const url = await limited(3);
    const args = ['copy', site.input.path, url, '--table', 't', '--workers', '4', '--slice', 'rows:3000'];
    const { code, stderr, report } = await copyJson(args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /no connection for another worker; going on with 2 workers/);
    assert.equal(report.slices.failed, 0);
    await site.assertExact();
  });

  test('none at all for a worker: waited for as long as the budget', async () => {
    const url = await limited(2);
    const more = ['--workers', '1', '--retry-budget', '1s'];
    const args = ['copy', site.input.path, url, '--table', 't', ...more];
    await createNumbered(site.db, 't');
    await site.db.query(`alter table t owner to few_${site.db.name}`);
    const stranger = new pg.Client({ connectionString: url });
    await stranger.connect();
    assertFailure(await copyJson(args), 'SINK_CONNECTIONS', 4, /SQLSTATE 53300/);
    await stranger.end();
    await site.resume(OTHER_SLICES);
  });
});

describe('the server', () => {
  for (const how of ['fast', 'power cut'] as const) {
    test(`stops (${how}) and stays away: a typed error; started again, a rerun finishes`, async () => {
      const { running } = await holdLoad(['--retry-budget', '2s']);
      const cluster = await site.postgres.cluster();
      if (how === 'power cut') await cluster.kill();
      else await cluster.stop(how);
      const result = await running.result;
      const { error, state } = JSON.parse(result.stdout);
      assert.equal(state, 'failed');
      // a server that is still going down answers that it does
      const code = error.code === 'SINK_BUSY' && how === 'fast' ? 'SINK_BUSY' : 'SINK_UNREACHABLE';
      assertFailure(result, code, 4);
      assert.equal(error.code, code);
      await cluster.restart();
      const [job] = await jobsOf(site.db, 't');
      assert.equal(job?.state, 'unfinished');
      assert.ok((job?.rowsLoaded ?? 0) < ROWS);
      await site.resume(OTHER_SLICES);
    });
  }

  test('restarts while the command keeps running: it goes on by itself', async () => {
    const { running } = await holdLoad([]);
    const cluster = await site.postgres.cluster();
    await cluster.stop('immediate');
    await cluster.restart();
    const { code, stdout, stderr } = await running.result;
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout);
    assert.equal(report.rows.loaded, ROWS);
    assert.ok(report.slices.retried >= 2);
    await site.assertExact();
  });

  test('crashes and empties an UNLOGGED table: no success is claimed, and a rerun loads everything', async () => {
    const { running } = await holdLoad(['--retries', '30'], true);
    const cluster = await site.postgres.cluster();
    await cluster.stop('immediate');
    await cluster.restart();
    assertFailure(await running.result, 'SINK_LOST', 4, /UNLOGGED/);
    assert.equal(await countRows(site.db, 't'), 0);
    const { code, stderr, report } = await copyJson(site.copyArgs(OTHER_SLICES));
    assert.equal(code, 0, stderr);
    assert.equal(report.rows.loaded, ROWS);
    assert.equal(await fingerprint(site.db, 't'), site.input.fingerprint);
  });

  test('is away when the command starts', async () => {
    const cluster = await site.postgres.cluster();
    await cluster.stop();
    const result = await copyJson(site.copyArgs());
    assertFailure(result, 'SINK_UNREACHABLE', 4);
    await cluster.restart();
    assert.equal(await countRows(site.db, 't'), 0);
  });
});
