// The main thread's part: look, make ready, take the lock, and at the end let the mode make the rows the table's.
import { createHash } from 'node:crypto';
import { ParloadError } from '../../errors/index.ts';
import type {
  InputReject,
  Json,
  PhaseReport,
  Receipt,
  RelayPort,
  SinkJob,
  Slice,
  TargetPlan,
  TargetRequest,
} from '../../model/index.ts';
import { again } from './again.ts';
import { newTableName, readServer, readTable, similarTables } from './catalog.ts';
import type { PgConnection } from './connection.ts';
import { showTarget } from './conninfo.ts';
import { evolutionOf, evolveTarget } from './evolve-target.ts';
import { raiseEpoch, takeLock } from './fence.ts';
import { quoteTable, showTable } from './identifiers.ts';
import { restoreIndexes } from './indexes/rebuild.ts';
import { type JobIdentity, jobIdOf, markFinished, readRejects } from './ledger.ts';
import { ensureLedger, LEDGER_VERSION, ledgerVersion } from './ledger-schema.ts';
import type { LoadMode, ModeReady } from './load-mode.ts';
import { checkNames, type Mapped, mapToTable } from './mapping.ts';
import type { PostgresOptions } from './options.ts';
import { sqlText } from './settings.ts';
import { type Described, JobSite } from './site.ts';
import { SliceMode } from './slice-mode.ts';
import { endFinishing, endLostFinishing } from './staging/finishing.ts';
import { StagingMode } from './staging/staging-mode.ts';
import { checkExistence, createTable, mapToNew, targetDdl } from './target-table.ts';
import { sealTicket } from './ticket.ts';
import { TransactionMode } from './transaction/transaction-mode.ts';

/** The lock's connection lives as long as the run; another one works before and after the load. */
const FIXED_CONNECTIONS = 2;

const MODES = { slice: SliceMode, staging: StagingMode, transaction: TransactionMode };

export class PostgresJob implements SinkJob {
  readonly #site: JobSite;
  readonly #mode: LoadMode;
  readonly #preSql: string | null;
  readonly #postSql: string | null;

  constructor(options: PostgresOptions) {
    this.#site = new JobSite(options);
    this.#mode = new MODES[this.#site.way.atomic](this.#site);
    this.#preSql = options.preSql === undefined ? null : sqlText(options.preSql, 'preSql');
    this.#postSql = options.postSql === undefined ? null : sqlText(options.postSql, 'postSql');
  }

  async describe(request: TargetRequest): Promise<TargetPlan> {
    checkNames(request.schema);
    const site = this.#site;
    return site.with(request.runId, true, async (connection) => {
      const server = await readServer(connection);
      const table = await readTable(connection, site.table);
      checkExistence(site, table);
      const { schema, name } = table ?? (await newTableName(connection, server, site.table));
      const job = identityOf({ schema, name }, request.transformsKey, site.way.identity);
      site.described = { request, server, name: { schema, name }, job };
      const evolution = table === null ? null : evolutionOf(site, table);
      const mapped = evolution === null ? mapToNew(site) : mapToTable(request, evolution.table);
      const plan = await this.#mode.describe(connection, table);
      const similar = table === null ? await similarTables(connection, schema, name) : [];
      return {
        target: `postgres://${showTarget(site.conn)} table ${showTable({ schema, name })}`,
        exists: table !== null,
        mapping: mapped.mapping,
        ddl: [
          ...(this.#preSql === null ? [] : [this.#preSql.trim()]),
          ...(evolution === null ? targetDdl(site) : evolution.ddl),
        ],
        steps: plan.steps,
        ...(site.way.atomic === 'slice' ? {} : { atOnce: true }),
        committed: plan.committed,
        connectionsPerWorker: plan.connectionsPerWorker ?? 1,
        connectionsFixed: plan.connectionsFixed ?? FIXED_CONNECTIONS,
        notes: [
          ...site.connNotes,
          ...plainNotes(connection),
          ...(server.encodingNote === null ? [] : [server.encodingNote]),
          ...(table?.notes ?? []),
          ...(evolution?.notes ?? []),
          ...mapped.notes,
          ...plan.notes,
          ...similar.map((s) => `there is a table "${s}" too; names are compared with their case`),
        ],
      };
    });
  }

  async prepare(): ReturnType<SinkJob['prepare']> {
    const site = this.#site;
    const described = site.need();
    const { request, server, job } = described;
    return site.with(request.runId, true, async (connection) => {
      if (site.options.createTable === 'only') {
        await createTable(connection, site);
        return { ticket: null, committed: {}, notes: [`table "${job.target}" was created`] };
      }
      await ensureLedger(connection, site.lockTimeoutMs);
      site.lock = await site.connect(request.runId, true);
      await takeLock(site.lock, job, server.version, site.way.alone);
      await endFinishing(connection, job);
      site.epoch = await raiseEpoch(connection, site.lock, job, {
        runId: request.runId,
        transformsHash: createHash('sha256').update(request.transformsKey).digest('hex'),
        lockTimeoutMs: site.lockTimeoutMs,
      });
      if (this.#preSql !== null) await userSql(connection, this.#preSql, '--pre-sql');
      await evolveTarget(connection, site);
      const restored = site.way.indexes === 'rebuild' ? [] : await restoreIndexes(connection, site);
      const ready = await this.#mode.prepare(connection);
      const mapped = mapToTable(request, ready.into);
      const { committed, staged, relayed } = ready;
      const notes = [...restored, ...ready.notes];
      return { ticket: this.#ticket(described, mapped, ready), committed, notes, staged, relayed };
    });
  }

  async finish(
    receipts: readonly Receipt[],
    phase: PhaseReport = () => undefined,
  ): Promise<readonly string[]> {
    const site = this.#site;
    if (site.options.createTable === 'only') return [];
    const { request, job, name } = site.need();
    const inputIds = request.inputs.map((i) => i.id);
    const notes = await again(async (attempt) => {
      // An attempt whose connection broke may hold locks until the server notices.
      if (attempt > 1) await site.with(request.runId, false, (c) => endLostFinishing(c, job));
      return [...(await this.#mode.finish(receipts, phase))];
    });
    const end = async (connection: PgConnection): Promise<void> => {
      if (this.#postSql !== null) {
        phase('post-sql');
        await userSql(connection, this.#postSql, '--post-sql');
      }
      if (site.options.analyze) {
        phase('analyze');
        await connection.script(`ANALYZE ${quoteTable(name)}`, { doing: `ANALYZE of "${job.target}"` });
      }
      if (!(await markFinished(connection, job.jobId, site.epoch ?? '0', inputIds))) {
        throw new ParloadError('FENCED', `a newer run took over the load into "${job.target}"`);
      }
      if (site.lock?.usable === false) {
        notes.push(
          "the connection with the job's lock broke during the load; the ledger kept other runs out",
        );
      }
    };
    const last = (): Promise<void> => site.with(request.runId, false, end);
    // SQL of the user is not run twice in one run.
    await (this.#postSql === null ? again(last) : last());
    await site.release();
    return notes;
  }

  async rejects(): Promise<readonly InputReject[]> {
    const site = this.#site;
    if (site.options.createTable === 'only') return [];
    const { request, job } = site.need();
    const inputIds = request.inputs.map((i) => i.id);
    return site.with(request.runId, false, async (connection) => {
      if ((await ledgerVersion(connection)) !== LEDGER_VERSION) return [];
      return readRejects(connection, job.jobId, inputIds);
    });
  }

  relay(slice: Slice, attempt: number, port: RelayPort): void {
    this.#mode.relay?.(slice, attempt, port);
  }

  async abort(_cause: unknown): Promise<void> {
    await this.#mode.close?.();
    await this.#site.release();
  }

  async close(): Promise<void> {
    await this.#mode.close?.();
    await this.#site.release();
  }

  #ticket({ request, server, job }: Described, mapped: Mapped, ready: ModeReady): Json {
    const { into } = ready;
    const site = this.#site;
    return sealTicket({
      conn: site.conn,
      runId: request.runId,
      jobId: job.jobId,
      sliceJobId: ready.sliceJobId,
      relayed: ready.relayed,
      epoch: site.epoch ?? '0',
      serverVersion: server.version,
      schema: request.schema,
      columns: mapped.columns,
      target: job.target,
      tableSchema: into.schema,
      tableName: into.name,
      unlogged: into.unlogged,
      generations: ready.generations,
      inputOrder: ready.inputOrder,
      lockTimeoutMs: site.lockTimeoutMs,
      stallTimeoutMs: site.stallTimeoutMs,
      statementTimeoutMs: site.statementTimeoutMs,
    });
  }
}

function plainNotes(connection: PgConnection): string[] {
  const away =
    !connection.host.address.startsWith('/') && !/^(localhost$|127\.|::1$)/.test(connection.host.address);
  return away && !connection.encrypted
    ? ['the connection is not encrypted; --sslmode require changes that']
    : [];
}

async function userSql(connection: PgConnection, sql: string, option: string): Promise<void> {
  await connection.script(sql, { doing: option, where: { option } });
}

/** A missing table may be the target of two modes at once, so the mode is part of it where their rows differ. */
const identityOf = (
  name: { schema: string; name: string },
  transformsKey: string,
  wayIdentity: string,
): JobIdentity => {
  const target = showTable(name);
  const place = `${name.schema}\0${name.name}${wayIdentity === '' ? '' : `\0${wayIdentity}`}`;
  return { jobId: jobIdOf(place, transformsKey), target, transformsKey };
};
