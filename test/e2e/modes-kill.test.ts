// kill -9 at each fail point of the modes that publish at once, while somebody reads: the old rows or all of the new
// ones, never a part, and the same command again finishes it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAILPOINTS, STAGE_FAILPOINTS } from '../../src/runtime/failpoint.ts';
import { leftovers } from '../support/table-portrait.ts';
import { copyJson, createNumbered, expectedFingerprint, fingerprint, jobsOf, Site } from './fixture.ts';
import { Watcher } from './watcher.ts';

const ROWS = 40_000;
const OLD = 1_000;
const site = new Site(ROWS, { database: 'file', rowGroupRows: 10_000 });

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** What makes the table, beside the rows before. */
  readonly sql: (table: string) => string;
  /** Rows that are there in the end: those of the load, or with those before. */
  readonly adds: boolean;
}

const CASES: readonly Case[] = [
  {
    name: 'replace by a swap',
    args: ['--mode', 'replace'],
    sql: (t) =>
      `alter table ${t} add primary key (id); create index on ${t} (text); create index on ${t} (value)`,
    adds: false,
  },
  {
    name: 'replace by DELETE and INSERT',
    args: ['--mode', 'replace'],
    sql: (t) => `create view of_${t} as select id from ${t}`,
    adds: false,
  },
  { name: 'append at once', args: ['--atomic', 'staging'], sql: () => 'select 1', adds: true },
  {
    name: 'upsert',
    args: ['--mode', 'upsert', '--key', 'id'],
    sql: (t) => `alter table ${t} add primary key (id)`,
    adds: true,
  },
];

/** Each case meets a part of the points, and all of them together each point more than once. */
const POINTS = [
  ...FAILPOINTS.filter((p) => p === 'slice.after-commit' || p === 'job.prepared' || p === 'job.finished'),
  ...STAGE_FAILPOINTS,
];

describe('killed', () => {
  for (const [c, { name, args, sql, adds }] of CASES.entries()) {
    for (const [p, point] of POINTS.entries()) {
      // The first case meets every point; the others share them.
      if (c > 0 && (p + c) % 3 !== 0) continue;
      test(`${name}: ${point}`, async () => {
        const table = `killed_${c}_${p}`;
        await createNumbered(site.db, table);
        await site.db.query(sql(table));
        await site.db.query(
          `insert into ${table} (id, value, text) select -g, g / 8.0, 'old ' || g from generate_series(1, ${OLD}) g`,
        );
        const old = await fingerprint(site.db, table);
        const watcher = await Watcher.start(site.db, table);
        const workers = ['--workers', '2', '--slice', 'rows:10000'];
        await site.killAt(`${point}:1`, [...args, ...workers], table);
        const { code, stderr, report } = await copyJson(
          site.copyArgs([...args, '--workers', '1', '--slice', 'rows:7000'], table),
        );
        assert.equal(code, 0, stderr);
        const seen = await watcher.stop();
        const last = await fingerprint(site.db, table);
        if (!adds) assert.equal(last, expectedFingerprint(0, ROWS));
        else {
          assert.equal(
            await fingerprint(site.db, `(select * from ${table} where id >= 0) as new`),
            expectedFingerprint(0, ROWS),
          );
          assert.equal(await fingerprint(site.db, `(select * from ${table} where id < 0) as old`), old);
        }
        assert.deepEqual(
          [...seen].filter((f) => f !== old && f !== last),
          [],
          'nobody saw a part',
        );
        assert.deepEqual(await leftovers(site.db), []);
        assert.equal((await jobsOf(site.db, table))[0]?.state, 'finished');
        // After the end of a replace, it is replaced again; whatever else was loaded is not loaded twice.
        const again = adds || point !== 'job.finished';
        if (again) assert.equal(report.rows.loaded + report.rows.skipped, ROWS);
      });
    }
  }
});
