import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backoffMs, Patience, type RetryPolicy } from '../../../src/runtime/index.ts';

const POLICY: RetryPolicy = { attempts: 4, baseMs: 100, maxMs: 1000, budgetMs: 10_000 };
const most = (): number => 1;

describe('backoff', () => {
  test('doubles up to a ceiling', () => {
    const waits = [1, 2, 3, 4, 5, 6, 60].map((n) => backoffMs(POLICY, n, most));
    assert.deepEqual(waits, [100, 200, 400, 800, 1000, 1000, 1000]);
  });
  test('jitter takes at most half', () => {
    assert.equal(
      backoffMs(POLICY, 3, () => 0),
      200,
    );
    const seen = new Set(Array.from({ length: 50 }, () => backoffMs(POLICY, 5)));
    assert.ok(seen.size > 10);
    for (const ms of seen) assert.ok(ms >= 500 && ms <= 1000, `${ms}`);
  });
});

describe('patience', () => {
  test('failures use attempts up', () => {
    const patience = new Patience(POLICY, most);
    const waits = [0, 1, 2, 3].map((t) => patience.after('failed', t));
    assert.deepEqual(waits, [100, 200, 400, null]);
  });

  test('absence uses time up, and the last attempt comes at its end', () => {
    const patience = new Patience(POLICY, most);
    const waits: (number | null)[] = [];
    let now = 5000;
    for (let wait = patience.after('away', now); ; wait = patience.after('away', now)) {
      waits.push(wait);
      if (wait === null) break;
      now += wait;
    }
    assert.equal(now, 15_000);
    assert.deepEqual(waits.slice(0, 5), [100, 200, 400, 800, 1000]);
    assert.equal(waits.at(-2), 500, 'cut short');
  });

  test('an answer ends an absence; the next one has the whole budget', () => {
    const patience = new Patience(POLICY, most);
    assert.equal(patience.after('away', 0), 100);
    assert.equal(patience.after('away', 9_950), 50);
    assert.equal(patience.after('failed', 9_990), 100);
    assert.equal(patience.after('away', 30_000), 100);
    assert.equal(patience.after('away', 39_999), 1);
    assert.equal(patience.after('away', 40_000), null);
  });

  test('a single attempt is a single attempt', () => {
    const patience = new Patience({ ...POLICY, attempts: 1 }, most);
    assert.equal(patience.after('away', 0), null);
    assert.equal(patience.after('failed', 0), null);
  });

  test('pauses of an absence stay short, whatever the policy', () => {
    const patience = new Patience({ ...POLICY, maxMs: 60_000, budgetMs: 600_000 }, most);
    const waits = Array.from({ length: 12 }, (_, i) => patience.after('away', i));
    assert.equal(Math.max(...waits.map(Number)), 5000);
  });
});
