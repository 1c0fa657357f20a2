// The write modes as tests of failures see them: what is in the table before, in between and at the end.
import assert from 'node:assert/strict';
import type { Moment } from '../fakes/load-moments.ts';
import { leftovers } from '../support/table-portrait.ts';
import { createNumbered, fingerprint, jobsOf, type Site } from './fixture.ts';

export interface WriteMode {
  readonly name: string;
  /** Of the command. */
  readonly args: readonly string[];
  /** Places in its conversation where a fault can hit. */
  readonly moments: readonly Moment[];
  /** What else the table gets when it is made. */
  readonly sql: (table: string) => string;
  /** Slices come in one by one; else a reader sees the old rows or all of the new ones. */
  readonly isBySlice: boolean;
  /** The rows before stay. */
  readonly adds: boolean;
}

/** Rows of a slice in these tests; a reader of `append` sees whole ones. */
export const SLICE_ROWS = 4000;
/** Rows before, with negative keys. */
const OLD_ROWS = 500;

const SLICES = ['--slice', `rows:${SLICE_ROWS}`];
const STAGED: readonly Moment[] = ['begin', 'copy', 'commit', 'publishing', 'published'];
const nothing = (): string => 'select 1';

export const WRITE_MODES: readonly WriteMode[] = [
  {
    name: 'append',
    args: SLICES,
    moments: ['begin', 'copy', 'commit'],
    sql: nothing,
    isBySlice: true,
    adds: true,
  },
  {
    name: 'replace by a swap',
    args: [...SLICES, '--mode', 'replace'],
    moments: STAGED,
    sql: (table) => `alter table ${table} add primary key (id); create index on ${table} (text)`,
    isBySlice: false,
    adds: false,
  },
  {
    name: 'replace by DELETE and INSERT',
    args: [...SLICES, '--mode', 'replace'],
    moments: ['copy', 'publishing', 'published'],
    sql: (table) => `create view of_${table} as select id from ${table}`,
    isBySlice: false,
    adds: false,
  },
  {
    name: 'append at once',
    args: [...SLICES, '--atomic', 'staging'],
    moments: ['copy', 'publishing', 'published'],
    sql: nothing,
    isBySlice: false,
    adds: true,
  },
  {
    name: 'upsert',
    args: [...SLICES, '--mode', 'upsert', '--key', 'id'],
    moments: STAGED,
    sql: (table) => `alter table ${table} add primary key (id)`,
    isBySlice: false,
    adds: true,
  },
];

/** A table with rows before a load, and what may be in it from then on. */
export class Target {
  readonly #site: Site;
  readonly #mode: WriteMode;
  readonly table: string;
  #old = '';

  private constructor(site: Site, mode: WriteMode, table: string) {
    this.#site = site;
    this.#mode = mode;
    this.table = table;
  }

  static async create(site: Site, mode: WriteMode, table: string): Promise<Target> {
    const target = new Target(site, mode, table);
    await createNumbered(site.db, table);
    await site.db.query(mode.sql(table));
    await site.db.query(
      `insert into ${table} (id, value, text)
       select -g, g / 8.0, 'old ' || g from generate_series(1, ${OLD_ROWS}) g`,
    );
    target.#old = await fingerprint(site.db, table);
    return target;
  }

  /** The rows of the load alone; they have other keys than those before. */
  async #loaded(): Promise<string> {
    return fingerprint(this.#site.db, `(select * from ${this.table} where id >= 0) as loaded`);
  }

  /** After a run, whether it said that it had finished or not. */
  async assertSound(isDone: boolean, told: string): Promise<void> {
    const { input } = this.#site;
    const loaded = await this.#loaded();
    if (isDone) assert.equal(loaded, input.fingerprint, told);
    else if (this.#mode.isBySlice) {
      assert.equal(Number(loaded.split('|')[0]) % SLICE_ROWS, 0, `${told}: whole slices`);
      assert.equal(loaded.split('|')[0], loaded.split('|')[1], `${told}: none twice`);
    } else assert.ok(loaded === input.fingerprint || loaded.startsWith('0|'), `${told}: ${loaded}`);
    const kept = this.#mode.adds || !loaded.startsWith(`${input.rows}|`);
    const before = await fingerprint(this.#site.db, `(select * from ${this.table} where id < 0) as before`);
    assert.equal(before, kept ? this.#old : '0|0|0', `${told}: the rows before`);
  }

  /** `seen`: fingerprints of the whole table. */
  async assertSeen(seen: ReadonlySet<string>, told: string): Promise<void> {
    const last = await fingerprint(this.#site.db, this.table);
    for (const state of seen) {
      const rows = Number(state.split('|')[0]);
      if (this.#mode.isBySlice) assert.equal((rows - OLD_ROWS) % SLICE_ROWS, 0, `${told}: ${state}`);
      else assert.ok(state === this.#old || state === last, `${told}: a reader saw ${state}`);
    }
  }

  async assertFinished(told: string): Promise<void> {
    await this.assertSound(true, told);
    assert.deepEqual(await leftovers(this.#site.db), [], told);
    assert.equal((await jobsOf(this.#site.db, this.table))[0]?.state, 'finished', told);
  }

  async drop(): Promise<void> {
    await this.#site.db.query(`drop table ${this.table} cascade`);
  }
}
