import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { envName, JOB_FLAGS, parseFlag, splitList } from '../../../src/config/flags.ts';
import { JOB_KEYS } from '../../../src/config/schema.ts';
import type { FlagSpec } from '../../../src/model/index.ts';
import { sinkManifests, sourceManifests } from '../../../src/registry.ts';

const spec = (kind: FlagSpec['kind'], more: Partial<FlagSpec> = {}): FlagSpec => ({
  flag: '--x',
  key: 'x',
  kind,
  help: 'x',
  ...more,
});

describe('flags', () => {
  test('lists split at commas, names with commas go in quotes', () => {
    assert.deepEqual(splitList('a, b ,c'), ['a', 'b', 'c']);
    assert.deepEqual(splitList('"a,b",c'), ['a,b', 'c']);
    assert.deepEqual(splitList(' ,'), []);
  });

  test('text becomes what the schema wants, or is refused by the name it was called', () => {
    assert.equal(parseFlag(spec('int'), '12', '--x'), 12);
    assert.equal(parseFlag(spec('boolean'), 'yes', 'PARLOAD_X'), true);
    assert.equal(parseFlag(spec('boolean'), '0', 'PARLOAD_X'), false);
    assert.deepEqual(parseFlag(spec('list'), 'a,b', '--x'), ['a', 'b']);
    assert.equal(parseFlag(spec('bytes'), '2g', '--x'), '2g');
    const choices = spec('string', { choices: ['auto', 'never'] });
    assert.equal(parseFlag(choices, 'auto', '--x'), 'auto');
    for (const [bad, text, name] of [
      [spec('int'), '1.5', '--x'],
      [spec('int'), '-1', '--x'],
      [spec('boolean'), 'maybe', 'PARLOAD_X'],
      [choices, 'sometimes', '--x'],
    ] as const) {
      assert.throws(() => parseFlag(bad, text, name), {
        code: 'CONFIG_INVALID',
        message: new RegExp(`^${name}: `),
      });
    }
  });

  test('every flag of a job is a key of its schema', () => {
    for (const { key } of JOB_FLAGS) assert.ok(JOB_KEYS.includes(key), key);
  });

  test('variables are named after flags, one each', () => {
    assert.equal(envName('--batch-rows'), 'PARLOAD_BATCH_ROWS');
    const names = [...JOB_FLAGS, ...sinkManifests.flatMap((m) => m.flags)].map((f) => envName(f.flag));
    // These have a meaning of their own.
    for (const taken of ['PARLOAD_LOG', 'PARLOAD_FAILPOINT', 'PARLOAD_PROGRESS'])
      assert.ok(!names.includes(taken));
  });

  test('connectors do not take the names of job flags', () => {
    const own = new Set(JOB_FLAGS.map((f) => f.flag));
    for (const { flag } of [...sourceManifests, ...sinkManifests].flatMap((m) => m.flags)) {
      assert.ok(!own.has(flag), flag);
    }
  });
});
