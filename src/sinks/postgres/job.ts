// The main thread's part: look, make ready, take the lock, and at the end compare the ledger with what was reported.
import { createHash } from 'node:crypto';
import { defaultPgType } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { Json, Receipt, SinkJob, TargetPlan, TargetRequest } from '../../model/index.ts';
import {
  isEmpty,
  newTableName,
  readServer,
  readTable,
  type ServerFacts,
  similarTables,
  type TableFacts,
} from './catalog.ts';
import { confirmReceipts } from './confirm.ts';
import { connect, type PgConnection } from './connection.ts';
import { type ConnInfo, resolveConnInfo, showTarget } from './conninfo.ts';
import { createTableSql } from './ddl.ts';
import { raiseEpoch, takeLock } from './fence.ts';
import { parseTableName, quoteTable, showTable, type TableName } from './identifiers.ts';
import { type JobIdentity, jobIdOf, markFinished, readLedger, writeResume } from './ledger.ts';
import { begin, ensureLedger, ledgerVersion } from './ledger-schema.ts';
import { checkNames, type Mapped, mapAll, mapToTable } from './mapping.ts';
import type { PostgresOptions } from './options.ts';
import { decideResume, NO_LEDGER, type Resume } from './resume.ts';
import { durationMs, sqlText } from './settings.ts';
import { applicationName, sealTicket } from './ticket.ts';
import { maybeEmptied } from './unlogged.ts';
import { type Checks, checksOf, probeChecks, validateRows } from './validation.ts';

/** The lock's connection lives as long as the run; another one works before and after the load. */
const FIXED_CONNECTIONS = 2;

interface Described {
  readonly request: TargetRequest;
  readonly server: ServerFacts;
  readonly name: { readonly schema: string; readonly name: string };
  readonly job: JobIdentity;
}

export class PostgresJob implements SinkJob {
  readonly #options: PostgresOptions;
  readonly #conn: ConnInfo;
  readonly #connNotes: readonly string[];
  readonly #table: TableName;
  readonly #preSql: string | null;
  readonly #postSql: string | null;
  readonly #checks: Checks;
  readonly #lockTimeoutMs: number;
  readonly #stallTimeoutMs: number;
  readonly #statementTimeoutMs: number;
  #described: Described | null = null;
  #lock: PgConnection | null = null;
  #epoch: string | null = null;
  #resume: Resume | null = null;
  #unlogged = false;

  constructor(options: PostgresOptions) {
    this.#options = options;
    const { info, notes } = resolveConnInfo(options);
    this.#conn = info;
    this.#connNotes = notes;
    this.#table = parseTableName(options.table);
    this.#preSql = options.preSql === undefined ? null : sqlText(options.preSql, 'preSql');
    this.#postSql = options.postSql === undefined ? null : sqlText(options.postSql, 'postSql');
    this.#checks = checksOf(options);
    this.#lockTimeoutMs = durationMs(options.lockTimeout, '--lock-timeout');
    this.#stallTimeoutMs = durationMs(options.stallTimeout, '--stall-timeout');
    this.#statementTimeoutMs = durationMs(options.statementTimeout ?? 0, '--statement-timeout');
  }

  async describe(request: TargetRequest): Promise<TargetPlan> {
    checkNames(request.schema);
    return this.#with(request.runId, true, async (connection) => {
      const server = await readServer(connection);
      const table = await readTable(connection, this.#table);
      this.#checkExistence(table);
      const name = table ?? (await newTableName(connection, server, this.#table));
      const job = identityOf(name, request.transformsKey);
      this.#described = { request, server, name: { schema: name.schema, name: name.name }, job };
      const mapped = table === null ? this.#mapNew() : mapToTable(request.schema, table, request.policies);
      const resume = await this.#readResume(connection, table);
      const similar = table === null ? await similarTables(connection, name.schema, name.name) : [];
      return {
        target: `postgres://${showTarget(this.#conn)} table ${showTable(name)}`,
        exists: table !== null,
        mapping: mapped.mapping,
        ddl: [
          ...(this.#preSql === null ? [] : [this.#preSql.trim()]),
          ...(table === null ? [createTableSql(name, request.schema)] : []),
        ],
        committed: resume.committed,
        connectionsPerWorker: 1,
        connectionsFixed: FIXED_CONNECTIONS,
        notes: [
          ...this.#connNotes,
          ...this.#plainNotes(connection),
          ...(server.encodingNote === null ? [] : [server.encodingNote]),
          ...(table?.notes ?? []),
          ...mapped.notes,
          ...resume.notes,
          ...similar.map((s) => `there is a table "${s}" too; names are compared with their case`),
        ],
      };
    });
  }

  async prepare(): ReturnType<SinkJob['prepare']> {
    const described = this.#needDescribed();
    const { request, server, job } = described;
    return this.#with(request.runId, true, async (connection) => {
      if (this.#options.createTable === 'only') {
        await this.#createTable(connection, described);
        return { ticket: null, committed: {}, notes: [`table "${job.target}" was created`] };
      }
      await ensureLedger(connection, this.#lockTimeoutMs);
      this.#lock = await this.#connect(request.runId, true);
      await takeLock(this.#lock, job, server.version);
      this.#epoch = await raiseEpoch(connection, this.#lock, job, {
        runId: request.runId,
        transformsHash: createHash('sha256').update(request.transformsKey).digest('hex'),
        lockTimeoutMs: this.#lockTimeoutMs,
      });
      if (this.#preSql !== null) await this.#userSql(connection, this.#preSql, '--pre-sql');
      const table = await this.#readyTable(connection, described);
      const mapped = mapToTable(request.schema, table, request.policies);
      await probeChecks(connection, table, this.#checks);
      const resume = await this.#readResume(connection, table);
      await writeResume(connection, job, request.inputs, resume, table.oid);
      this.#resume = resume;
      this.#unlogged = table.unlogged;
      return { ticket: this.#ticket(described, mapped), committed: resume.committed, notes: resume.notes };
    });
  }

  async finish(receipts: readonly Receipt[]): Promise<readonly string[]> {
    if (this.#options.createTable === 'only') return [];
    const { request, job } = this.#needDescribed();
    const inputIds = request.inputs.map((i) => i.id);
    return this.#with(request.runId, false, async (connection) => {
      const notes: string[] = [];
      const ledger = await readLedger(connection, job.jobId, inputIds);
      confirmReceipts(ledger, receipts);
      if (this.#unlogged && this.#lock?.usable === false) throw maybeEmptied(job.target);
      const table = quoteTable(this.#needDescribed().name);
      const rowCount = ledger.slices.reduce((sum, slice) => sum + slice.rowsLoaded, 0);
      await validateRows(connection, { table, shown: job.target, rowCount, committed: true }, this.#checks);
      if (this.#postSql !== null) await this.#userSql(connection, this.#postSql, '--post-sql');
      if (this.#options.analyze) {
        await connection.script(`ANALYZE ${quoteTable(this.#needDescribed().name)}`, {
          doing: `ANALYZE of "${job.target}"`,
        });
      }
      if (!(await markFinished(connection, job.jobId, this.#epoch ?? '0', inputIds))) {
        throw new ParloadError('FENCED', `a newer run took over the load into "${job.target}"`);
      }
      if (this.#lock?.usable === false) {
        notes.push(
          "the connection with the job's lock broke during the load; the ledger kept other runs out",
        );
      }
      await this.#release();
      return notes;
    });
  }

  async abort(_cause: unknown): Promise<void> {
    await this.#release();
  }

  async close(): Promise<void> {
    await this.#release();
  }

  // --- parts ---

  #connect(runId: string, initial: boolean): Promise<PgConnection> {
    return connect(this.#conn, { applicationName: applicationName(this.#conn, runId), initial });
  }

  async #with<T>(
    runId: string,
    initial: boolean,
    work: (connection: PgConnection) => Promise<T>,
  ): Promise<T> {
    const connection = await this.#connect(runId, initial);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }

  /** Ends the lock's transaction, and with it the lock. */
  async #release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    await lock?.close();
  }

  #needDescribed(): Described {
    if (this.#described !== null) return this.#described;
    throw new ParloadError('UNEXPECTED', 'the target was not described');
  }

  #checkExistence(table: TableFacts | null): void {
    const { createTable } = this.#options;
    const where = { table: showTable(this.#table) };
    if (table === null && createTable === 'never') {
      throw new ParloadError('TABLE_MISSING', `there is no table "${where.table}"`, { where });
    }
    if (table !== null && createTable === 'only') {
      throw new ParloadError('TABLE_EXISTS', `table "${where.table}" is there already`, { where });
    }
  }

  #mapNew(): Mapped {
    const { schema, policies } = this.#needDescribed().request;
    const columns = schema.fields.map((f) => ({ name: f.name, type: defaultPgType(f) }));
    return { columns, mapping: mapAll(schema, columns, policies), notes: [] };
  }

  #plainNotes(connection: PgConnection): string[] {
    const away =
      !connection.host.address.startsWith('/') && !/^(localhost$|127\.|::1$)/.test(connection.host.address);
    return away && !connection.encrypted
      ? ['the connection is not encrypted; --sslmode require changes that']
      : [];
  }

  /** Only reads. */
  async #readResume(connection: PgConnection, table: TableFacts | null): Promise<Resume> {
    const { request, job } = this.#needDescribed();
    const inputIds = request.inputs.map((i) => i.id);
    const there = (await ledgerVersion(connection)) !== null;
    const ledger = there ? await readLedger(connection, job.jobId, inputIds) : NO_LEDGER;
    // Only what was loaded can have been emptied; a look at a large table full of dead rows costs time.
    const empty = table === null || ledger.rowsLoaded === 0 ? null : await isEmpty(connection, table);
    const target = { shown: job.target, oid: table?.oid ?? null, empty };
    return decideResume(ledger, target, inputIds, request.again);
  }

  async #readyTable(connection: PgConnection, described: Described): Promise<TableFacts> {
    const { name } = described;
    const there = await readTable(connection, name);
    if (there !== null) return there;
    if (this.#options.createTable === 'never') this.#checkExistence(null);
    await this.#createTable(connection, described);
    const made = await readTable(connection, name);
    if (made !== null) return made;
    throw new ParloadError('TABLE_MISSING', `table "${showTable(name)}" vanished right after it was created`);
  }

  /** Under the ledger's lock: another run may be about to create the same table. */
  async #createTable(connection: PgConnection, { name, request }: Described): Promise<void> {
    const doing = `creating table "${showTable(name)}"`;
    await connection.script(begin(this.#lockTimeoutMs), { doing });
    try {
      const there = (await readTable(connection, name)) !== null;
      if (there && this.#options.createTable === 'only') {
        throw new ParloadError('TABLE_EXISTS', `table "${showTable(name)}" is there already`);
      }
      if (!there) await connection.script(createTableSql(name, request.schema), { doing });
      await connection.script('COMMIT', { doing });
    } catch (error) {
      await connection.script('ROLLBACK', { doing }).catch(() => undefined);
      throw error;
    }
  }

  async #userSql(connection: PgConnection, sql: string, option: string): Promise<void> {
    await connection.script(sql, { doing: option, where: { option } });
  }

  #ticket({ request, server, name, job }: Described, mapped: Mapped): Json {
    return sealTicket({
      conn: this.#conn,
      runId: request.runId,
      jobId: job.jobId,
      epoch: this.#epoch ?? '0',
      serverVersion: server.version,
      schema: request.schema,
      columns: mapped.columns,
      tableSchema: name.schema,
      tableName: name.name,
      unlogged: this.#unlogged,
      generations: Object.fromEntries(this.#resume?.generations ?? []),
      lockTimeoutMs: this.#lockTimeoutMs,
      stallTimeoutMs: this.#stallTimeoutMs,
      statementTimeoutMs: this.#statementTimeoutMs,
    });
  }
}

const identityOf = (name: { schema: string; name: string }, transformsKey: string): JobIdentity => {
  const target = showTable(name);
  return { jobId: jobIdOf(`${name.schema}\0${name.name}`, transformsKey), target, transformsKey };
};
