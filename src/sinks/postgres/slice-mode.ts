// --mode append --atomic slice: each slice commits into the table by itself, together with its ledger row.
import type { PhaseReport, Receipt } from '../../model/index.ts';
import { countRows, failpoint, plural } from '../../runtime/index.ts';
import { isEmpty, type TableFacts } from './catalog.ts';
import { confirmReceipts } from './confirm.ts';
import type { PgConnection } from './connection.ts';
import { quoteTable } from './identifiers.ts';
import { type Droppable, dropIndexes, listOf, readDroppable } from './indexes/dropped.ts';
import { rebuildIndexes } from './indexes/rebuild.ts';
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
  #table: TableFacts | null = null;

  constructor(site: JobSite) {
    this.#site = site;
  }

  async describe(connection: PgConnection, table: TableFacts | null): Promise<ModePlan> {
    const { committed, notes } = await readResume(connection, this.#site, table);
    if (table === null || this.#site.way.indexes === 'keep') return { committed, notes, steps: [] };
    const indexes = await readDroppable(connection, table.oid);
    return { committed, notes, steps: stepsOf(indexes) };
  }

  async prepare(connection: PgConnection): Promise<ModeReady> {
    const site = this.#site;
    const { request, job } = site.need();
    const table = await readyTable(connection, site);
    const resume = await readResume(connection, site, table);
    await probeChecks(connection, table, site.checks);
    await writeResume(connection, job, request.inputs, resume, table.oid);
    this.#table = table;
    const all = request.inputs.every((i) => countRows(resume.committed[i.id] ?? []) === i.rowCount);
    const dropped = site.way.indexes === 'keep' || all ? [] : await dropIndexes(connection, site, table.oid);
    if (dropped.length > 0) failpoint('indexes.dropped');
    return {
      committed: resume.committed,
      notes: [
        ...resume.notes,
        ...(dropped.length === 0
          ? []
          : [`dropped for the load: ${listOf(dropped)}; built again at its end, or by the next run`]),
      ],
      into: table,
      sliceJobId: job.jobId,
      generations: Object.fromEntries(resume.generations),
      inputOrder: null,
      staged: false,
      relayed: false,
    };
  }

  async finish(receipts: readonly Receipt[], phase: PhaseReport): Promise<readonly string[]> {
    const site = this.#site;
    const { request, job } = site.need();
    await site.with(request.runId, false, async (connection) => {
      const inputIds = request.inputs.map((i) => i.id);
      const { slices } = await readLedger(connection, job.jobId, inputIds);
      confirmReceipts(slices, receipts);
      if (this.#table?.unlogged === true && site.lock?.usable === false) throw maybeEmptied(job.target);
      if (this.#table !== null) await rebuildIndexes(site, this.#table.oid, phase);
      const rowCount = slices.reduce((sum, slice) => sum + slice.rowsLoaded, 0);
      const rows = { table: quoteTable(site.need().name), shown: job.target, rowCount, committed: true };
      await validateRows(connection, rows, site.checks);
    });
    return [];
  }
}

function stepsOf(indexes: readonly Droppable[]): string[] {
  const going = indexes.filter((i) => i.kept === null).map((i) => i.name);
  const staying = indexes.filter((i) => i.kept !== null);
  return [
    ...(going.length === 0
      ? []
      : [
          `${plural(going.length, 'index', 'indexes')} dropped before the load are built again: ${listOf(going)}; queries go without them meanwhile`,
        ]),
    ...staying.map((i) => `index ${listOf([i.name])} stays: ${i.kept}`),
  ];
}
