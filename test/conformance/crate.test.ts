import { test } from 'node:test';
import { CrateConnection } from '../../src/sinks/crate/connection.ts';
import { resolveConnInfo } from '../../src/sinks/crate/conninfo.ts';
import { sink } from '../../src/sinks/crate/index.ts';
import { FakeCrate } from '../fakes/crate/server.ts';
import type { JsonNumber } from '../support/exact-json.ts';
import { sinkConformance } from './sink-suite.ts';

sinkConformance('crate (fake)', sink, async () => {
  const fake = await FakeCrate.start();
  const idsOf = (): number[] =>
    fake
      .rows('numbers')
      .map((row) => Number((row.get('id') as JsonNumber).text))
      .sort((a, b) => a - b);
  return {
    options: { url: fake.url('numbers') },
    ids: async () => idsOf(),
    fingerprint: async () =>
      JSON.stringify([...fake.engine.tables].map(([name, table]) => [name, table.rows.size])),
    close: () => fake.stop(),
  };
});

/** A real server: crate://user@host:4200/schema. Tables are made and dropped in it, in the schema `parload` too. */
const REAL = process.env.PARLOAD_TEST_CRATE_URL ?? '';

if (REAL === '') {
  test('crate (real server)', (t) => {
    t.skip('no CrateDB is here: set PARLOAD_TEST_CRATE_URL=crate://user@host:4200/doc');
  });
} else {
  sinkConformance('crate (real server)', sink, async () => {
    const table = `conformance_${process.pid}_${Date.now().toString(36)}`;
    const connection = new CrateConnection(resolveConnInfo({ url: REAL }));
    const there = async (): Promise<boolean> =>
      (
        await connection.query('SELECT table_name FROM information_schema.tables WHERE table_name = ?', [
          table,
        ])
      ).rows.length > 0;
    return {
      options: { url: REAL, table },
      ids: async () => {
        if (!(await there())) return [];
        await connection.query(`REFRESH TABLE ${table}`);
        return (await connection.query(`SELECT id FROM ${table} ORDER BY id`)).rows.map((row) =>
          Number(row[0]),
        );
      },
      fingerprint: async () =>
        JSON.stringify(
          (
            await connection.query(
              'SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2',
            )
          ).rows,
        ),
      close: async () => {
        await connection.query(`DROP TABLE IF EXISTS ${table}`);
        await connection.close();
      },
    };
  });
}
