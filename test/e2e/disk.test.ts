// A server without room: SINK_FULL, nothing half-loaded, and a rerun goes on when there is room again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runAs } from '../../scripts/pg/binaries.ts';
import { runCli } from '../support/cli.ts';
import { assertFailure, createNumbered, Site } from './fixture.ts';

const ROWS = 60_000;
const SLICES = ['--workers', '2', '--slice', 'rows:5000'];

const site = new Site(ROWS, { embedded: true });

async function fullThenFreed(table: string, free: () => unknown): Promise<void> {
  const full = await runCli(site.copyArgs(SLICES, table));
  assertFailure(full, 'SINK_FULL', 4, /SQLSTATE 53100/);
  const there = await site.committed(table);
  assert.ok(there > 0 && there < ROWS, `${there} rows fitted`);
  assert.equal(there % 5000, 0, 'whole slices only');
  await free();
  await site.resume([], table);
}

test('the server says that its disk is full', async () => {
  await createNumbered(site.db, 't');
  // What the server itself raises, from a trigger: this part needs no disk to be full.
  await site.db.query(
    `create function no_room() returns trigger language plpgsql as
     $$ begin raise exception using errcode = 'disk_full', message = 'could not extend file: No space left on device'; end $$`,
  );
  await site.db.query(
    'create trigger no_room before insert on t for each row when (new.id = 33333) execute function no_room()',
  );
  await fullThenFreed('t', () => site.db.query('drop trigger no_room on t'));
});

test('a real disk that is full', async (t) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    t.skip('a small disk cannot be made here: run the tests as root on Linux');
    return;
  }
  const mount = join(site.dir, 'disk');
  mkdirSync(mount);
  const run = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' });
  const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount);
  if (mounted.status !== 0) {
    t.skip('a small disk cannot be made here: run the tests where root may mount');
    return;
  }
  after(() => run('umount', '-l', mount));
  const home = join(mount, 'space');
  mkdirSync(home, { mode: 0o700 });
  const account = runAs();
  if (account !== null) chownSync(home, account.uid, account.gid);
  // The server must be able to reach it.
  run('chmod', '711', site.dir);

  await site.db.query(`create tablespace small location '${home}'`);
  await createNumbered(site.db, 't');
  await site.db.query('alter table t set tablespace small');
  await fullThenFreed('t', () => {
    const grown = run('mount', '-o', 'remount,size=100m', mount);
    assert.equal(grown.status, 0, grown.stderr);
  });
  await site.db.query('drop table t');
  await site.db.query('drop tablespace small');
});
