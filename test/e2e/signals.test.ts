// Ctrl-C and SIGTERM: once to finish what is in flight, twice to stop at once; a rerun goes on in both cases.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCli } from '../support/cli.ts';
import { createNumbered, type Held, jobsOf, noBackends, Site } from './fixture.ts';

const ROWS = 60_000;
const SLICE = 10_000;

const site = new Site(ROWS);

/** Both workers stand still in their first slices: every slice has a row that is held back. */
const holdLoad = (): Promise<Held> =>
  site.hold(`new.id % ${SLICE} = ${SLICE / 2}`, ['--slice', `rows:${SLICE}`, '--progress', 'json']);

async function finish(there: number): Promise<void> {
  assert.equal(await site.committed(), there);
  assert.equal((await jobsOf(site.db, 't'))[0]?.state, 'unfinished');
  await site.resume(['--workers', '1', '--slice', 'rows:7000']);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  describe(signal, () => {
    test('once: slices in flight are committed, no other is begun; exit 130, resumable', async () => {
      const { gate, running } = await holdLoad();
      running.child.kill(signal);
      await running.seen(/"type":"stopping","force":false/);
      await gate.open();
      const result = await running.result;
      assert.equal(result.code, 130, result.stderr);
      assert.match(result.stderr, /^code: INTERRUPTED$/m);
      assert.match(result.stderr, /^hint: Run the same command again/m);
      assert.match(result.stdout, /^stopped after 20,000 rows loaded/);
      assert.equal(result.stderr.match(/"type":"slice.done"/g)?.length, 2);
      await finish(2 * SLICE);
    });

    test('twice: stops at once although the server does not answer; nothing half-loaded', async () => {
      const { gate, running } = await holdLoad();
      running.child.kill(signal);
      await running.seen(/"type":"stopping","force":false/);
      running.child.kill(signal);
      // The gate stays closed: only a forced end comes here.
      const result = await running.result;
      assert.equal(result.code, 130, result.stderr);
      await gate.open();
      await noBackends(site.db);
      await finish(0);
    });
  });
}

test('a signal while planning ends the command; nothing was touched', async () => {
  await createNumbered(site.db, 't');
  const client = await site.db.connect();
  await client.query('begin; lock table pg_catalog.pg_attribute in access exclusive mode');
  const running = startCli(site.copyArgs());
  // Not before it waits for us, or it would not be planning yet.
  const waits = "select 1 from pg_locks where not granted and relation = 'pg_catalog.pg_attribute'::regclass";
  while ((await client.query(waits)).rows.length === 0) await new Promise((next) => setTimeout(next, 20));
  running.child.kill('SIGINT');
  const { code, signal } = await running.result;
  assert.ok(code === 130 || signal === 'SIGINT', `${code} ${signal}`);
  await client.query('rollback');
  await noBackends(site.db);
  await site.assertUntouched();
});
