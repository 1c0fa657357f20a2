// The main thread's part: look, take the lease, make the table ready, and at the end compare table, ledger and reports.
import { ParloadError } from '../../errors/index.ts';
import type { Receipt, SinkJob, TargetPlan, TargetRequest } from '../../model/index.ts';
import { MiB } from '../../runtime/index.ts';
import { keepsRows, readTable, type TableFacts } from './catalog.ts';
import { confirmFound, confirmReceipts, countFound, paceNote } from './confirm.ts';
import { CrateConnection } from './connection.ts';
import { type ConnInfo, isNear, resolveConnInfo, showServer, tableOf } from './conninfo.ts';
import { createTableSql } from './ddl.ts';
import { showTable, type TableName } from './identifiers.ts';
import { Lease } from './lease.ts';
import {
  inputsKeyOf,
  jobIdOf,
  markFinished,
  readLedger,
  refresh,
  serverNow,
  writePhase,
  writeResume,
} from './ledger.ts';
import { ensureLedger, hasLedger } from './ledger-schema.ts';
import { checkRequest, type Mapped, mapNew, mapToTable } from './mapping.ts';
import { planNotes } from './notes.ts';
import type { CrateOptions } from './options.ts';
import { decideResume, type LedgerState, NO_LEDGER, type Resume, rowsIn } from './resume.ts';
import { sqlText } from './settings.ts';
import { checkExistence, createLike, createTable, dropTable, takePlace } from './target.ts';
import { sealTicket } from './ticket.ts';
import { tune, untune } from './tune.ts';
import { isCounted, type Way, wayInto } from './way.ts';

interface Described {
  readonly request: TargetRequest;
  readonly jobId: string;
  readonly keeps: boolean;
}

interface Prepared {
  readonly resume: Resume;
  /** The table that rows go into. */
  readonly into: TableName;
  readonly way: Way;
}

/** Some requests of 20,000 rows. */
const SESSION_BYTES = 16 * MiB;

export class CrateJob implements SinkJob {
  readonly sessionBytes = SESSION_BYTES;
  readonly #options: CrateOptions;
  readonly #info: ConnInfo;
  readonly #connection: CrateConnection;
  readonly #table: TableName;
  readonly #preSql: string | null;
  readonly #postSql: string | null;
  #described: Described | null = null;
  #lease: Lease | null = null;
  #prepared: Prepared | null = null;
  #tuned = false;

  constructor(options: CrateOptions) {
    this.#options = options;
    this.#info = resolveConnInfo(options);
    this.#table = tableOf(options);
    this.#preSql = options.preSql === undefined ? null : sqlText(options.preSql, 'preSql');
    this.#postSql = options.postSql === undefined ? null : sqlText(options.postSql, 'postSql');
    this.#connection = new CrateConnection(this.#info);
  }

  async describe(request: TargetRequest): Promise<TargetPlan> {
    checkRequest(request);
    const { mode } = this.#options;
    const jobId = jobIdOf(this.#table, request.transformsKey, mode === 'replace' ? mode : 'append');
    const keeps = await keepsRows(this.#connection);
    this.#described = { request, jobId, keeps };
    const table = keeps ? await readTable(this.#connection, this.#table) : null;
    checkExistence(this.#options, this.#table, table);
    const way = wayInto(this.#options, table);
    const mapped = this.#map(table);
    const resume = await this.#readResume(table, way);
    return {
      target: `${showServer(this.#info)} table ${showTable(this.#table)}`,
      exists: table !== null,
      mapping: mapped.mapping,
      ddl: [
        ...(this.#preSql === null ? [] : [this.#preSql.trim()]),
        ...(table === null ? [createTableSql(this.#table, request.schema, this.#options)] : []),
      ],
      committed: resume.committed,
      connectionsPerWorker: this.#options.inFlight,
      connectionsFixed: 2,
      notes: [
        ...planNotes(this.#info, this.#options, { keeps, marksNew: table === null && way.marked }),
        ...mapped.notes,
        ...resume.notes,
      ],
    };
  }

  async prepare(): ReturnType<SinkJob['prepare']> {
    const { request, jobId, keeps } = this.#needDescribed();
    const connection = this.#connection;
    if (!keeps) return this.#prepareCounting();
    if (this.#options.createTable === 'only') {
      await createTable(connection, this.#table, request.schema, this.#options);
      return { ticket: null, committed: {}, notes: [`table "${showTable(this.#table)}" was created`] };
    }
    await ensureLedger(connection);
    const { mode } = this.#options;
    this.#lease = await Lease.take(connection, {
      jobId,
      target: showTable(this.#table),
      mode,
      runId: request.runId,
    });
    if (this.#preSql !== null) await this.#userSql(this.#preSql, '--pre-sql');
    const there = await readTable(connection, this.#table);
    if (there === null) checkExistence(this.#options, this.#table, null);
    const resume = await this.#readResume(there, wayInto(this.#options, there));
    const into = await this.#tableToFill(there, resume);
    const way = wayInto(this.#options, into);
    const notes = [...resume.notes, ...(await this.#settings(into))];
    await writeResume(connection, jobId, request.inputs, resume);
    this.#prepared = { resume, into, way };
    return { ticket: this.#ticket(into, way, resume), committed: resume.committed, notes };
  }

  async finish(receipts: readonly Receipt[]): Promise<readonly string[]> {
    const { request, jobId, keeps } = this.#needDescribed();
    if (this.#options.createTable === 'only' || !keeps) return [];
    const connection = this.#connection;
    const { resume, into, way } = this.#prepared!;
    const inputIds = request.inputs.map((i) => i.id);
    const ledger = await readLedger(connection, jobId, inputIds);
    confirmReceipts(ledger, receipts);
    this.#checkLease();
    await this.#untune();
    if (isCounted(way)) {
      const found = await countFound(connection, into, jobId, ledger);
      const replaced = this.#options.mode === 'replace' && resume.staging === null;
      if (!replaced && receipts.some((r) => !r.alreadyCommitted))
        confirmFound(found, rowsIn(ledger), into, !way.ownKey);
    } else await refresh(connection, into);
    if (resume.staging !== null) await this.#replace(jobId, into);
    if (this.#postSql !== null) await this.#userSql(this.#postSql, '--post-sql');
    await markFinished(connection, jobId, inputIds, await serverNow(connection));
    const notes = await paceNote(connection, jobId, request.runId);
    await this.#release();
    return notes;
  }

  async abort(_cause: unknown): Promise<void> {
    await this.#release();
  }

  async close(): Promise<void> {
    await this.#release();
    await this.#connection.close();
  }

  #needDescribed(): Described {
    if (this.#described !== null) return this.#described;
    throw new ParloadError('UNEXPECTED', 'the target was not described');
  }

  #map(table: TableFacts | null): Mapped {
    const { schema, policies } = this.#needDescribed().request;
    return table === null ? mapNew(schema, policies) : mapToTable(schema, table, policies);
  }

  /** Only reads, but for refreshes. */
  async #readResume(table: TableFacts | null, way: Way): Promise<Resume> {
    const { request, jobId, keeps } = this.#needDescribed();
    const inputIds = request.inputs.map((i) => i.id);
    const there = keeps && (await hasLedger(this.#connection));
    const ledger = there ? await readLedger(this.#connection, jobId, inputIds) : NO_LEDGER;
    return decideResume(
      ledger,
      {
        shown: showTable(this.#table),
        exists: table !== null,
        found: await this.#found(table, way, ledger),
        stagingExists: ledger.staging !== null && (await this.#exists(ledger.staging)),
      },
      {
        inputIds,
        inputsKey: inputsKeyOf(request.inputs),
        again: request.again,
        replaces: this.#options.mode === 'replace',
        newStaging: `${this.#table.name}__parload_${request.runId.replaceAll(/[^a-z0-9]/gi, '').toLowerCase()}`,
      },
    );
  }

  async #found(table: TableFacts | null, way: Way, ledger: LedgerState): Promise<number | null> {
    if (table === null || ledger.slices.length === 0 || !isCounted(way)) return null;
    return countFound(this.#connection, this.#table, this.#needDescribed().jobId, ledger);
  }

  async #exists(name: string): Promise<boolean> {
    return (await readTable(this.#connection, { ...this.#table, name })) !== null;
  }

  /** The target, made when it is missing; or the one that will replace it. */
  async #tableToFill(there: TableFacts | null, resume: Resume): Promise<TableFacts> {
    const { request, jobId } = this.#needDescribed();
    const connection = this.#connection;
    if (resume.staging === null) {
      return there ?? (await createTable(connection, this.#table, request.schema, this.#options));
    }
    const staging = { ...this.#table, name: resume.staging };
    const before = await readLedger(connection, jobId, []);
    if (before.staging !== null && before.staging !== resume.staging) {
      await dropTable(connection, { ...this.#table, name: before.staging });
    }
    const begun = await readTable(connection, staging);
    if (begun !== null) return begun;
    return there === null
      ? createTable(connection, staging, request.schema, this.#options)
      : createLike(connection, this.#table, staging);
  }

  /** What an earlier run had changed is put back, or kept for the end of this one. */
  async #settings(table: TableFacts): Promise<string[]> {
    if (this.#options.tune) {
      this.#tuned = true;
      await tune(this.#connection, table, table.settings, this.#needDescribed().request.runId);
      return [];
    }
    return (await untune(this.#connection, table))
      ? ['settings that an earlier run had changed for its load were put back']
      : [];
  }

  async #untune(): Promise<void> {
    if (!this.#tuned || this.#prepared === null) return;
    await untune(this.#connection, this.#prepared.into);
    this.#tuned = false;
  }

  async #replace(jobId: string, staging: TableName): Promise<void> {
    const connection = this.#connection;
    await writePhase(connection, jobId, 'swapping');
    this.#checkLease();
    await takePlace(connection, staging, this.#table, (await readTable(connection, this.#table)) !== null);
  }

  #checkLease(): void {
    if (this.#lease?.lost !== true) return;
    throw new ParloadError('FENCED', `a newer run took over the load into "${showTable(this.#table)}"`);
  }

  async #userSql(sql: string, option: string): Promise<void> {
    await this.#connection.query(sql.trim().replace(/;$/, ''), [], option, { option });
  }

  /** Must not throw. */
  async #release(): Promise<void> {
    await this.#untune().catch(() => undefined);
    const lease = this.#lease;
    this.#lease = null;
    await lease?.release().catch(() => undefined);
  }

  #prepareCounting(): Awaited<ReturnType<SinkJob['prepare']>> {
    const { request } = this.#needDescribed();
    const resume: Resume = {
      generations: new Map(request.inputs.map((i) => [i.id, 0])),
      finished: new Set(),
      committed: {},
      staging: null,
      notes: [],
    };
    return { ticket: this.#ticket(null, wayInto(this.#options, null), resume), committed: {}, notes: [] };
  }

  #ticket(into: TableFacts | null, way: Way, resume: Resume): ReturnType<typeof sealTicket> {
    const { request, jobId, keeps } = this.#needDescribed();
    const { bulkRows, inFlight, gzip } = this.#options;
    return sealTicket({
      conn: this.#info,
      runId: request.runId,
      jobId,
      epoch: this.#lease?.epoch ?? 0,
      keepsRows: keeps,
      schema: request.schema,
      columns: this.#map(into).columns,
      table: into === null ? this.#table : { schema: into.schema, name: into.name },
      way,
      generations: Object.fromEntries(resume.generations),
      pace: {
        mostRows: bulkRows,
        mostInFlight: inFlight,
        gzip: gzip === 'auto' && isNear(this.#info) ? 'off' : gzip,
      },
    });
  }
}
