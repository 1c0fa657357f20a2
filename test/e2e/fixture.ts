// What the end-to-end tests share: numbered rows whose sum tells each loss and each double, and a gate in the table.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { before, beforeEach } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Float64, Int64, TimestampMicrosecond, Utf8 } from 'apache-arrow';
import type pg from 'pg';
import { type LedgerJob, type RunReport, status } from '../../src/index.ts';
import { type CliOptions, type CliResult, type RunningCli, runCli, startCli } from '../support/cli.ts';
import { writeParquetFile } from '../support/parquet.ts';
import {
  type TestDatabase,
  type TestPostgres,
  type TestPostgresOptions,
  withPostgres,
} from '../support/postgres.ts';
import { temporaryFolder } from '../support/root.ts';

/** Of waits for something that must come; far more than any machine needs. */
const PATIENCE_MS = 60_000;

export interface Numbered {
  readonly path: string;
  readonly rows: number;
  /** What `fingerprint` must say when each row is there once. */
  readonly fingerprint: string;
}

const textOf = (id: number): string | null => (id % 7 === 3 ? null : `row ${id} äöü ${id % 13}`);
const numberOf = (id: number): number | null => (id % 11 === 5 ? null : id / 8);
const hashOf = (id: number): bigint => {
  const text = `${id}|${numberOf(id) ?? '\\N'}|${textOf(id) ?? '\\N'}`;
  return BigInt(`0x${createHash('md5').update(text).digest('hex').slice(0, 15)}`);
};

/** `rows | distinct ids | sum of 60 bits of the MD5 of each row`: free of order. */
export function expectedFingerprint(first: number, rows: number, times = 1): string {
  let sum = 0n;
  for (let id = first; id < first + rows; id++) sum += hashOf(id);
  return `${rows * times}|${rows}|${sum * BigInt(times)}`;
}

/** Rows `first ..`: id bigint, value double precision, text, at timestamp. Eighths, whose decimal text is exact. */
export function writeNumbered(
  path: string,
  rows: number,
  options: { first?: number; rowGroupRows?: number } = {},
): Numbered {
  const { first = 0, rowGroupRows = 20_000 } = options;
  writeParquetFile(path, {
    rows,
    rowGroupRows,
    columns: [
      { name: 'id', type: new Int64(), value: (row) => BigInt(first + row), nullable: false },
      { name: 'value', type: new Float64(), value: (row) => numberOf(first + row) },
      { name: 'text', type: new Utf8(), value: (row) => textOf(first + row) },
      { name: 'at', type: new TimestampMicrosecond(), value: (row) => 1_700_000_000_000 + first + row },
    ],
  });
  return { path, rows, fingerprint: expectedFingerprint(first, rows) };
}

export async function fingerprint(db: TestDatabase, table: string): Promise<string> {
  const [row] = await db.query(
    `select count(*) || '|' || count(distinct id) || '|' || coalesce(sum(('x' || substr(md5(
       concat_ws('|', id, coalesce(value::text, '\\N'), coalesce(text, '\\N'))), 1, 15))::bit(60)::bigint), 0) as f
     from ${table}`,
  );
  return String(row?.f);
}

/** 0 when the table does not exist. */
export async function countRows(db: TestDatabase, table: string): Promise<number> {
  const [there] = await db.query('select to_regclass($1) is not null as there', [table]);
  if (there?.there !== true) return 0;
  return Number((await db.query(`select count(*) as n from ${table}`))[0]?.n);
}

/** Rows that the ledger counts as committed into a table; a slice is in the table if and only if its row is here. */
export async function ledgerRows(db: TestDatabase, table: string): Promise<number> {
  const [there] = await db.query("select to_regclass('parload.slice') is not null as there");
  if (there?.there !== true) return 0;
  const rows = await db.query(
    `select coalesce(sum(rows_loaded), 0) as n from parload.slice join parload.job using (job_id) where target = $1`,
    [`public.${table}`],
  );
  return Number(rows[0]?.n);
}

/** Waits until `look` is true. */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    assert.ok(Date.now() < deadline, `still not: ${what}`);
    await sleep(25);
  }
}

/** No connection of parload is left in the database, as must be once its process has ended. */
export const noBackends = (db: TestDatabase): Promise<void> =>
  until('the server ended the connections of the client', async () => {
    const rows = await db.query(
      "select 1 from pg_stat_activity where datname = current_database() and application_name like 'parload%'",
    );
    return rows.length === 0;
  });

/** Arguments of a load into `table`; names as in the help. */
export function copyArgs(
  path: string | readonly string[],
  db: TestDatabase,
  table: string,
  more: readonly string[] = [],
): string[] {
  return ['copy', ...(typeof path === 'string' ? [path] : path), db.url, '--table', table, ...more];
}

export interface JsonRun extends CliResult {
  readonly report: RunReport;
}

/** `copy ... --json --quiet`; the report is there whatever the exit code. */
export async function copyJson(args: readonly string[], options: CliOptions = {}): Promise<JsonRun> {
  const result = await runCli([...args, '--json'], { timeoutMs: 300_000, ...options });
  assert.notEqual(result.stdout, '', `no report; exit ${result.code}, ${result.signal}:\n${result.stderr}`);
  return { ...result, report: JSON.parse(result.stdout) as RunReport };
}

/** The library's `parload status`: a process less for each look. */
export const jobsOf = (db: TestDatabase, table: string): Promise<readonly LedgerJob[]> =>
  status({ url: db.url, table });

/**
 * Holds rows back in the middle of a COPY: every backend that comes to a row where `condition` (over `new`) is true
 * waits until the gate is opened. Also opens when the server stops.
 */
export class Gate {
  readonly #client: pg.Client;
  readonly #db: TestDatabase;
  readonly #key: number;

  private constructor(client: pg.Client, db: TestDatabase, key: number) {
    this.#client = client;
    this.#db = db;
    this.#key = key;
  }

  /** The table must exist. */
  static async close(db: TestDatabase, table: string, condition: string): Promise<Gate> {
    const key = 1 + Math.floor(Math.random() * 2 ** 30);
    await db.query(
      `create function gate_${table}() returns trigger language plpgsql as
       $$ begin perform pg_advisory_xact_lock_shared(${key}); return new; end $$`,
    );
    await db.query(
      `create trigger gate before insert on ${table} for each row when (${condition}) execute function gate_${table}()`,
    );
    const client = await db.connect();
    await client.query('select pg_advisory_lock($1)', [key]);
    return new Gate(client, db, key);
  }

  /** Backends that wait at the gate, each in the middle of its COPY. */
  async waiting(): Promise<number[]> {
    const rows = await this.#db.query(
      `select pid from pg_locks where locktype = 'advisory' and not granted and objid = $1 and database =
       (select oid from pg_database where datname = current_database())`,
      [this.#key],
    );
    return rows.map((r) => Number(r.pid));
  }

  /** Resolves with the backends when `count` of them wait. */
  async reached(count: number): Promise<number[]> {
    let pids: number[] = [];
    await until(`${count} backends at the gate`, async () => {
      pids = await this.waiting();
      return pids.length >= count;
    });
    return pids;
  }

  async open(): Promise<void> {
    await this.#client.query('select pg_advisory_unlock_all()').catch(() => undefined);
  }
}

/** The table of `writeNumbered`, for what must be there before the load. */
export const createNumbered = (db: TestDatabase, table: string): Promise<unknown> =>
  db.query(`create table ${table} (id bigint not null, value double precision, text text, at timestamp)`);

/** A failed command as a user must see it: code, hint, exit code, no stack, no secret. */
export function assertFailure(result: CliResult, code: string, exit: number, message = /./): void {
  assert.equal(result.code, exit, `${result.stdout}\n${result.stderr}`);
  assert.match(result.stderr, new RegExp(`^code: ${code}$`, 'm'));
  assert.match(result.stderr, /^hint: \S/m);
  assert.match(result.stderr, /^error: \S/m);
  assert.match(result.stderr, message);
  assert.doesNotMatch(result.stderr, /^ {4}at /m, 'a stack without -v');
}

/** Repeatable numbers from 0 to 1; `seed` from PARLOAD_TEST_SEED or new. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const testSeed = (): number =>
  Number(process.env.PARLOAD_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

export interface SiteOptions extends TestPostgresOptions {
  readonly rowGroupRows?: number;
  /** One for the whole file, whose tests then use tables of their own. Default: one for each test. */
  readonly database?: 'test' | 'file';
}

/** A load that stands still in the middle of its COPYs. */
export interface Held {
  readonly gate: Gate;
  /** Backends at the gate. */
  readonly pids: readonly number[];
  readonly running: RunningCli;
}

/** What a file of tests works with: a server, a folder, a file of numbered rows, a database; the table is `t`. */
export class Site {
  readonly postgres: TestPostgres;
  readonly dir: string;
  #input: Numbered | null = null;
  #db: TestDatabase | null = null;

  /** Call it at the top of a test file. */
  constructor(rows: number, { rowGroupRows, database = 'test', ...postgres }: SiteOptions = {}) {
    this.postgres = withPostgres(postgres);
    this.dir = temporaryFolder();
    const fresh = async (): Promise<void> => {
      this.#db = await this.postgres.freshDatabase();
    };
    before(() => {
      const options = rowGroupRows === undefined ? {} : { rowGroupRows };
      this.#input = writeNumbered(join(this.dir, 'numbered.parquet'), rows, options);
    });
    if (database === 'file') before(fresh);
    else beforeEach(fresh);
  }

  get input(): Numbered {
    assert.ok(this.#input !== null);
    return this.#input;
  }

  get db(): TestDatabase {
    assert.ok(this.#db !== null);
    return this.#db;
  }

  copyArgs(more: readonly string[] = [], table = 't', path = this.input.path): string[] {
    return copyArgs(path, this.db, table, more);
  }

  /** Runs until it dies at a fail point, as `slice.after-commit:2`; nothing of it is left on the server then. */
  async killAt(failpoint: string, more: readonly string[] = [], table = 't'): Promise<void> {
    const killed = await runCli(this.copyArgs(more, table), { env: { PARLOAD_FAILPOINT: failpoint } });
    assert.equal(killed.signal, 'SIGKILL', `${failpoint}\n${killed.stderr}`);
    await noBackends(this.db);
  }

  /** Two workers stand still in the middle of a COPY, at a row where `condition` (over `new`) holds. Makes the table. */
  async hold(condition: string, more: readonly string[], { unlogged = false } = {}): Promise<Held> {
    await createNumbered(this.db, 't');
    if (unlogged) await this.db.query('alter table t set unlogged');
    const gate = await Gate.close(this.db, 't', condition);
    const running = startCli(this.copyArgs(['--workers', '2', ...more]), { timeoutMs: 300_000 });
    return { gate, pids: await gate.reached(2), running };
  }

  /** Rows in the table, which are those that the ledger says. */
  async committed(table = 't'): Promise<number> {
    const there = await countRows(this.db, table);
    assert.equal(there, await ledgerRows(this.db, table), 'the table has what the ledger says, nothing else');
    return there;
  }

  /** Nothing was half-loaded; the same load again takes what is missing and nothing else, and all is well then. */
  async resume(more: readonly string[] = [], table = 't', path = this.input.path): Promise<void> {
    const { rows } = this.input;
    const there = await this.committed(table);
    const { code, stderr, report } = await copyJson(this.copyArgs(more, table, path));
    assert.equal(code, 0, stderr);
    assert.equal(report.rows.skipped, there);
    assert.equal(report.rows.loaded, rows - there);
    await this.assertExact(table);
  }

  /** Every row once, in the table and in the ledger, and nobody connected any more. */
  async assertExact(table = 't'): Promise<void> {
    assert.equal(await fingerprint(this.db, table), this.input.fingerprint);
    assert.equal(await ledgerRows(this.db, table), this.input.rows);
    assert.equal((await jobsOf(this.db, table))[0]?.state, 'finished');
    await noBackends(this.db);
  }

  /** Not even a ledger was made. */
  async assertUntouched(): Promise<void> {
    assert.deepEqual(await this.db.query("select 1 from pg_namespace where nspname = 'parload'"), []);
  }
}
