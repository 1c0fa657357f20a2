import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOG_LEVELS, type LogLevel } from '../../../src/cli/arguments.ts';
import { isHeard, logLevel, warningLevel } from '../../../src/cli/log-level.ts';
import type { ParloadError } from '../../../src/errors/index.ts';

const plain = { json: false, quiet: false, verbose: false, logLevel: undefined };

describe('how much is logged', () => {
  it('warnings; on a terminal only what was asked for', () => {
    assert.equal(logLevel(plain, {}), 'warn');
    assert.equal(logLevel({ ...plain, verbose: true }, {}), 'info');
    assert.equal(logLevel({ ...plain, quiet: true }, {}), 'error');
    assert.equal(logLevel(plain, { isTTY: true }), 'error');
    assert.equal(logLevel({ ...plain, verbose: true }, { isTTY: true }), 'error');
    for (const asked of LOG_LEVELS)
      assert.equal(logLevel({ ...plain, quiet: true, logLevel: asked }, { isTTY: true }), asked);
  });

  it('a level that does not exist is refused by name', () => {
    assert.throws(
      () => logLevel({ ...plain, logLevel: 'loud' }, {}),
      (error: ParloadError) =>
        error.code === 'USAGE' && /--log-level: "loud" is not one of trace/.test(error.message),
    );
  });

  it('no log is made when nothing would be in it', () => {
    const heard = (shown: boolean): LogLevel[] =>
      LOG_LEVELS.filter((level) => isHeard(level, warningLevel(shown)));
    assert.deepEqual(heard(true), ['trace', 'debug', 'info']);
    assert.deepEqual(heard(false), ['trace', 'debug', 'info', 'warn']);
  });
});
