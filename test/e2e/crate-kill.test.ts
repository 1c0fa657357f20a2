// kill -9 at every named fail point and under every shape of an answer, and a rerun with other workers and slices: each row once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAILPOINTS } from '../../src/runtime/failpoint.ts';
import { SHAPES } from '../fakes/crate/shapes.ts';
import { runCli } from '../support/cli.ts';
import { assertExact, withCrate } from '../support/crate.ts';
import { copyArgs, killAndResume, specOf } from '../support/crate-matrix.ts';

const ROWS = 12_000;
const site = withCrate(ROWS);

const args = (table: string, more: readonly string[]): string[] => copyArgs(site, table, more);

/** Points of other sinks' ways are not met here. */
const POINTS = FAILPOINTS.filter((point) => /^(plan|job|slice)\./.test(point));

describe('killed at a fail point', () => {
  POINTS.forEach((point, index) => {
    const more = [[], ['--key', 'id'], ['--mode', 'upsert', '--key', 'id'], ['--mode', 'replace']][
      index % 4
    ]!;
    test(`${point} ${more.join(' ')}`, () =>
      killAndResume(site, `point_${index}`, specOf(point), null, more));
  });
  test('replace, killed after the last slice and at its end', async () => {
    for (const point of ['job.before-finish', 'job.finished', 'slice.after-commit']) {
      await killAndResume(site, `replaced_${point.replaceAll(/\W/g, '_')}`, point, null, [
        '--mode',
        'replace',
      ]);
    }
    const leftovers = [...site.fake.engine.tables.keys()].filter((name) => name.includes('__parload_'));
    assert.deepEqual(leftovers, []);
  });
});

describe('killed under a shape', () => {
  SHAPES.forEach((shape, index) => {
    const point = ['slice.before-commit', 'slice.sent', 'slice.after-commit', 'slice.first-batch'][
      index % 4
    ]!;
    const more = [[], ['--key', 'id'], ['--mode', 'upsert', '--key', 'id']][index % 3]!;
    test(`${shape}, ${point} ${more.join(' ')}`, () =>
      killAndResume(site, `shape_${index}`, specOf(point), shape, more));
  });
});

test('settings of --tune come back, also after kill -9', async () => {
  const { fake } = site;
  const setting = (table: string, name: string): string | undefined =>
    fake.engine.tables.get(`doc.${table}`)?.settings.get(name);
  const check = (table: string): void => {
    assert.equal(setting(table, 'number_of_replicas'), '2');
    assert.equal(setting(table, 'refresh_interval'), '5000');
    assert.equal(setting(table, 'translog.durability'), 'REQUEST');
  };
  const more = ['--tune', '--replicas', '2', '--refresh-interval', '5s'];
  for (const second of [['--tune'], []]) {
    const table = `tuned_${second.length}`;
    const killed = await runCli(args(table, ['--slice', 'rows:2000', ...more]), {
      env: { PARLOAD_FAILPOINT: 'slice.after-commit' },
    });
    assert.equal(killed.signal, 'SIGKILL');
    assert.equal(setting(table, 'number_of_replicas'), '0');
    assert.equal(setting(table, 'translog.durability'), 'ASYNC');
    const { code, stderr } = await runCli(args(table, second));
    assert.equal(code, 0, stderr);
    check(table);
    assertExact(fake, table, ROWS);
    assert.deepEqual(fake.rows('tuned', 'parload'), []);
  }
  const whole = await runCli(args('tuned_whole', more));
  assert.equal(whole.code, 0, whole.stderr);
  check('tuned_whole');
  assert.ok(fake.engine.tables.get('doc.tuned_whole')!.history.includes('refresh_interval=0'));
});
