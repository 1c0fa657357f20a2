// --atomic transaction: one connection, BEGIN, TRUNCATE (or DELETE), COPY, COMMIT. Workers decode and encode for it.
import { COPY_HEADER, COPY_TRAILER } from '../../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../../errors/index.ts';
import type { PhaseReport, Receipt, RelayPort, Slice } from '../../../model/index.ts';
import { failpoint, formatCount } from '../../../runtime/index.ts';
import { readTable, type TableFacts } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { CopyFrames } from '../copy-frames.ts';
import { createTableSql } from '../ddl.ts';
import { FrameBuffers } from '../frame-buffers.ts';
import { quoteIdent, quoteTable } from '../identifiers.ts';
import { KEEPALIVE_SQL } from '../keepalive.ts';
import { stageIdOf, writeResume } from '../ledger.ts';
import { LEDGER_VERSION, ledgerVersion } from '../ledger-schema.ts';
import type { LoadMode, ModePlan, ModeReady } from '../load-mode.ts';
import type { Resume } from '../resume.ts';
import type { JobSite } from '../site.ts';
import { readResume } from '../slice-mode.ts';
import { beginFinishing, commitFinishing } from '../staging/finishing.ts';
import { readReplaced } from '../staging/replace-resume.ts';
import { inputsKeyOf, readStage } from '../staging/stage.ts';
import { checkExistence } from '../target-table.ts';
import { probeChecks, validateRows } from '../validation.ts';
import { type Emptying, emptyingOf, emptyTarget } from './emptying.ts';
import { recordTransaction, wasCommitted } from './ledger.ts';
import { Outlet } from './outlet.ts';

/** Only COPY's header and trailer pass through them. */
const OWN_BUFFER_BYTES = 64 * 1024;

interface Open {
  readonly connection: PgConnection;
  readonly outlet: Outlet;
}

export class TransactionMode implements LoadMode {
  readonly #site: JobSite;
  #open: Open | null = null;
  #published = false;

  constructor(site: JobSite) {
    this.#site = site;
  }

  async describe(connection: PgConnection, table: TableFacts | null): Promise<ModePlan> {
    if (this.#site.need().request.skipsRows === true) {
      throw new ParloadError('CONFIG_INVALID', '--on-error skip cannot take rows out of one COPY', {
        where: { option: 'onError' },
        hint: 'Use --atomic staging, where a slice can be sent again without them.',
      });
    }
    const { resume, published } = await this.#resume(connection, table);
    const emptying = await emptyingOf(connection, this.#site, table);
    return {
      committed: resume.committed,
      notes: resume.notes,
      steps: published ? [] : stepsOf(this.#site, emptying),
      connectionsPerWorker: 0,
      connectionsFixed: 3,
    };
  }

  async prepare(connection: PgConnection): Promise<ModeReady> {
    const site = this.#site;
    const { request, job, name } = site.need();
    const table = await readTable(connection, name);
    if (table === null) checkExistence(site, null);
    const { resume, published } = await this.#resume(connection, table);
    this.#published = published;
    await writeResume(connection, job, request.inputs, resume, table?.oid ?? '0');
    const emptying = await emptyingOf(connection, site, table);
    const into = published && table !== null ? table : await this.#begin(table, emptying);
    return {
      committed: resume.committed,
      notes: resume.notes,
      into,
      sliceJobId: stageIdOf(job.jobId),
      generations: Object.fromEntries(request.inputs.map((i) => [i.id, 0])),
      inputOrder: null,
      staged: published,
      relayed: true,
    };
  }

  relay(slice: Slice, attempt: number, port: RelayPort): void {
    if (this.#open === null) throw new ParloadError('UNEXPECTED', 'the transaction is not open');
    this.#open.outlet.accept(slice, attempt, port);
  }

  async finish(receipts: readonly Receipt[], phase: PhaseReport): Promise<readonly string[]> {
    if (this.#published) return ['the rows are in the table since an earlier run; what comes after was left'];
    const site = this.#site;
    const { request, job } = site.need();
    if (this.#open === null) {
      // Called again: the transaction came to its end, and perhaps nobody heard how.
      if (await site.with(request.runId, false, (c) => wasCommitted(c, site))) return [];
      throw new ParloadError('LOAD_UNDONE', `the transaction into "${job.target}" is gone`);
    }
    const { connection, outlet } = this.#open;
    phase('commit', `${formatCount(outlet.rows)} rows`);
    checkSent(outlet, receipts);
    const copied = await outlet.finish(COPY_TRAILER);
    if (copied !== outlet.rows) {
      throw new ParloadError('COUNT_DIFFERS', `${outlet.rows} rows were sent, the server counts ${copied}`);
    }
    await this.#check(connection, copied, phase);
    await recordTransaction(connection, site, [...outlet.sent.values()]);
    failpoint('publish.before-commit');
    try {
      await commitFinishing(connection);
    } catch (error) {
      await this.close();
      if (!(await site.with(request.runId, false, (c) => wasCommitted(c, site)))) throw error;
    }
    failpoint('publish.after-commit');
    await this.close();
    return [];
  }

  /** Without a COMMIT the server rolls back. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    open?.connection.destroy();
  }

  // --- parts ---

  /** Opens the transaction, empties or makes the table in it, and starts the COPY. */
  async #begin(before: TableFacts | null, emptying: Emptying): Promise<TableFacts> {
    const site = this.#site;
    const { request, name, job } = site.need();
    const connection = await site.connect(request.runId, true);
    try {
      await beginFinishing(connection, site, {
        lockTimeoutMs: site.lockTimeoutMs,
        bareSearchPath: false,
        fence: 'shared',
      });
      const doing = `beginning the load into "${job.target}"`;
      await connection.script(`SELECT ${KEEPALIVE_SQL}`, { doing });
      if (before === null) await connection.script(createTableSql(name, request.schema), { doing });
      else await emptyTarget(connection, site, emptying);
      const table = await readTable(connection, name);
      if (table === null) throw new ParloadError('TABLE_MISSING', `table "${job.target}" vanished`);
      await probeChecks(connection, table, site.checks);
      failpoint('publish.locked');
      const outlet = await this.#startCopy(connection, before === null || emptying === 'truncate');
      this.#open = { connection, outlet };
      return table;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  async #startCopy(connection: PgConnection, freeze: boolean): Promise<Outlet> {
    const site = this.#site;
    const { request, name, job } = site.need();
    const columns = request.schema.fields.map((f) => quoteIdent(f.name)).join(', ');
    const options = `FORMAT binary${freeze ? ', FREEZE' : ''}`;
    const copy = new CopyFrames(`COPY ${quoteTable(name)} (${columns}) FROM STDIN (${options})`, {
      socket: connection.socket,
      buffers: new FrameBuffers(OWN_BUFFER_BYTES),
      stop: { level: () => 0 },
      stallTimeoutMs: site.stallTimeoutMs,
      destroy: (cause) => connection.destroy(cause),
    });
    const doing = `COPY into "${job.target}"`;
    const outlet = new Outlet(copy, { doing, where: { table: job.target }, relation: name.name });
    connection.submit(copy);
    try {
      await copy.ready;
      await copy.append(COPY_HEADER);
      await copy.flush();
    } catch (error) {
      throw outlet.explain(error);
    }
    return outlet;
  }

  async #check(connection: PgConnection, rowCount: number, phase: PhaseReport): Promise<void> {
    const site = this.#site;
    const { name, job } = site.need();
    const { notNull, queries, minRows } = site.checks;
    if (notNull.length + queries.length === 0 && minRows === null) return;
    phase('validate', `${formatCount(rowCount)} rows`);
    const rows = { table: quoteTable(name), shown: job.target, rowCount, committed: false };
    await validateRows(connection, rows, site.checks);
  }

  async #resume(
    connection: PgConnection,
    table: TableFacts | null,
  ): Promise<{ readonly resume: Resume; readonly published: boolean }> {
    const site = this.#site;
    if (site.way.mode === 'append') {
      return { resume: await readResume(connection, site, table), published: false };
    }
    const there = await ledgerVersion(connection);
    const state = there === LEDGER_VERSION ? await readStage(connection, site) : { row: null, slices: [] };
    const inputs = inputsKeyOf(site.need().request.inputs.map((i) => i.id));
    return readReplaced(connection, site, table, state, inputs, there !== null);
  }
}

function checkSent(outlet: Outlet, receipts: readonly Receipt[]): void {
  for (const receipt of receipts) {
    const rows = outlet.sent.get(receipt.sliceId)?.rows;
    if (rows !== undefined && (receipt.alreadyCommitted || rows === receipt.rowsLoaded)) continue;
    throw new ParloadError(
      'COUNT_DIFFERS',
      `a slice was reported with ${receipt.rowsLoaded} rows, and sent with ${rows ?? 'none'}`,
      { where: { slice: receipt.sliceId } },
    );
  }
}

function stepsOf(site: JobSite, emptying: Emptying): string[] {
  const { job } = site.need();
  const rest = 'takes the rows of all workers in one COPY, and commits';
  if (site.way.mode === 'append') return [`one connection ${rest}`];
  if (emptying === 'delete') return [`one connection deletes the rows of ${job.target}, ${rest}`];
  return [
    `before the load one connection empties ${job.target} (TRUNCATE); it ${rest}`,
    'who wants to read the table waits from then until the end',
  ];
}
