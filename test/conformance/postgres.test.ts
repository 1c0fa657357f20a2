import { sink } from '../../src/sinks/postgres/index.ts';
import { withPostgres } from '../support/postgres.ts';
import { sinkConformance } from './sink-suite.ts';

const server = withPostgres();

sinkConformance('postgres', sink, async () => {
  const db = await server.freshDatabase();
  const there = async (): Promise<boolean> =>
    (await db.query("select to_regclass('numbers') is not null as there"))[0]?.there === true;
  return {
    options: { url: db.url, table: 'numbers' },
    ids: async () =>
      (await there()) ? (await db.query('select id from numbers order by id')).map((r) => Number(r.id)) : [],
    fingerprint: async () =>
      JSON.stringify(
        await db.query(
          'select oid, relname, xmin::text from pg_class where oid >= 16384 union all select oid, nspname, xmin::text from pg_namespace order by 1',
        ),
      ),
  };
});
