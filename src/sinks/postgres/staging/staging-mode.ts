// --atomic staging: workers load into a table aside, in parallel; its rows become the target's in one moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { ParloadError } from '../../../errors/index.ts';
import type { PhaseReport, Receipt, RowRange } from '../../../model/index.ts';
import {
  backoffMs,
  DEFAULT_RETRY,
  failpoint,
  formatCount,
  mergeRanges,
  plural,
} from '../../../runtime/index.ts';
import { readTable, type TableFacts } from '../catalog.ts';
import { confirmReceipts } from '../confirm.ts';
import type { PgConnection } from '../connection.ts';
import { quoteTable } from '../identifiers.ts';
import { stageIdOf, writeResume } from '../ledger.ts';
import { LEDGER_VERSION, ledgerVersion } from '../ledger-schema.ts';
import type { LoadMode, ModePlan, ModeReady } from '../load-mode.ts';
import { LOCK_TRY_MS } from '../lock-table.ts';
import type { LedgerSlice, Resume } from '../resume.ts';
import type { JobSite } from '../site.ts';
import { readResume } from '../slice-mode.ts';
import { readyTable } from '../target-table.ts';
import { probeChecks } from '../validation.ts';
import { type Approach, chooseApproach, recipeOf, stepsOf } from './approach.ts';
import { endLostFinishing } from './finishing.ts';
import { analyze, buildIndexes } from './indexes.ts';
import { checkKey, checkKeysOfRows } from './keys.ts';
import { merge } from './merge.ts';
import { readReplaced } from './replace-resume.ts';
import { awaitOlderSnapshots } from './snapshots.ts';
import { createStage, readStage, type StageName, type StageState, stageNameOf } from './stage.ts';
import { CannotSwap, swap } from './swap.ts';
import { countRows, validate } from './validate.ts';

type Committed = Readonly<Record<string, readonly RowRange[]>>;

interface Ready {
  readonly stage: StageName;
  readonly approach: Approach;
  /** An earlier run made the rows the table's; only what comes after is left. */
  readonly published: boolean;
}

export class StagingMode implements LoadMode {
  readonly #site: JobSite;
  #ready: Ready | null = null;

  constructor(site: JobSite) {
    this.#site = site;
  }

  async describe(connection: PgConnection, table: TableFacts | null): Promise<ModePlan> {
    const site = this.#site;
    const approach = await this.#choose(connection, table);
    const ledger = await ledgerVersion(connection);
    const state = ledger === LEDGER_VERSION ? await readStage(connection, site) : { row: null, slices: [] };
    const { resume, staged, published } = await this.#resume(
      connection,
      approach,
      table,
      state,
      ledger !== null,
    );
    return {
      committed: joined(resume.committed, staged),
      steps: published ? [] : stepsOf(site, approach),
      notes: [...resume.notes, ...stagedNotes(staged)],
    };
  }

  async prepare(connection: PgConnection): Promise<ModeReady> {
    const site = this.#site;
    const { request, job, name } = site.need();
    let table = await readTable(connection, name);
    let approach = await this.#choose(connection, table);
    if (table === null && approach.kind === 'merge') {
      table = await readyTable(connection, site);
      approach = await this.#choose(connection, table);
    } else if (table === null && site.options.createTable === 'never') {
      table = await readyTable(connection, site);
    }
    const stage = stageNameOf(name.schema, job.jobId);
    const state = await readStage(connection, site);
    const { resume, staged, published, fresh } = await this.#resume(connection, approach, table, state, true);
    const notes = [...resume.notes];
    let kept = staged;
    if (published) this.#ready = { stage, approach, published };
    else {
      if (fresh || !(await this.#holds(connection, stage, staged))) {
        if (!fresh) notes.push('the staging table of an earlier run lost rows; it is loaded anew');
        await createStage(connection, site, stage, recipeOf(site, stage, approach, table));
        kept = [];
      }
      this.#ready = { stage, approach, published };
      notes.push(...stagedNotes(kept));
    }
    const into = published ? table : await readTable(connection, stage);
    if (into === null) throw new ParloadError('TABLE_MISSING', `the staging table "${stage.name}" vanished`);
    await probeChecks(connection, into, site.checks);
    await writeResume(connection, job, request.inputs, resume, table?.oid ?? into.oid);
    return {
      committed: joined(resume.committed, kept),
      notes,
      // What is lost with an UNLOGGED staging table shows when its rows are counted.
      into: { ...into, unlogged: false },
      sliceJobId: stageIdOf(job.jobId),
      generations: Object.fromEntries(request.inputs.map((i) => [i.id, 0])),
      inputOrder: Object.fromEntries(request.inputs.map((input, i) => [input.id, i])),
      staged: published || kept.length > 0,
      relayed: false,
    };
  }

  async finish(receipts: readonly Receipt[], phase: PhaseReport): Promise<readonly string[]> {
    const site = this.#site;
    const ready = this.#ready;
    if (ready === null) throw new ParloadError('UNEXPECTED', 'the staging table was not prepared');
    if (ready.published) return ['the rows are in the table since an earlier run; what comes after was left'];
    const { request } = site.need();
    // Called again when the target was away in the middle: what is published stays so.
    if (await site.with(request.runId, false, (connection) => this.#isPublished(connection))) return [];
    failpoint('stage.loaded');
    const rowCount = await site.with(request.runId, false, async (connection) => {
      const { slices } = await readStage(connection, site);
      confirmReceipts(slices, receipts);
      const expected = slices.reduce((sum, s) => sum + s.rowsLoaded, 0);
      await validate(connection, site, quoteTable(ready.stage), expected, phase);
      if (site.way.mode === 'upsert') await checkKeysOfRows(connection, site, ready.stage);
      return expected;
    });
    failpoint('stage.validated');
    await this.#index(ready, phase);
    failpoint('stage.indexed');
    return this.#publish(ready, rowCount, phase);
  }

  // --- parts ---

  async #choose(connection: PgConnection, table: TableFacts | null): Promise<Approach> {
    if (this.#site.way.mode === 'upsert') await checkKey(connection, this.#site, table);
    return chooseApproach(connection, this.#site, table);
  }

  /** Pure but for the ledger that it reads: what of earlier runs counts. */
  async #resume(
    connection: PgConnection,
    approach: Approach,
    table: TableFacts | null,
    state: StageState,
    ledgerThere: boolean,
  ): Promise<{ resume: Resume; staged: readonly LedgerSlice[]; published: boolean; fresh: boolean }> {
    const site = this.#site;
    const { job, name } = site.need();
    const recipe = recipeOf(site, stageNameOf(name.schema, job.jobId), approach, table);
    const { row } = state;
    const same = row !== null && row.inputs === recipe.inputs;
    const kept = same && row.state === 'loading' && row.oid !== null && row.shape === recipe.shape;
    const staged = kept ? state.slices : [];
    if (site.way.mode !== 'replace') {
      const resume = await readResume(connection, site, table);
      return { resume, staged, published: false, fresh: !kept };
    }
    const { resume, published } = await readReplaced(
      connection,
      site,
      table,
      state,
      recipe.inputs,
      ledgerThere,
    );
    return { resume, staged, published, fresh: !kept };
  }

  /** Whether what the ledger says is in the staging table is there: a crash empties one that is UNLOGGED. */
  async #holds(connection: PgConnection, stage: StageName, slices: readonly LedgerSlice[]): Promise<boolean> {
    const expected = slices.reduce((sum, s) => sum + s.rowsLoaded, 0);
    return (await countRows(connection, quoteTable(stage), this.#site.need().job.target)) === expected;
  }

  async #index({ approach, stage }: Ready, phase: PhaseReport): Promise<void> {
    const site = this.#site;
    const { request } = site.need();
    if (approach.kind === 'merge') return;
    if (approach.kind === 'swap') {
      const { indexes, foreignKeys } = approach.definition;
      if (indexes.length + foreignKeys.length > 0) {
        phase('index', plural(indexes.length, 'index', 'indexes'));
        await buildIndexes(site, stage, approach.definition, request.workers);
      }
    }
    phase('analyze');
    await site.with(request.runId, false, (connection) => analyze(connection, stage));
  }

  async #publish(ready: Ready, rowCount: number, phase: PhaseReport): Promise<readonly string[]> {
    const { approach } = ready;
    if (approach.kind === 'merge') return this.#merge(ready, rowCount, approach.inherited, phase);
    const site = this.#site;
    phase('swap');
    const definition = approach.kind === 'swap' ? approach.definition : null;
    try {
      await this.#insist((connection) => awaitOlderSnapshots(connection, site));
      await this.#insist((connection, lockMs) => swap(connection, site, ready.stage, definition, lockMs));
      if (definition?.extendedStatistics) {
        await site.with(site.need().request.runId, false, (connection) =>
          analyze(connection, site.need().name),
        );
      }
      return [];
    } catch (error) {
      if (!(error instanceof CannotSwap)) throw error;
      const why = error.reasons.join('; ');
      const notes = await this.#merge(ready, rowCount, false, phase);
      return [...notes, `the rows were replaced in the table as it is, because ${why}`];
    }
  }

  async #merge(
    { stage }: Ready,
    rowCount: number,
    inherited: boolean,
    phase: PhaseReport,
  ): Promise<readonly string[]> {
    const site = this.#site;
    const columns = site.need().request.schema.fields.map((f) => f.name);
    phase('merge', `${formatCount(rowCount)} rows`);
    let taken: number | null = null;
    await this.#insist(async (connection, lockTimeoutMs) => {
      taken = (await merge(connection, site, { stage, columns, rowCount, inherited, lockTimeoutMs })).rows;
    });
    if (site.way.mode !== 'upsert' || taken === null || taken === rowCount) return [];
    return [`${formatCount(taken)} of ${formatCount(rowCount)} rows changed the table`];
  }

  /**
   * Until it is done: locks are asked for again and again, lost conflicts and connections are tried again. When the
   * answer to COMMIT was lost, the ledger says whether it was done.
   */
  async #insist(work: (connection: PgConnection, lockTimeoutMs: number) => Promise<void>): Promise<void> {
    const site = this.#site;
    const { request } = site.need();
    const lockTimeoutMs = Math.min(LOCK_TRY_MS, site.lockTimeoutMs);
    const deadline = Date.now() + site.lockTimeoutMs;
    for (let attempt = 1; ; attempt++) {
      try {
        await site.with(request.runId, false, async (connection) => {
          if (attempt > 1) {
            // Of the attempt before, whose answer was lost.
            await endLostFinishing(connection, site.need().job);
            if (await this.#isPublished(connection)) return;
          }
          await work(connection, lockTimeoutMs);
        });
        return;
      } catch (error) {
        if (!ParloadError.is(error)) throw error;
        const waits = error.code === 'SINK_TIMEOUT' && Date.now() < deadline;
        if (!waits && !(error.retryable && attempt < DEFAULT_RETRY.attempts)) throw error;
        await sleep(backoffMs(DEFAULT_RETRY, waits ? 1 : attempt));
      }
    }
  }

  async #isPublished(connection: PgConnection): Promise<boolean> {
    const { row } = await readStage(connection, this.#site);
    return row === null || row.state === 'published';
  }
}

function joined(committed: Committed, staged: readonly LedgerSlice[]): Committed {
  const all: Record<string, RowRange[]> = {};
  for (const [id, ranges] of Object.entries(committed)) all[id] = [...ranges];
  for (const { inputId, range } of staged) {
    all[inputId] ??= [];
    all[inputId]!.push(range);
  }
  return Object.fromEntries(Object.entries(all).map(([id, ranges]) => [id, mergeRanges(ranges)]));
}

const stagedNotes = (slices: readonly LedgerSlice[]): string[] => {
  const rows = slices.reduce((sum, s) => sum + s.range.end - s.range.start, 0);
  return rows === 0
    ? []
    : [`${plural(rows, 'row')} of an earlier run wait in the staging table; the rest is loaded`];
};
