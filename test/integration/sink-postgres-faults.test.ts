// Broken connections between the Postgres sink and a real server: nothing lost, nothing twice, nobody waits for ever.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, ParloadError } from '../../src/errors/index.ts';
import type { SinkSession } from '../../src/model/index.ts';
import { sink } from '../../src/sinks/postgres/index.ts';
import { numberedBatch } from '../conformance/batches.ts';
import { Rig, sliceOf } from '../conformance/sink-suite.ts';
import { afterPattern, type Fault, FaultProxy } from '../fakes/fault-proxy.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';

const server = withPostgres({ embedded: true, durable: true });

const proxies: FaultProxy[] = [];
after(() => Promise.all(proxies.map((proxy) => proxy.close())));

const BLOCK = 64 * 1024;
/** Nobody takes our bytes. */
const BLOCKED: Fault = { do: 'stall', forMs: Number.POSITIVE_INFINITY };

/** The job goes directly, so that only sessions meet the faults. */
async function rigBehindProxy(
  options: object = {},
): Promise<{ rig: Rig; proxy: FaultProxy; db: TestDatabase }> {
  const db = await server.freshDatabase();
  const cluster = await server.cluster();
  const proxy = await FaultProxy.start({ port: cluster.port });
  proxies.push(proxy);
  const given = {
    url: proxy.through(db.url),
    table: 't',
    stallTimeout: '800ms',
    lockTimeout: '5s',
    ...options,
  };
  const rig = await Rig.start(sink, { options: given, ids: null, fingerprint: null }, 2 * BLOCK);
  return { rig, proxy, db };
}

const fails = async (promise: Promise<unknown>, code: ErrorCode): Promise<ParloadError> => {
  try {
    await promise;
  } catch (error) {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  throw new Error(`did not fail; expected ${code}`);
};

const count = async (db: TestDatabase): Promise<number> =>
  Number((await db.query('select count(*) as n from t'))[0]?.n);

/** Writes until it fails. */
const pour = async (session: SinkSession): Promise<void> => {
  for (let i = 0; i < 10_000; i++) await session.write(numberedBatch(0, 5000));
};

/** By another session, as the pool hands retries out: it knows nothing of the one before. */
const retry = async (rig: Rig, _failed: SinkSession, db: TestDatabase): Promise<void> => {
  const session = await rig.session(1);
  assert.equal(await session.begin(sliceOf(0, 1000), 2), true);
  await session.write(numberedBatch(0, 1000));
  assert.equal(await session.commit({ rowsRead: 1000, rowsFiltered: 0 }), 1000);
  assert.equal(await count(db), 1000);
  const left = await db.query(
    "select pid from pg_stat_activity where state = 'idle in transaction' and application_name like 'parload/%' and query like 'COPY%'",
  );
  assert.deepEqual(left, []);
  await rig.close();
};

test('a network that takes no more bytes: SINK_STALLED in time, and the retry works', async () => {
  const { rig, proxy, db } = await rigBehindProxy();
  const session = await rig.session();
  await session.begin(sliceOf(0, 1000), 1);
  await session.write(numberedBatch(0, 10));
  proxy.apply(BLOCKED);
  const startedAt = performance.now();
  const error = await fails(pour(session), 'SINK_STALLED');
  assert.ok(error.retryable);
  const elapsedMs = performance.now() - startedAt;
  assert.ok(elapsedMs > 700 && elapsedMs < 30_000, `${elapsedMs} ms`);
  await session.rollback(error);
  await retry(rig, session, db);
});

test('bytes that vanish: the end of COPY is not answered, the lost backend is ended, the retry works', async () => {
  const { rig, proxy, db } = await rigBehindProxy();
  const session = await rig.session();
  await session.begin(sliceOf(0, 1000), 1);
  await session.write(numberedBatch(0, 1000));
  proxy.apply({ do: 'black-hole' });
  const error = await fails(session.commit({ rowsRead: 1000, rowsFiltered: 0 }), 'SINK_STALLED');
  await session.rollback(error);
  // The server still believes in the old connection, which holds the slice's ledger row.
  await retry(rig, session, db);
});

test('the answer to COMMIT is lost: begin finds the slice committed', async () => {
  const { rig, proxy, db } = await rigBehindProxy();
  const session = await rig.session();
  await session.begin(sliceOf(0, 1000), 1);
  await session.write(numberedBatch(0, 1000));
  proxy.arm({ on: 'up', when: afterPattern('COMMIT\0'), fault: { do: 'lose-reply', ending: 'silence' } });
  const error = await fails(session.commit({ rowsRead: 1000, rowsFiltered: 0 }), 'SINK_STALLED');
  await session.rollback(error);
  assert.equal(await count(db), 1000);
  assert.equal(await session.begin(sliceOf(0, 1000), 3), false);
  await rig.close();
});

test('a server that works long at the end of COPY is waited for', async () => {
  const { rig, db } = await rigBehindProxy({ stallTimeout: '400ms' });
  await db.query(
    `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1.5); return null; end $$;
     create constraint trigger slow after insert on t deferrable initially deferred for each row execute function slow();
     create trigger slow_end after insert on t for each statement execute function slow()`,
  );
  const session = await rig.session();
  assert.equal(await rig.load(session, sliceOf(0, 1), [numberedBatch(0, 1)]), 1);
  await rig.close();
});

test('a slow network is no stall', async () => {
  const { rig, db } = await rigBehindProxy({ stallTimeout: '1s' });
  // The server itself is slow to take: 10 ms a row, 300 rows.
  await db.query(
    `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.01); return new; end $$;
     create trigger slow before insert on t for each row execute function slow()`,
  );
  const session = await rig.session();
  assert.equal(await rig.load(session, sliceOf(0, 300), [numberedBatch(0, 300)]), 300);
  await rig.close();
});

for (const [what, hit] of [
  ['a connection that is reset', async (proxy: FaultProxy) => proxy.apply({ do: 'reset' })],
  [
    'a backend that is killed',
    async (_: FaultProxy, db: TestDatabase) => {
      await db.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'COPY%' and pid <> pg_backend_pid()",
      );
    },
  ],
] as const) {
  test(`${what} in the middle of COPY: SINK_LOST, and the retry works`, async () => {
    const { rig, proxy, db } = await rigBehindProxy();
    const session = await rig.session();
    await session.begin(sliceOf(0, 1000), 1);
    await session.write(numberedBatch(0, 5000));
    const poured = fails(pour(session), 'SINK_LOST');
    await hit(proxy, db);
    const error = await poured;
    assert.ok(error.retryable);
    await session.rollback(error);
    await retry(rig, session, db);
  });

  test(`${what} between slices is not noticed`, async () => {
    const { rig, proxy, db } = await rigBehindProxy();
    const session = await rig.session();
    await rig.load(session, sliceOf(1000, 1), [numberedBatch(1000, 1)]);
    await db.query('delete from t');
    if (hit.length === 1) await hit(proxy, db);
    else
      await db.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'parload/%' and state = 'idle'",
      );
    await sleep(50);
    await retry(rig, session, db);
  });
}

test('a server stopped at once and started again: SINK_LOST, then the retry works', async () => {
  const { rig, db } = await rigBehindProxy();
  const cluster = await server.cluster();
  const session = await rig.session();
  await session.begin(sliceOf(0, 1000), 1);
  await session.write(numberedBatch(0, 5000));
  const poured = fails(pour(session), 'SINK_LOST');
  await cluster.stop('immediate');
  await session.rollback(await poured);
  // The proxy is still there, so the connection is made and then lost.
  const down = await fails(session.begin(sliceOf(0, 1000), 2), 'SINK_UNREACHABLE');
  await session.rollback(down);
  await cluster.restart();
  await retry(rig, session, db);
});

test('told to stop at once while the network takes nothing', async () => {
  const { rig, proxy } = await rigBehindProxy({ stallTimeout: '60s' });
  const session = await rig.session();
  await session.begin(sliceOf(0, 1000), 1);
  await session.write(numberedBatch(0, 10));
  proxy.apply(BLOCKED);
  const poured = fails(pour(session), 'INTERRUPTED');
  await sleep(300);
  rig.stop.raise(2);
  await session.rollback(await poured);
  await rig.close();
});

test('a later run waits for slices of a dead one, and says whom it waited for', async () => {
  const db = await server.freshDatabase();
  const options = { url: db.url, table: 't', lockTimeout: '1500ms' };
  const start = () => Rig.start(sink, { options, ids: null, fingerprint: null }, 2 * BLOCK);
  const dead = await start();
  const zombie = await dead.session();
  await zombie.begin(sliceOf(0, 10), 1);
  await zombie.write(numberedBatch(0, 10));
  await dead.job.abort(new Error('its coordinator is gone'));
  const error = await fails(start(), 'SINK_TIMEOUT');
  assert.match(error.message, /backend \d+ \(parload\/conformance/);
  assert.match(error.hint, /pg_terminate_backend/);
  // It commits while the next run waits: then the next run must see it.
  const waiting = start();
  await sleep(300);
  await zombie.commit({ rowsRead: 10, rowsFiltered: 0 });
  const rig = await waiting;
  assert.deepEqual(rig.committed, { 'input-a': [{ start: 0, end: 10 }] });
  await dead.close();
  await rig.close();
});

test('the same slice in flight twice: the second waits, and is told', async () => {
  const { rig, db } = await rigBehindProxy();
  const [one, two] = [await rig.session(0), await rig.session(1)];
  await one.begin(sliceOf(0, 10), 1);
  await one.write(numberedBatch(0, 10));
  const second = two.begin(sliceOf(0, 10), 1);
  await sleep(200);
  await one.commit({ rowsRead: 10, rowsFiltered: 0 });
  assert.equal(await second, false);
  // The other way round: the first is rolled back, so the second may load.
  await one.begin(sliceOf(10, 10), 1);
  const third = two.begin(sliceOf(10, 10), 1);
  await sleep(200);
  await one.rollback(new Error('test'));
  assert.equal(await third, true);
  await two.write(numberedBatch(10, 10));
  await two.commit({ rowsRead: 10, rowsFiltered: 0 });
  assert.equal(await count(db), 20);
  // Another cut of the same rows is never taken for the same slice.
  await fails(one.begin(sliceOf(0, 5), 1), 'LEDGER_STALE');
  await one.rollback(null);
  await rig.close();
});

test('no free connection: SINK_CONNECTIONS, retryable', async () => {
  const db = await server.freshDatabase();
  await db.query(`create role few_${db.name} login; alter database ${db.name} owner to few_${db.name}`);
  const few = new URL(db.url);
  few.username = `few_${db.name}`;
  const rig = await Rig.start(
    sink,
    { options: { url: few.href, table: 't' }, ids: null, fingerprint: null },
    BLOCK,
  );
  // The lock of the run has the only one.
  await db.query(`alter role few_${db.name} connection limit 1`);
  const error = await fails((await rig.session()).begin(sliceOf(0, 10), 1), 'SINK_CONNECTIONS');
  assert.match(error.message, /53300/);
  assert.ok(error.retryable);
  await rig.close();
});

test('a full socket stops the encoder: memory stays two blocks', async () => {
  const { rig, proxy, db } = await rigBehindProxy({ stallTimeout: '60s' });
  const session = await rig.session();
  await session.begin(sliceOf(0, 1000), 1);
  await session.write(numberedBatch(0, 10));
  proxy.apply(BLOCKED);
  let written = 0;
  const poured = (async () => {
    for (;;) written += await session.write(numberedBatch(0, 5000));
  })().catch(() => undefined);
  await sleep(700);
  const early = written;
  await sleep(700);
  assert.equal(written, early, 'still encoding while nobody takes the bytes');
  rig.stop.raise(2);
  await poured;
  await session.rollback(null);
  assert.equal(await count(db), 0);
  await rig.close();
});
