import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import { decideResume, type LedgerState, NO_LEDGER } from '../../../src/sinks/postgres/resume.ts';

const TABLE = { shown: 'public.t', oid: '10', empty: false };
const ledger = (change: Partial<LedgerState> = {}): LedgerState => ({
  targetOid: '10',
  inputs: [
    { inputId: 'a', generation: 2, finished: true },
    { inputId: 'b', generation: 0, finished: false },
  ],
  slices: [
    { inputId: 'a', generation: 2, range: { start: 0, end: 10 }, rowsLoaded: 10 },
    { inputId: 'b', generation: 0, range: { start: 5, end: 8 }, rowsLoaded: 3 },
  ],
  rowsLoaded: 13,
  ...change,
});
const IDS = ['a', 'b', 'c'];
const generations = (r: ReturnType<typeof decideResume>): unknown => Object.fromEntries(r.generations);

test('nothing known: everything is to load', () => {
  const r = decideResume(NO_LEDGER, { ...TABLE, oid: null, empty: null }, IDS, false);
  assert.deepEqual(r, {
    reset: false,
    generations: new Map([
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ]),
    committed: {},
    notes: [],
  });
});

test('a rerun goes on with what is there', () => {
  const r = decideResume(ledger(), TABLE, IDS, false);
  assert.deepEqual(r.committed, { a: [{ start: 0, end: 10 }], b: [{ start: 5, end: 8 }] });
  assert.deepEqual(generations(r), { a: 2, b: 0, c: 0 });
});

test('--again loads finished inputs anew and goes on with unfinished ones', () => {
  const r = decideResume(ledger(), TABLE, IDS, true);
  assert.deepEqual(r.committed, { b: [{ start: 5, end: 8 }] });
  assert.deepEqual(generations(r), { a: 3, b: 0, c: 0 });
  assert.match(r.notes[0] ?? '', /unfinished/);
});

test('emptied, dropped or made anew: loaded again, and said so', () => {
  for (const [target, word] of [
    [{ ...TABLE, empty: true }, /emptied/],
    [{ ...TABLE, oid: null, empty: null }, /does not exist/],
    [{ ...TABLE, oid: '11', empty: true }, /made anew/],
  ] as const) {
    const r = decideResume(ledger(), target, IDS, false);
    assert.equal(r.reset, true);
    assert.deepEqual(r.committed, {});
    assert.deepEqual(generations(r), { a: 3, b: 1, c: 0 });
    assert.match(r.notes[0] ?? '', word);
  }
});

test('made anew and not empty: refused, unless --again', () => {
  const target = { ...TABLE, oid: '11' };
  assert.throws(
    () => decideResume(ledger(), target, IDS, false),
    (e) => ParloadError.is(e) && e.code === 'LEDGER_STALE',
  );
  assert.equal(decideResume(ledger(), target, IDS, true).reset, true);
  // Nothing of ours was in the old one.
  assert.deepEqual(decideResume(ledger({ rowsLoaded: 0, slices: [] }), target, IDS, false).notes, []);
  // It cannot be seen whether it is empty: not guessed.
  assert.throws(() => decideResume(ledger(), { ...target, empty: null }, IDS, false));
});
