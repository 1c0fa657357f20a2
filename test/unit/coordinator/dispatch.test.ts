import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RunControl } from '../../../src/coordinator/control.ts';
import { Dispatcher, longestFirst } from '../../../src/coordinator/dispatch.ts';
import type { JobEvent, Slice } from '../../../src/model/index.ts';
import { done, FakePool, failed, receipt, slice, typesOf } from './fakes.ts';

const slices = (count: number): Slice[] => Array.from({ length: count }, (_, i) => slice(i));

function dispatch(
  pool: FakePool,
  options: { slices?: Slice[]; lanes?: number; attempts?: number; budgetMs?: number } = {},
) {
  const events: JobEvent[] = [];
  const control = new RunControl();
  const dispatcher = new Dispatcher({
    slices: options.slices ?? slices(10),
    lanes: options.lanes ?? 3,
    retry: { attempts: options.attempts ?? 3, baseMs: 1, maxMs: 2, budgetMs: options.budgetMs ?? 60_000 },
    pool,
    control,
    report: (event) => events.push(event),
  });
  return { events, control, dispatcher };
}

describe('dispatch', () => {
  test('longest slices go first', () => {
    const order = longestFirst([slice(1, 10), slice(2, 30), slice(3, 20), slice(4, 30)]).map((s) => s.id);
    assert.deepEqual(order, ['in:2', 'in:4', 'in:3', 'in:1']);
  });

  test('every slice once, as many at a time as there are lanes', async () => {
    const pool = new FakePool();
    const { dispatcher, events } = dispatch(pool);
    const outcome = await dispatcher.run();
    assert.equal(pool.most, 3);
    assert.equal(pool.tasks.length, 10);
    assert.equal(outcome.receipts.length, 10);
    assert.equal(outcome.error, null);
    assert.equal(outcome.unfinished, 0);
    assert.equal(typesOf(events).filter((t) => t === 'slice.done').length, 10);
  });

  test('a lane that is free takes the next slice, whatever the others do', async () => {
    const pool = new FakePool(async (task) => {
      if (task.slice.id === 'in:0') await new Promise((resolve) => setTimeout(resolve, 50));
      return done(task);
    });
    const { dispatcher, events } = dispatch(pool, { lanes: 2 });
    await dispatcher.run();
    const last = events.at(-1);
    assert.ok(last?.type === 'slice.done' && last.receipt.sliceId === 'in:0');
  });

  test('a failure that may pass is tried again, and then told as such', async () => {
    const pool = new FakePool((task) =>
      task.slice.id === 'in:4' && task.attempt < 3 ? failed('SINK_LOST') : done(task),
    );
    const { dispatcher, events } = dispatch(pool);
    const outcome = await dispatcher.run();
    assert.equal(outcome.error, null);
    assert.equal(outcome.retried, 2);
    assert.equal(outcome.receipts.find((r) => r.sliceId === 'in:4')?.attempt, 3);
    const failures = events.filter((e) => e.type === 'slice.failed');
    assert.deepEqual(
      failures.map((e) => [e.attempt, e.willRetry]),
      [
        [1, true],
        [2, true],
      ],
    );
  });

  test('attempts end', async () => {
    const pool = new FakePool((task) => (task.slice.id === 'in:0' ? failed('SINK_LOST') : done(task)));
    const { dispatcher } = dispatch(pool, { lanes: 1 });
    const outcome = await dispatcher.run();
    assert.equal(outcome.error?.code, 'SINK_LOST');
    assert.equal(pool.tasks.filter((t) => t.slice.id === 'in:0').length, 3);
    assert.equal(outcome.failed, 1);
    assert.equal(outcome.unfinished, 10);
  });

  test('a failure that no retry mends: nothing new is handed out, what is in flight finishes', async () => {
    const pool = new FakePool(async (task) => {
      if (task.slice.id === 'in:0') return failed('VALUE_REFUSED');
      await new Promise((resolve) => setTimeout(resolve, 10));
      return done(task);
    });
    const { dispatcher, control } = dispatch(pool);
    const outcome = await dispatcher.run();
    assert.equal(outcome.error?.code, 'VALUE_REFUSED');
    assert.equal(pool.tasks.length, 3);
    assert.equal(outcome.receipts.length, 2);
    assert.equal(control.level, 1);
    assert.equal(control.asked, false);
  });

  test('the first error is the one that counts', async () => {
    const pool = new FakePool(async (task) => {
      if (task.slice.id === 'in:0') return failed('VALUE_REFUSED');
      await new Promise((resolve) => setTimeout(resolve, 5));
      return failed('SINK_FULL');
    });
    const outcome = await dispatch(pool).dispatcher.run();
    assert.equal(outcome.error?.code, 'VALUE_REFUSED');
    assert.equal(outcome.failed, 3);
  });

  test('a target that is away costs no attempts, only time', async () => {
    const pool = new FakePool((task) =>
      task.slice.id === 'in:0' && task.attempt < 9
        ? failed(task.attempt % 2 === 0 ? 'SINK_UNREACHABLE' : 'SINK_BUSY')
        : done(task),
    );
    const outcome = await dispatch(pool, { attempts: 2 }).dispatcher.run();
    assert.equal(outcome.error, null);
    assert.equal(outcome.retried, 8);
  });

  test('it is waited for as long as the budget, and no longer', async () => {
    const pool = new FakePool(() => failed('SINK_UNREACHABLE'));
    const startedAt = performance.now();
    const outcome = await dispatch(pool, { attempts: 2, lanes: 1, budgetMs: 60 }).dispatcher.run();
    assert.ok(performance.now() - startedAt >= 55);
    assert.equal(outcome.error?.code, 'SINK_UNREACHABLE');
    assert.ok(pool.tasks.length > 3, `${pool.tasks.length} attempts`);
  });

  test('no retries at all: nobody waits either', async () => {
    const pool = new FakePool(() => failed('SINK_UNREACHABLE'));
    await dispatch(pool, { attempts: 1, lanes: 1 }).dispatcher.run();
    assert.equal(pool.tasks.length, 1);
  });

  test('no connection for some workers: the others do the work, and it is said', async () => {
    let failures = 0;
    const pool = new FakePool((task) => {
      if (failures === 2) return done(task);
      failures += 1;
      return { ...failed('SINK_CONNECTIONS'), thread: 40 + failures };
    });
    const { dispatcher, events } = dispatch(pool);
    const outcome = await dispatcher.run();
    assert.equal(outcome.error, null);
    assert.equal(outcome.receipts.length, 10);
    assert.deepEqual(pool.dismissed, [41, 42]);
    const notes = events.flatMap((e) => (e.type === 'note' ? [e.message] : []));
    assert.deepEqual(notes, [
      'the target has no connection for another worker; going on with 2 workers',
      'the target has no connection for another worker; going on with 1 worker',
    ]);
    assert.ok(!typesOf(events).includes('slice.failed'));
    assert.equal(pool.tasks.filter((t) => t.attempt === 2).length, 2, 'attempts go on in another lane');
  });

  test('no connection for the last worker: waited for', async () => {
    const pool = new FakePool((task) =>
      task.attempt === 1 ? { ...failed('SINK_CONNECTIONS'), thread: 7 } : done(task),
    );
    const outcome = await dispatch(pool, { lanes: 1, slices: slices(2) }).dispatcher.run();
    assert.equal(outcome.error, null);
    assert.deepEqual(pool.dismissed, []);
    assert.equal(outcome.retried, 2);
  });

  for (const code of ['FENCED', 'LOCKED'] as const) {
    test(`${code} stops the others in the middle of their slices`, async () => {
      const pool = new FakePool((task) => (task.slice.id === 'in:0' ? failed(code) : done(task)));
      const { dispatcher, control } = dispatch(pool);
      const outcome = await dispatcher.run();
      assert.equal(outcome.error?.code, code);
      assert.equal(control.level, 2);
    });
  }

  test('one stop: slices in flight finish, the rest waits for another run', async () => {
    const pool = new FakePool((task) => {
      if (pool.tasks.length === 3) control.stop();
      return done(task);
    });
    const { dispatcher, control } = dispatch(pool);
    const outcome = await dispatcher.run();
    assert.equal(outcome.error, null);
    assert.equal(outcome.receipts.length, 3);
    assert.equal(outcome.unfinished, 7);
  });

  test('a stop ends the wait before a retry', async () => {
    const pool = new FakePool((task) => {
      if (task.slice.id !== 'in:0') return done(task);
      setTimeout(() => control.stop(), 5);
      return failed('SINK_LOST');
    });
    const events: JobEvent[] = [];
    const control = new RunControl();
    const dispatcher = new Dispatcher({
      slices: slices(1),
      lanes: 1,
      retry: { attempts: 5, baseMs: 60_000, maxMs: 60_000, budgetMs: 60_000 },
      pool,
      control,
      report: (event) => events.push(event),
    });
    const startedAt = performance.now();
    const outcome = await dispatcher.run();
    assert.ok(performance.now() - startedAt < 5000);
    assert.equal(outcome.error, null);
    assert.equal(outcome.unfinished, 1);
  });

  test('two stops: slices that give up are neither failed nor tried again', async () => {
    const pool = new FakePool(() => {
      control.stop();
      control.stop();
      return failed('INTERRUPTED');
    });
    const { dispatcher, control, events } = dispatch(pool);
    const outcome = await dispatcher.run();
    assert.equal(outcome.error, null);
    assert.equal(outcome.failed, 0);
    assert.equal(outcome.unfinished, 10);
    assert.ok(!typesOf(events).includes('slice.failed'));
  });

  test('a worker that dies costs an attempt and is told', async () => {
    const pool = new FakePool((task) =>
      task.slice.id === 'in:2' && task.attempt === 1 ? failed('WORKER_DIED') : done(task),
    );
    const { dispatcher, events } = dispatch(pool);
    const outcome = await dispatcher.run();
    assert.equal(outcome.unfinished, 0);
    assert.ok(typesOf(events).includes('worker.lost'));
  });

  test('a slice that the ledger has is a receipt like any other', async () => {
    const pool = new FakePool((task) => ({
      ok: true,
      receipt: receipt(task, { alreadyCommitted: true, rowsRead: 0, rowsLoaded: 0 }),
    }));
    const outcome = await dispatch(pool).dispatcher.run();
    assert.equal(outcome.unfinished, 0);
  });

  test('slices in flight are known by attempt, so that late progress can be told apart', async () => {
    const seen: unknown[] = [];
    const pool = new FakePool((task) => {
      seen.push(dispatcher.flight(task.slice.id));
      return done(task);
    });
    const { dispatcher } = dispatch(pool, { slices: slices(1), lanes: 1 });
    await dispatcher.run();
    assert.deepEqual(seen, [{ lane: 0, attempt: 1 }]);
    assert.equal(dispatcher.flight('in:0'), undefined);
    assert.equal(dispatcher.inFlight, 0);
  });
});
