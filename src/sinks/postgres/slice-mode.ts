// --mode append --atomic slice: each slice commits into the table by itself, together with its ledger row.
import type { Receipt } from '../../model/index.ts';
import { isEmpty, type TableFacts } from './catalog.ts';
import { confirmReceipts } from './confirm.ts';
import type { PgConnection } from './connection.ts';
import { quoteTable } from './identifiers.ts';
import { readLedger, writeResume } from './ledger.ts';
import { ledgerVersion } from './ledger-schema.ts';
import type { LoadMode, ModePlan, ModeReady } from './load-mode.ts';
import { decideResume, NO_LEDGER, type Resume } from './resume.ts';
import type { JobSite } from './site.ts';
import { readyTable } from './target-table.ts';
import { maybeEmptied } from './unlogged.ts';
import { probeChecks, validateRows } from './validation.ts';

/** Only reads. */
export async function readResume(
  connection: PgConnection,
  site: JobSite,
  table: TableFacts | null,
): Promise<Resume> {
  const { request, job } = site.need();
  const inputIds = request.inputs.map((i) => i.id);
  const there = (await ledgerVersion(connection)) !== null;
  const ledger = there ? await readLedger(connection, job.jobId, inputIds) : NO_LEDGER;
  // Only what was loaded can have been emptied; a look at a large table full of dead rows costs time.
  const empty = table === null || ledger.rowsLoaded === 0 ? null : await isEmpty(connection, table);
  const target = { shown: job.target, oid: table?.oid ?? null, empty };
  return decideResume(ledger, target, inputIds, request.again);
}

export class SliceMode implements LoadMode {
  readonly #site: JobSite;
  #unlogged = false;

  constructor(site: JobSite) {
    this.#site = site;
  }

  async describe(connection: PgConnection, table: TableFacts | null): Promise<ModePlan> {
    const { committed, notes } = await readResume(connection, this.#site, table);
    return { committed, notes, steps: [] };
  }

  async prepare(connection: PgConnection): Promise<ModeReady> {
    const { request, job } = this.#site.need();
    const table = await readyTable(connection, this.#site);
    const resume = await readResume(connection, this.#site, table);
    await probeChecks(connection, table, this.#site.checks);
    await writeResume(connection, job, request.inputs, resume, table.oid);
    this.#unlogged = table.unlogged;
    return {
      committed: resume.committed,
      notes: resume.notes,
      into: table,
      sliceJobId: job.jobId,
      generations: Object.fromEntries(resume.generations),
      inputOrder: null,
      staged: false,
      relayed: false,
    };
  }

  async finish(receipts: readonly Receipt[]): Promise<readonly string[]> {
    const site = this.#site;
    const { request, job } = site.need();
    await site.with(request.runId, false, async (connection) => {
      const inputIds = request.inputs.map((i) => i.id);
      const { slices } = await readLedger(connection, job.jobId, inputIds);
      confirmReceipts(slices, receipts);
      if (this.#unlogged && site.lock?.usable === false) throw maybeEmptied(job.target);
      const rowCount = slices.reduce((sum, slice) => sum + slice.rowsLoaded, 0);
      const rows = { table: quoteTable(site.need().name), shown: job.target, rowCount, committed: true };
      await validateRows(connection, rows, site.checks);
    });
    return [];
  }
}
