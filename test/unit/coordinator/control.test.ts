import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RunControl } from '../../../src/coordinator/control.ts';
import { Watchdog } from '../../../src/coordinator/watchdog.ts';

describe('run control', () => {
  test('once to finish, twice to force, and no way back', () => {
    const control = new RunControl();
    const levels: number[] = [];
    control.onChange((level) => levels.push(level));
    control.stop();
    assert.equal(control.level, 1);
    control.stop();
    control.stop();
    assert.equal(control.level, 2);
    assert.deepEqual(levels, [1, 2]);
  });

  test('a failure raises the level without being asked; a stop after it is still the first one', () => {
    const control = new RunControl();
    control.raise(1);
    assert.equal(control.asked, false);
    control.stop();
    assert.equal(control.level, 1);
    control.stop();
    assert.equal(control.level, 2);
  });

  test('other threads see the level', () => {
    const control = new RunControl();
    const word = new Int32Array(control.flag.memory);
    control.stop();
    assert.equal(word[0], 1);
  });

  test('a pause ends in time, at once when stopped, and leaves nothing behind', async () => {
    const control = new RunControl();
    await control.pause(1);
    const startedAt = performance.now();
    setTimeout(() => control.stop(), 1);
    await control.pause(60_000);
    await control.pause(60_000);
    assert.ok(performance.now() - startedAt < 5000);
  });
});

describe('watchdog', () => {
  test('speaks once a silence, only while slices are in flight', async () => {
    const notes: string[] = [];
    let inFlight = 0;
    const dog = new Watchdog(
      1,
      () => inFlight,
      (note) => notes.push(note),
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    dog.check();
    assert.equal(notes.length, 0);
    inFlight = 2;
    dog.check();
    dog.check();
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /2 slices are in flight/);
    dog.beat();
    await new Promise((resolve) => setTimeout(resolve, 10));
    dog.check();
    assert.equal(notes.length, 2);
    dog.stop();
  });
});
