// The Postgres sink against a real server: what it refuses, what it says, what it resumes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ErrorCode, ParloadError, toWire } from '../../src/errors/index.ts';
import type { ArrowSchema, Receipt, TargetPlan, TargetRequest } from '../../src/model/index.ts';
import { sink } from '../../src/sinks/postgres/index.ts';
import { NUMBERED, numberedBatch, testBatch, testField, testSchema } from '../conformance/batches.ts';
import { Rig, requestOf, sliceOf } from '../conformance/sink-suite.ts';
import { type TestDatabase, withPostgres } from '../support/postgres.ts';

const server = withPostgres();

const describeTarget = async (
  db: Pick<TestDatabase, 'url'>,
  request: Partial<TargetRequest> = {},
  options: object = {},
): Promise<TargetPlan> => {
  const job = await sink.job((await sink.options()).parse({ url: db.url, table: 't', ...options }));
  try {
    return await job.describe(requestOf(request));
  } finally {
    await job.close();
  }
};

const start = (db: TestDatabase, request: Partial<TargetRequest> = {}, options: object = {}): Promise<Rig> =>
  Rig.start(
    sink,
    { options: { url: db.url, table: 't', ...options }, ids: null, fingerprint: null },
    64 * 1024,
    requestOf(request),
  );

const refused = async (promise: Promise<unknown>, code: ErrorCode): Promise<ParloadError> => {
  try {
    await promise;
  } catch (error) {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  throw new Error(`not refused; expected ${code}`);
};

const schemaOf = (...names: string[]): ArrowSchema => ({ fields: names.map((n) => testField(n, 'int32')) });
const ints = (name: string, values: readonly (number | null)[]) => ({ name, type: 'int32' as const, values });
const count = async (db: TestDatabase, table = 't'): Promise<number> =>
  Number((await db.query(`select count(*) as n from ${table}`))[0]?.n);

const receiptOf = (rowStart: number, rows: number): Receipt => ({
  sliceId: sliceOf(rowStart, rows).id,
  inputId: sliceOf(rowStart, rows).inputId,
  rowsRead: rows,
  rowsFiltered: 0,
  rowsLoaded: rows,
  bytesSent: 1,
  changes: [],
  elapsedMs: 1,
  attempt: 1,
  alreadyCommitted: false,
});

/** Loads the whole slice and finishes. */
async function loadAll(rig: Rig, rowStart: number, rows: number): Promise<readonly string[]> {
  const session = await rig.session();
  await rig.load(session, sliceOf(rowStart, rows), [numberedBatch(rowStart, rows)]);
  return rig.job.finish([receiptOf(rowStart, rows)]);
}

test('connecting: each failure has its code', async () => {
  const db = await server.freshDatabase();
  const url = new URL(db.url);
  const at = (change: (u: URL) => void): { url: string } => {
    const u = new URL(url.href);
    change(u);
    return { url: u.href };
  };
  const noDatabase = await refused(
    describeTarget(
      at((u) => {
        u.pathname = '/none';
      }),
    ),
    'SINK_DATABASE_MISSING',
  );
  assert.equal(noDatabase.retryable, false);
  const refusedPort = await refused(
    describeTarget(
      at((u) => {
        u.port = '1';
      }),
    ),
    'SINK_UNREACHABLE',
  );
  assert.equal(refusedPort.retryable, false);
  await refused(
    describeTarget(
      at((u) => {
        u.hostname = 'no-such-host.invalid';
      }),
    ),
    'SINK_HOST_UNKNOWN',
  );
  await refused(
    describeTarget(
      at((u) => {
        u.username = 'nobody_here';
      }),
    ),
    'SINK_AUTH',
  );
  await refused(
    describeTarget(
      at((u) => {
        u.search = 'sslmode=require';
      }),
    ),
    'SINK_TLS',
  );
  // The first host of the list does not answer, the second one does.
  const list = `postgres://${url.username}${url.password === '' ? '' : `:${url.password}`}@127.0.0.1:1,${url.hostname}:${url.port}${url.pathname}?target_session_attrs=read-write`;
  assert.equal((await describeTarget({ url: list })).exists, false);
});

test('the table: missing, existing, views, row security, read-only user', async () => {
  const db = await server.freshDatabase();
  await refused(describeTarget(db, {}, { createTable: 'never' }), 'TABLE_MISSING');
  await refused(describeTarget(db, {}, { table: 'nowhere.t' }), 'TABLE_MISSING');
  await db.query(
    'create table "T" (a int); create view v as select 1 as a; create table s (a int); create table ro (a int)',
  );
  const request = { schema: schemaOf('a') };
  await refused(describeTarget(db, request, { table: 'v' }), 'SINK_SQL');
  await refused(describeTarget(db, request, { table: 'T', createTable: 'only' }), 'TABLE_EXISTS');
  const plan = await describeTarget(db, request);
  assert.equal(plan.exists, false);
  assert.match(plan.ddl.join(), /CREATE TABLE "public"."t"/);
  assert.match(plan.notes.join(), /"T"/);
  const role = `role_${db.name}`;
  await db.query(
    `create role ${role} login password 'x'; grant select on ro to ${role}; grant insert, select on s to ${role};
     alter table s enable row level security`,
  );
  const url = new URL(db.url);
  url.username = role;
  url.password = 'x';
  await refused(describeTarget({ url: url.href }, request, { table: 'ro' }), 'SINK_DENIED');
  await refused(describeTarget({ url: url.href }, request, { table: 's' }), 'SINK_DENIED');
  await refused(describeTarget({ url: url.href }, request, { table: 'fresh' }), 'SINK_DENIED');
  await db.query(`drop owned by ${role}; drop role ${role}`);
});

test('the columns: all that is wrong is named before the first byte', async () => {
  const db = await server.freshDatabase();
  await db.query(
    `create table t (a int, "Amount" int, gone int, g int generated always as (a + 1) stored,
       i int generated always as identity, n int not null, d int not null default 1);
     alter table t drop column gone`,
  );
  const missing = await refused(
    describeTarget(db, { schema: schemaOf('a', 'amount', 'gone', 'n') }),
    'COLUMN_MISSING',
  );
  assert.match(missing.message, /"amount", "gone"/);
  assert.match(missing.hint, /--rename amount=Amount/);
  const lacking = await refused(describeTarget(db, { schema: schemaOf('a', 'n') }), 'COLUMN_MISSING');
  assert.match(lacking.message, /has "Amount", which the rows lack/);
  const chosen = (...names: string[]): Partial<TargetRequest> => ({
    schema: schemaOf(...names),
    columnsChosen: true,
  });
  await refused(describeTarget(db, chosen('a', 'n', 'g')), 'SINK_SQL');
  await refused(describeTarget(db, chosen('a', 'n', 'i')), 'SINK_SQL');
  const needed = await refused(describeTarget(db, chosen('a')), 'COLUMN_MISSING');
  assert.match(needed.message, /"n"/);
  const plan = await describeTarget(db, chosen('n', 'a'));
  assert.deepEqual(
    plan.mapping.map((m) => [m.name, m.targetType]),
    [
      ['n', 'integer'],
      ['a', 'integer'],
    ],
  );
  assert.match(plan.notes.join(), /"Amount", "d"/);
});

test('domains, arrays, enums and composites of the table are followed to their base', async () => {
  const db = await server.freshDatabase();
  await db.query(
    `create domain positive as int check (value > 0); create domain small_text as varchar(3) not null;
     create type mood as enum ('ok', 'bad');
     create table t (p positive, m mood, s small_text default 'x')`,
  );
  const schema = { fields: [testField('p', 'int32'), testField('m', 'utf8')] };
  const rig = await start(db, { schema });
  const session = await rig.session();
  const rows = (p: readonly number[], m: readonly string[]) => [
    testBatch([ints('p', p), { name: 'm', type: 'utf8', values: m }]),
  ];
  await rig.load(session, sliceOf(0, 2), rows([1, 2], ['ok', 'bad']));
  assert.deepEqual(await db.query('select p, m::text, s from t order by p'), [
    { p: 1, m: 'ok', s: 'x' },
    { p: 2, m: 'bad', s: 'x' },
  ]);
  const domain = await refused(
    rig.load(session, sliceOf(2, 2), rows([3, -987654], ['ok', 'ok'])),
    'SINK_REJECTED',
  );
  assert.doesNotMatch(JSON.stringify(toWire(domain)), /987654/);
  await session.rollback(domain);
  const wrong = await refused(rig.load(session, sliceOf(2, 1), rows([3], ['secret-mood'])), 'SINK_REJECTED');
  assert.doesNotMatch(JSON.stringify(toWire(wrong)), /secret-mood/);
  await session.rollback(wrong);
  assert.equal(await count(db), 2);
  await rig.close();
});

test('rows that the server refuses: column, constraint and row of the input, but no value', async () => {
  const db = await server.freshDatabase();
  await db.query(
    'create table t (id bigint primary key, small int check (small < 800), n int default 1 not null)',
  );
  const request = { schema: testSchema(NUMBERED.slice(0, 2)) };
  const rig = await start(db, request);
  const session = await rig.session();
  const batch = (from: number, rows: number, selection?: readonly number[]) => {
    const whole = numberedBatch(from, rows, selection);
    return { ...whole, schema: request.schema, columns: whole.columns.slice(0, 2) };
  };
  const check = await refused(
    rig.load(session, sliceOf(100, 900), [batch(100, 400), batch(500, 500)]),
    'SINK_REJECTED',
  );
  assert.match(check.message, /check constraint violated.*23514.*t_small_check/);
  assert.equal(check.where.row, 800);
  await session.rollback(check);
  await rig.load(session, sliceOf(0, 10), [batch(0, 10)]);
  await session.begin(sliceOf(20, 100), 1);
  const twice = await refused(
    (async () => {
      await session.write(batch(20, 10, [1, 2, 3]));
      await session.write({ ...batch(0, 10, [5]), rowStart: 30 });
      await session.commit({ rowsRead: 4, rowsFiltered: 0 });
    })(),
    'SINK_REJECTED',
  );
  assert.match(twice.message, /23505.*t_pkey/);
  assert.equal(twice.where.row, 35);
  assert.doesNotMatch(JSON.stringify(toWire(twice)), /\(5\)/);
  await session.rollback(twice);
  assert.equal(await count(db), 10);
  await rig.close();
});

test('a trigger that drops rows is found out', async () => {
  const db = await server.freshDatabase();
  await db.query(
    `create table t (a int);
     create function skip() returns trigger language plpgsql as $$ begin return case when new.a = 3 then null else new end; end $$;
     create trigger skip before insert on t for each row execute function skip()`,
  );
  const rig = await start(db, { schema: schemaOf('a') });
  const session = await rig.session();
  const error = await refused(
    rig.load(session, sliceOf(0, 5), [testBatch([ints('a', [1, 2, 3, 4, 5])])]),
    'COUNT_DIFFERS',
  );
  await session.rollback(error);
  assert.equal(await count(db), 0);
  await rig.close();
});

test('a row much bigger than the blocks, and many that fill them', async () => {
  const db = await server.freshDatabase();
  const rig = await start(db, { schema: { fields: [testField('s', 'utf8')] } });
  const session = await rig.session();
  const values = [
    'a',
    'x'.repeat(3_000_000),
    'b',
    null,
    'y'.repeat(64 * 1024),
    ...Array<string>(500).fill('z'.repeat(999)),
  ];
  const batch = testBatch([{ name: 's', type: 'utf8', values }]);
  await rig.load(session, sliceOf(0, values.length), [batch]);
  const [row] = await db.query(
    'select count(*)::int as n, count(s)::int as c, sum(length(s))::int as l, max(length(s)) as m from t',
  );
  assert.deepEqual(row, {
    n: values.length,
    c: values.length - 1,
    l: 2 + 3_000_000 + 65_536 + 499_500,
    m: 3_000_000,
  });
  await rig.close();
});

test('wide rows', async () => {
  const db = await server.freshDatabase();
  const columns = Array.from({ length: 900 }, (_, c) =>
    ints(
      `c${c}`,
      Array.from({ length: 50 }, (_, r) => c * r),
    ),
  );
  const rig = await start(db, { schema: testSchema(columns) });
  await rig.load(await rig.session(), sliceOf(0, 50), [testBatch(columns)]);
  assert.deepEqual((await db.query('select sum(c899)::int as s, count(*)::int as n from t'))[0], {
    s: 899 * 1225,
    n: 50,
  });
  await rig.close();
});

test('resume: rerun skips, an emptied or new table is loaded again, one made anew and filled is refused', async () => {
  const db = await server.freshDatabase();
  const first = await start(db);
  await loadAll(first, 0, 100);
  await first.close();
  assert.deepEqual((await describeTarget(db)).committed, { 'input-a': [{ start: 0, end: 100 }] });

  await db.query('truncate t');
  const plan = await describeTarget(db);
  assert.deepEqual(plan.committed, {});
  assert.match(plan.notes.join(), /emptied/);
  const second = await start(db);
  await loadAll(second, 0, 100);
  await second.close();
  assert.equal(await count(db), 100);

  await db.query('create table copy as select * from t; drop table t');
  assert.match((await describeTarget(db)).notes.join(), /does not exist any more/);
  await db.query('alter table copy rename to t');
  await refused(start(db), 'LEDGER_STALE');
  const again = await start(db, { again: true });
  await loadAll(again, 0, 100);
  await again.close();
  assert.equal(await count(db), 200);
  const rest = await start(db);
  assert.deepEqual(rest.committed, { 'input-a': [{ start: 0, end: 100 }] });
  await rest.close();
});

test('pre-sql, post-sql and analyze, as text and as a file', async () => {
  const db = await server.freshDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'parload-sql-'));
  const postSql = `@${join(dir, 'post.sql')}`;
  writeFileSync(postSql.slice(1), 'create index on t (id); insert into log values (2)');
  const preSql = 'create table if not exists log (step int); insert into log values (1)';
  const rig = await start(db, {}, { preSql, postSql, analyze: true });
  await loadAll(rig, 0, 30);
  await rig.close();
  assert.deepEqual(await db.query('select step from log order by 1'), [{ step: 1 }, { step: 2 }]);
  assert.equal((await db.query("select reltuples::int as n from pg_class where relname = 't'"))[0]?.n, 30);
  const error = await refused(start(db, {}, { preSql: 'select 1;\nselekt 2' }), 'SINK_SQL');
  assert.match(error.message, /--pre-sql.*at character 11/);
  await refused(describeTarget(db, {}, { preSql: '@/no/such/file' }), 'CONFIG_INVALID');
  rmSync(dir, { recursive: true });
});

test('--create-table only makes the table and nothing else', async () => {
  const db = await server.freshDatabase();
  const rig = await start(db, {}, { createTable: 'only' });
  assert.deepEqual(rig.committed, {});
  await rig.close();
  assert.equal(await count(db), 0);
  assert.equal((await db.query("select to_regnamespace('parload') is null as none"))[0]?.none, true);
});

test('two first runs at once: both ledgers, tables and loads are right', async () => {
  const db = await server.freshDatabase();
  const rigs = await Promise.all(['x', 'y', 'z'].map((transformsKey) => start(db, { transformsKey })));
  await Promise.all(rigs.map((rig) => loadAll(rig, 0, 500)));
  await Promise.all(rigs.map((rig) => rig.close()));
  assert.equal(await count(db), 1500);
});

test('LOCKED says who; the ledger shows only what it should', async () => {
  const db = await server.freshDatabase();
  const input = { ...requestOf().inputs[0]!, uri: 's3://bucket/a.parquet?X-Amz-Signature=SECRET' };
  const rig = await start(db, { inputs: [input], runId: 'run-one' });
  const locked = await refused(start(db), 'LOCKED');
  assert.match(locked.message, new RegExp(`run-one.*process ${process.pid}`));
  await loadAll(rig, 0, 10);
  await rig.close();
  assert.doesNotMatch(JSON.stringify(await db.query('select * from parload.input')), /SECRET/);
  const [slice] = await db.query(
    'select rows_loaded::int, bytes::int > 200 as bytes, run_id, attempt from parload.slice',
  );
  assert.deepEqual(slice, { rows_loaded: 10, bytes: true, run_id: 'run-one', attempt: 1 });
});

test('finish compares the ledger with the receipts', async () => {
  const db = await server.freshDatabase();
  const rig = await start(db);
  const session = await rig.session();
  await rig.load(session, sliceOf(0, 10), [numberedBatch(0, 10)]);
  await refused(rig.job.finish([receiptOf(0, 10), receiptOf(10, 10)]), 'COUNT_DIFFERS');
  await refused(rig.job.finish([{ ...receiptOf(0, 10), rowsLoaded: 9 }]), 'COUNT_DIFFERS');
  await rig.job.finish([receiptOf(0, 10)]);
  await rig.close();
});

test('partitioned tables; names with quotes, dots and spaces', async () => {
  const db = await server.freshDatabase();
  await db.query(
    `create schema "s.1"; create table "s.1"."T ""x""" ("a b" int) partition by range ("a b");
     create table p1 partition of "s.1"."T ""x""" for values from (0) to (10)`,
  );
  const rig = await start(db, { schema: schemaOf('a b') }, { table: '"s.1"."T ""x"""' });
  const session = await rig.session();
  await rig.load(session, sliceOf(0, 3), [testBatch([ints('a b', [1, 2, 3])])]);
  const none = await refused(
    rig.load(session, sliceOf(3, 1), [testBatch([ints('a b', [99])], { rowStart: 3 })]),
    'SINK_REJECTED',
  );
  assert.equal(none.where.row, 3);
  await session.rollback(none);
  assert.equal(await count(db, 'p1'), 3);
  await rig.close();
});

test('status shows the jobs of the ledger, newest first', async () => {
  const db = await server.freshDatabase();
  const status = (table?: string) => sink.status!({ url: db.url, ...(table === undefined ? {} : { table }) });
  assert.deepEqual(await status(), []);
  const one = await start(db);
  await loadAll(one, 0, 100);
  await one.close();
  const two = await start(db, { runId: 'run-two' }, { table: 'other' });
  const session = await two.session();
  await two.load(session, sliceOf(50, 10), [numberedBatch(50, 10)]);
  const [newest, older] = await status();
  await two.close();
  assert.deepEqual(
    [newest?.target, newest?.state, newest?.rowsLoaded, newest?.slices],
    ['public.other', 'unfinished', 10, 1],
  );
  assert.deepEqual(newest?.inputs, [{ uri: '/data/a.parquet', rowCount: 100_000, rowsCommitted: 10 }]);
  assert.equal(newest?.lastRun?.runId, 'run-two');
  assert.ok(
    Math.abs(Date.parse(newest?.lastRun?.updatedAt ?? '') - Date.now()) < 60_000,
    newest?.lastRun?.updatedAt,
  );
  assert.deepEqual([older?.target, older?.state, older?.generation], ['public.t', 'finished', 1]);
  assert.deepEqual(
    (await status('other')).map((j) => j.target),
    ['public.other'],
  );
  assert.deepEqual(
    (await status('public.t')).map((j) => j.target),
    ['public.t'],
  );
  assert.deepEqual(await status('elsewhere.t'), []);
});
