// kill -9 at moments that nobody chose; shared by the quick and the slow test.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCli } from '../support/cli.ts';
import type { TestDatabase } from '../support/postgres.ts';
import {
  copyArgs,
  copyJson,
  countRows,
  fingerprint,
  jobsOf,
  ledgerRows,
  type Numbered,
  noBackends,
  seededRandom,
  testSeed,
} from './fixture.ts';

/** Moments after an event, in ms: the time of one or two slices. */
const JITTER_MS = 60;
const KILLS_A_LOAD = 3;

interface Moment {
  /** How many events to wait for first; 0 counts from the start of the process. */
  readonly events: number;
  readonly delayMs: number;
}

/** Kills the command at the moment. Resolves with whether it was still running. */
async function killAt(args: readonly string[], { events, delayMs }: Moment): Promise<boolean> {
  const running = startCli([...args, '--progress', 'json'], { timeoutMs: 300_000 });
  let seen = 0;
  let reached = (): void => {};
  const there = new Promise<void>((resolve) => {
    reached = resolve;
  });
  if (events === 0) reached();
  running.child.stderr.on('data', (text: string) => {
    seen += text.match(/"type":"slice\.(started|done|progress)"/g)?.length ?? 0;
    if (seen >= events) reached();
  });
  await Promise.race([there, running.result]);
  await sleep(delayMs);
  running.child.kill('SIGKILL');
  const { signal, code, stderr } = await running.result;
  if (signal === null) assert.equal(code, 0, stderr);
  return signal === 'SIGKILL';
}

/** `count` kills in loads of their own, each killed a few times and then finished. */
export async function killAtRandom(
  t: TestContext,
  db: TestDatabase,
  input: Numbered,
  count: number,
): Promise<void> {
  const seed = testSeed();
  t.diagnostic(`seed ${seed}; PARLOAD_TEST_SEED=${seed} repeats it`);
  const random = seededRandom(seed);
  const whole = (below: number): number => Math.floor(random() * below);
  const settings = (): string[] => [
    '--workers',
    String(1 + whole(3)),
    '--slice',
    ['auto', 'row-group', `rows:${5000 + whole(60_000)}`][whole(3)]!,
  ];
  let alive = 0;
  for (let kills = 0, load = 0; kills < count; load++) {
    const table = `random_${load}`;
    const told = `seed ${seed}, load ${load}`;
    for (let i = 0; i < KILLS_A_LOAD && kills < count; i++, kills++) {
      const moment =
        random() < 0.25
          ? { events: 0, delayMs: whole(1500) }
          : { events: 1 + whole(10), delayMs: whole(JITTER_MS) };
      if (await killAt(copyArgs(input.path, db, table, settings()), moment)) alive += 1;
      await noBackends(db);
      assert.equal(await countRows(db, table), await ledgerRows(db, table), told);
    }
    const { code, stderr, report } = await copyJson(copyArgs(input.path, db, table, settings()));
    assert.equal(code, 0, `${told}\n${stderr}`);
    assert.equal(report.rows.loaded + report.rows.skipped, input.rows, told);
    assert.equal(await fingerprint(db, table), input.fingerprint, told);
    assert.equal((await jobsOf(db, table))[0]?.state, 'finished', told);
    await db.query(`drop table ${table}`);
  }
  t.diagnostic(`${alive} of ${count} kills hit a running load`);
  assert.ok(alive > 0, 'no kill hit a running load');
}
