// Something is killed at a moment that nobody chose, in every write mode: the command, one of its backends, the server.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CliResult, type RunningCli, startCli } from '../support/cli.ts';
import { copyJson, noBackends, type Site, seededRandom, testSeed, until } from './fixture.ts';
import { Watcher } from './watcher.ts';
import { Target, WRITE_MODES } from './write-modes.ts';

/** Moments after an event, in ms. */
const JITTER_MS = 80;
const KILLS_A_LOAD = 3;
/** Every so manieth load meets a server that crashes; nobody can read through that. */
const CRASHES_EVERY = 4;

type Whole = (below: number) => number;

/** Waits for so many events of the command, or for its end. */
async function afterEvents({ child, result }: RunningCli, events: number): Promise<void> {
  let seen = 0;
  await Promise.race([
    result,
    new Promise<void>((reached) => {
      if (events === 0) reached();
      child.stderr.on('data', (text: string) => {
        seen += text.match(/"type":"(slice\.(started|done|progress)|phase[^"]*)"/g)?.length ?? 0;
        if (seen >= events) reached();
      });
    }),
  ]);
}

async function ownBackends(site: Site): Promise<number[]> {
  const rows = await site.db.query(
    "select pid from pg_stat_activity where datname = current_database() and application_name like 'parload/%'",
  );
  return rows.map((row) => Number(row.pid));
}

const serverAnswers = (site: Site): Promise<void> =>
  until('the server answers', () =>
    site.db.query('select 1').then(
      () => true,
      () => false,
    ),
  );

interface Strike {
  readonly name: string;
  /** The whole server goes down with it. */
  readonly crash: boolean;
  readonly hit: (site: Site, running: RunningCli, whole: Whole) => Promise<void>;
}

const STRIKES: readonly Strike[] = [
  {
    name: 'kill -9 of the command',
    crash: false,
    hit: async (_, { child }) => void child.kill('SIGKILL'),
  },
  {
    name: 'a backend terminated',
    crash: false,
    hit: async (site, _, whole) => {
      const pids = await ownBackends(site);
      if (pids.length > 0) await site.db.query('select pg_terminate_backend($1)', [pids[whole(pids.length)]]);
    },
  },
  {
    name: 'kill -9 of a backend',
    crash: true,
    hit: async (site, _, whole) => {
      const pids = await ownBackends(site);
      try {
        if (pids.length > 0) process.kill(pids[whole(pids.length)]!, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
      await sleep(50);
      await serverAnswers(site);
    },
  },
  {
    name: 'an immediate stop, and a restart',
    crash: true,
    hit: async (site, _, whole) => {
      const cluster = await site.postgres.cluster();
      await cluster.stop('immediate');
      await sleep(whole(1500));
      await cluster.restart();
    },
  },
];

function assertEnding({ code, signal, stderr }: CliResult, strike: Strike, told: string): void {
  if (signal === 'SIGKILL') return;
  assert.equal(signal, null, told);
  // What a crash emptied or what broke too often is said by name; the rerun shows that nothing was harmed.
  assert.ok(code === 0 || code === 4, `${told}\n${stderr}`);
  if (code !== 0)
    assert.match(stderr, /^code: (SINK_|COUNT_DIFFERS|LOCKED|FENCED)/m, `${told}, ${strike.name}`);
}

/** `count` strikes in loads of their own, each struck a few times and then finished. */
export async function faultsAtRandom(t: TestContext, site: Site, count: number): Promise<void> {
  const seed = testSeed();
  t.diagnostic(`seed ${seed}; PARLOAD_TEST_SEED=${seed} repeats it`);
  const random = seededRandom(seed);
  const whole: Whole = (below) => Math.floor(random() * below);
  const struck: Record<string, number> = {};
  for (let kills = 0, load = 0; kills < count; load++) {
    const mode = WRITE_MODES[(load + seed) % WRITE_MODES.length]!;
    const strikes = STRIKES.filter(({ crash }) => crash === (load % CRASHES_EVERY === CRASHES_EVERY - 1));
    const target = await Target.create(site, mode, `random_${load}`);
    const watcher = strikes[0]!.crash ? null : await Watcher.start(site.db, target.table);
    const args = [...site.copyArgs([...mode.args], target.table), '--workers'];
    let isDone = false;
    for (let i = 0; i < KILLS_A_LOAD && kills < count && !isDone; i++, kills++) {
      const strike = strikes[whole(strikes.length)]!;
      const told = `seed ${seed}, load ${load} (${mode.name}), ${strike.name}`;
      const workers = String(1 + whole(3));
      const running = startCli([...args, workers, '--progress', 'json'], { timeoutMs: 300_000 });
      await afterEvents(running, whole(20));
      await sleep(whole(JITTER_MS));
      await strike.hit(site, running, whole);
      const result = await running.result;
      if (result.signal !== null || strike.name !== 'kill -9 of the command') {
        struck[strike.name] = (struck[strike.name] ?? 0) + 1;
      }
      assertEnding(result, strike, told);
      await noBackends(site.db);
      isDone = result.code === 0;
      await target.assertSound(isDone, told);
    }
    const told = `seed ${seed}, load ${load} (${mode.name})`;
    if (!isDone || mode.adds) {
      const { code, stderr } = await copyJson([...args, '2']);
      assert.equal(code, 0, `${told}\n${stderr}`);
    }
    if (watcher !== null) await target.assertSeen(await watcher.stop(), told);
    await target.assertFinished(told);
    await target.drop();
  }
  t.diagnostic(
    Object.entries(struck)
      .map(([name, times]) => `${name}: ${times}`)
      .join(', '),
  );
  assert.ok(Object.keys(struck).length > 1, 'hardly anything was struck');
}
