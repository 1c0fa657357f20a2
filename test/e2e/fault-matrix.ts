// Faults of the network x write modes x moments, as the quick and the slow test run them: what readers saw meanwhile,
// what is there after the failure, and that one rerun finishes.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, FaultProxy } from '../fakes/fault-proxy.ts';
import { firstOf, MOMENTS, type Moment } from '../fakes/load-moments.ts';
import type { CliResult } from '../support/cli.ts';
import { copyJson, fingerprint, noBackends, type Site } from './fixture.ts';
import type { WriteMode } from './write-modes.ts';

/** Short, because several faults are only noticed by it; a load here moves bytes all the time. */
const STALL_MS = 1500;
const SETTINGS = ['--workers', '2', '--stall-timeout', `${STALL_MS}ms`, '--lock-timeout', '20s'];
/** How long a reader waits between two looks. */
const LOOK_MS = 5;

export const FAULTS: Readonly<Record<string, Fault>> = {
  cut: { do: 'cut' },
  reset: { do: 'reset' },
  stall: { do: 'stall', forMs: 2 * STALL_MS },
  'black hole': { do: 'black-hole' },
  'lost reply, then cut': { do: 'lose-reply', ending: 'cut' },
  'lost reply, then silence': { do: 'lose-reply', ending: 'silence' },
};

export interface Cell {
  readonly mode: WriteMode;
  readonly fault: string;
  readonly moment: Moment;
  /** False: `--retries 0`, so that the command ends at the fault and a rerun has to finish. */
  readonly retries: boolean;
}

export const nameOf = ({ mode, fault, moment, retries }: Cell): string =>
  `${mode.name}, ${fault} at ${moment}${retries ? '' : ', no retries'}`;

/** Every combination in which something can happen: a reply can be lost only where one is due. */
export const allCells = (modes: readonly WriteMode[]): Cell[] =>
  modes.flatMap((mode) =>
    Object.keys(FAULTS).flatMap((fault) =>
      mode.moments.flatMap((moment) =>
        fault.startsWith('lost reply') && moment === 'copy'
          ? []
          : [true, false].map((retries) => ({ mode, fault, moment, retries })),
      ),
    ),
  );

/** Looks at the table again and again, and keeps every state that it saw. */
export class Reader {
  readonly seen = new Set<string>();
  #stopped = false;
  readonly #looking: Promise<void>;

  constructor(site: Site, table: string) {
    this.#looking = (async () => {
      const client = await site.db.connect();
      while (!this.#stopped) {
        const { rows } = await client.query<{ n: string }>(
          `select count(*) || ' ' || coalesce(sum(id), 0) as n from ${table}`,
        );
        this.seen.add(String(rows[0]?.n));
        await sleep(LOOK_MS);
      }
      await client.end();
    })();
    // Told by stop().
    this.#looking.catch(() => undefined);
  }

  async stop(): Promise<ReadonlySet<string>> {
    this.#stopped = true;
    await this.#looking;
    return this.seen;
  }
}

function assertEnding({ code, stderr, signal }: CliResult, told: string): void {
  assert.equal(signal, null, told);
  if (code === 0) return;
  assert.equal(code, 4, `${told}\n${stderr}`);
  assert.match(stderr, /^code: SINK_/m, told);
  assert.match(stderr, /^hint: \S/m, told);
}

/** One cell, in a table of its own. */
export async function runCell(site: Site, cell: Cell, table: string): Promise<void> {
  const told = nameOf(cell);
  const { mode } = cell;
  await mode.create(site, table);
  const reader = new Reader(site, table);
  try {
    await failOnce(site, cell, table, told);
    await noBackends(site.db);
    await mode.assertBetween(site, table, false, told);
    const rerun = await copyJson(site.copyArgs([...mode.args, '--workers', '3'], table));
    assert.equal(rerun.code, 0, `${told}, rerun\n${rerun.stderr}`);
  } finally {
    await reader.stop();
  }
  mode.assertSeen(site, reader.seen, told);
  assert.equal(await fingerprint(site.db, table), mode.finalFingerprint(site), told);
  await mode.assertClean(site, table, told);
  await site.db.query(`drop table ${table}`);
}

/** The command behind a proxy, hit once. */
async function failOnce(site: Site, cell: Cell, table: string, told: string): Promise<void> {
  const { mode } = cell;
  const cluster = await site.postgres.cluster();
  const proxy = await FaultProxy.start({ port: cluster.port });
  try {
    const once = firstOf({ on: 'up', when: MOMENTS[cell.moment], fault: FAULTS[cell.fault]! });
    proxy.script(() => [once]);
    const args = ['copy', site.input.path, proxy.through(site.db.url), '--table', table, ...mode.args];
    const more = cell.retries ? [] : ['--retries', '0'];
    const result = await copyJson([...args, ...SETTINGS, ...more]);
    assert.equal(proxy.happened.length, 1, `${told}: the fault did not happen`);
    assertEnding(result, told);
    // What a long silence hides may come through in the end, and then there is nothing to fail.
    if (cell.retries) assert.equal(result.code, 0, `${told}\n${result.stderr}`);
    await mode.assertBetween(site, table, result.code === 0, told);
  } finally {
    // A backend behind a black hole lives until it is told.
    await proxy.close();
  }
}
