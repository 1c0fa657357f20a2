// Faults of the network x write modes x moments, as the quick and the slow test run them: what readers saw meanwhile,
// what is there after the failure, and that one rerun finishes.
import assert from 'node:assert/strict';
import { type Fault, FaultProxy } from '../fakes/fault-proxy.ts';
import { firstOf, MOMENTS, type Moment } from '../fakes/load-moments.ts';
import type { CliResult } from '../support/cli.ts';
import { copyJson, noBackends, type Site } from './fixture.ts';
import { Watcher } from './watcher.ts';
import { Target, type WriteMode } from './write-modes.ts';

/** Short, because several faults are only noticed by it; a load here moves bytes all the time. */
const STALL_MS = 1500;
const SETTINGS = ['--workers', '2', '--stall-timeout', `${STALL_MS}ms`, '--lock-timeout', '20s'];

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
  const target = await Target.create(site, cell.mode, table);
  const watcher = await Watcher.start(site.db, table);
  let seen: ReadonlySet<string> = new Set();
  try {
    const isDone = await failOnce(site, cell, target, told);
    await noBackends(site.db);
    await target.assertSound(isDone, told);
    // What is finished would be replaced again.
    if (!isDone || cell.mode.adds) {
      const rerun = await copyJson(site.copyArgs([...cell.mode.args, '--workers', '3'], table));
      assert.equal(rerun.code, 0, `${told}, rerun\n${rerun.stderr}`);
    }
  } finally {
    seen = await watcher.stop();
  }
  await target.assertSeen(seen, told);
  await target.assertFinished(told);
  await target.drop();
}

/** The command behind a proxy, hit once. Resolves with whether it said that all was done. */
async function failOnce(site: Site, cell: Cell, target: Target, told: string): Promise<boolean> {
  const cluster = await site.postgres.cluster();
  const proxy = await FaultProxy.start({ port: cluster.port });
  try {
    const once = firstOf({ on: 'up', when: MOMENTS[cell.moment], fault: FAULTS[cell.fault]! });
    proxy.script(() => [once]);
    const { mode } = cell;
    const args = ['copy', site.input.path, proxy.through(site.db.url), '--table', target.table, ...mode.args];
    const more = cell.retries ? [] : ['--retries', '0'];
    const result = await copyJson([...args, ...SETTINGS, ...more]);
    assert.equal(proxy.happened.length, 1, `${told}: the fault did not happen`);
    assertEnding(result, told);
    if (cell.retries) assert.equal(result.code, 0, `${told}\n${result.stderr}`);
    await target.assertSound(result.code === 0, told);
    return result.code === 0;
  } finally {
    // A backend behind a black hole lives until it is told.
    await proxy.close();
  }
}
