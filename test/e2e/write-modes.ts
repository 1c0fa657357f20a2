// The write modes as tests of failures see them: what is in the table before, in between and at the end.
import assert from 'node:assert/strict';
import type { Moment } from '../fakes/load-moments.ts';
import { createNumbered, type Site } from './fixture.ts';

export interface WriteMode {
  readonly name: string;
  /** Of the command. */
  readonly args: readonly string[];
  /** Places in its conversation where a fault can hit. */
  readonly moments: readonly Moment[];
  /** Makes the table, with the rows that are there before. */
  create(site: Site, table: string): Promise<void>;
  /** After a run; `done`: it said that it had finished. */
  assertBetween(site: Site, table: string, done: boolean, told: string): Promise<void>;
  /** States that a reader saw, each `count sum-of-ids`. */
  assertSeen(site: Site, seen: ReadonlySet<string>, told: string): void;
  finalFingerprint(site: Site): string;
  /** Nothing is left over when all is done. */
  assertClean(site: Site, table: string, told: string): Promise<void>;
}

/** Rows of a slice in these tests; a reader of `append` sees whole ones. */
export const SLICE_ROWS = 4000;

export const append: WriteMode = {
  name: 'append',
  args: ['--slice', `rows:${SLICE_ROWS}`],
  moments: ['begin', 'copy', 'commit'],
  create: async (site, table) => {
    await createNumbered(site.db, table);
  },
  assertBetween: async (site, table, done, told) => {
    const there = await site.committed(table);
    assert.equal(there % SLICE_ROWS, 0, `${told}: whole slices`);
    if (done) assert.equal(there, site.input.rows, told);
  },
  assertSeen: (_, seen, told) => {
    for (const state of seen) assert.equal(Number(state.split(' ')[0]) % SLICE_ROWS, 0, `${told}: ${state}`);
  },
  finalFingerprint: (site) => site.input.fingerprint,
  assertClean: (site, table) => site.assertExact(table),
};

export const WRITE_MODES: readonly WriteMode[] = [append];
