// The flow of a job: open, describe, plan, prepare, plan again, load, finish or abort, report.
import { randomUUID } from 'node:crypto';
import type { ResolvedJob } from '../config/resolved.ts';
import { ParloadError, toWire } from '../errors/index.ts';
import type { JobPlan, Reporter, RunReport, SinkJob, TargetPlan, WireError } from '../model/index.ts';
import { failpoint, plural } from '../runtime/index.ts';
import { retryPolicy, untilBack } from './away.ts';
import type { RunControl } from './control.ts';
import type { DispatchOutcome } from './dispatch.ts';
import { loadSlices } from './load.ts';
import { type OpenJob, openJob } from './open.ts';
import { Phases } from './phases.ts';
import { buffersOf, type MemoryRequest, type PlannedSource, planSource, replanSource } from './planner.ts';
import { JobRejects } from './rejects.ts';
import { buildReport, RunClock } from './report.ts';
import { checkTotals, totalsOf } from './totals.ts';

export interface RunOptions {
  readonly report: Reporter;
  readonly control: RunControl;
  /** Plan only; nothing in the target changes. */
  readonly dryRun: boolean;
}

const NOTHING_DONE: DispatchOutcome = { receipts: [], error: null, failed: 0, retried: 0, unfinished: 0 };

export async function planJob(job: ResolvedJob): Promise<JobPlan> {
  const clock = new RunClock();
  const open = await openJob(job);
  try {
    return (await new Run(job, open, clock).plan()).plan;
  } finally {
    await open.close();
  }
}

/** Fails by throwing until the target is about to be touched; from then on a failure is a report as well. */
export async function runJob(job: ResolvedJob, options: RunOptions): Promise<RunReport> {
  const clock = new RunClock();
  const open = await openJob(job);
  try {
    const run = new Run(job, open, clock, options.report);
    const planned = await run.plan();
    options.report(planned.event);
    const report = options.dryRun ? run.dryReport(planned) : await run.execute(planned, options);
    options.report({ type: 'job.done', report });
    return report;
  } finally {
    await open.close();
  }
}

type Prepared = Awaited<ReturnType<SinkJob['prepare']>>;

interface Planned {
  readonly source: PlannedSource;
  readonly target: TargetPlan;
  readonly plan: JobPlan;
  readonly event: { type: 'plan.ready'; plan: JobPlan; rowsToLoad: number; bytesToRead: number };
}

interface Ending {
  readonly state: RunReport['state'];
  readonly source: PlannedSource;
  readonly outcome: DispatchOutcome;
  readonly error: WireError | null;
}

class Run {
  readonly #job: ResolvedJob;
  readonly #open: OpenJob;
  readonly #memory: MemoryRequest;
  readonly #runId = randomUUID();
  readonly #clock: RunClock;
  readonly #notes: string[] = [];
  readonly #phases: Phases;
  readonly #rejects: JobRejects;

  constructor(job: ResolvedJob, open: OpenJob, clock: RunClock, report: Reporter = () => undefined) {
    this.#phases = new Phases(report);
    this.#job = job;
    this.#open = open;
    this.#clock = clock;
    this.#rejects = new JobRejects(job, open);
    this.#memory = {
      budgetBytes: job.memoryBytes,
      workers: job.workers,
      workersNamed: job.workersNamed,
      bufferBytes: buffersOf(job, open.sink),
      slice: job.slice,
    };
  }

  /** Changes nothing in the target. */
  async plan(): Promise<Planned> {
    const { sink, source, read, inputs, outgoing } = this.#open;
    const target = await sink.describe({
      schema: outgoing,
      inputs,
      transformsKey: this.#job.transformsKey,
      policies: this.#job.policies,
      schemaChange: this.#job.schemaChange,
      columnsChosen: this.#job.columns !== null || this.#job.exclude.length > 0,
      again: this.#job.again,
      skipsRows: this.#job.rejects.onError === 'skip',
      runId: this.#runId,
      workers: this.#job.workers,
    });
    const planned = await planSource(source, read, this.#memory, target.committed);
    this.#notes.push(...planned.plan.notes, ...target.notes);
    if (planned.hints.workers < this.#job.workers) {
      this.#notes.push(
        `memory allows ${planned.hints.workers} of ${this.#job.workers} workers; raise --memory for more`,
      );
    }
    failpoint('plan.done');
    return this.#planned(planned, target);
  }

  #planned(source: PlannedSource, target: TargetPlan): Planned {
    const { slices } = source.plan;
    const plan: JobPlan = {
      inputs: this.#open.inputs,
      source: source.plan,
      target,
      workers: source.workers,
      memory: source.memory,
      policies: this.#job.policies,
      notes: [...this.#notes],
    };
    const rowsToLoad = slices.reduce((sum, s) => sum + s.rowCount, 0);
    const bytesToRead = slices.reduce((sum, s) => sum + s.estBytes, 0);
    return { source, target, plan, event: { type: 'plan.ready', plan, rowsToLoad, bytesToRead } };
  }

  dryReport({ source, target }: Planned): RunReport {
    return this.#report({ state: 'planned', source, outcome: NOTHING_DONE, error: null }, target);
  }

  async execute(planned: Planned, options: RunOptions): Promise<RunReport> {
    const { sink } = this.#open;
    await this.#rejects.checkFile(planned.target.target);
    let ending: Ending = { state: 'failed', source: planned.source, outcome: NOTHING_DONE, error: null };
    try {
      ending = await this.#load(planned, options, (reached) => {
        ending = reached;
      });
      if (ending.state === 'done') await this.#finish(ending, options.control);
      else await sink.abort(ending.error);
    } catch (error) {
      await sink.abort(error);
      ending = { ...ending, state: 'failed', error: toWire(error) };
    }
    this.#phases.end();
    const { rejects, failure } = await this.#endRejects(ending, planned);
    if (failure !== null) ending = { ...ending, state: 'failed', error: failure };
    return { ...this.#report(ending, planned.target), ...(rejects === undefined ? {} : { rejects }) };
  }

  /** A run that failed may have rejected rows as well; that these cannot be told is then no failure of its own. */
  async #endRejects(
    { state, error }: Ending,
    { target, source }: Planned,
  ): Promise<{ rejects: RunReport['rejects']; failure: WireError | null }> {
    // the target is away: asking it would only take time
    if (state !== 'done' && (this.#job.rejects.onError === 'stop' || error?.retryable === true))
      return { rejects: undefined, failure: null };
    try {
      const rejects = await this.#rejects.end(target.target, source.hints.bytesPerWorker);
      failpoint('job.rejects-told');
      return { rejects, failure: null };
    } catch (cause) {
      return { rejects: undefined, failure: state === 'done' ? toWire(cause) : null };
    }
  }

  /** `reached` keeps what was loaded for the report when finishing fails. */
  async #load(planned: Planned, options: RunOptions, reached: (ending: Ending) => void): Promise<Ending> {
    const { sink, source, read } = this.#open;
    const prepared = await sink.prepare();
    this.#notes.push(...prepared.notes);
    failpoint('job.prepared');
    await this.#rejects.start();
    if (this.#createsOnly) {
      this.#notes.push('the table is ready; nothing was loaded, as --create-table only says');
      const none = { ...planned.source, plan: { ...planned.source.plan, slices: [] }, workers: 0 };
      return { state: 'done', source: none, outcome: NOTHING_DONE, error: null };
    }
    const current = await replanSource(source, read, this.#memory, planned.source, prepared.committed);
    const again = this.#planned(current, planned.target).event;
    if (again.rowsToLoad !== planned.event.rowsToLoad) options.report(again);
    if (current.workers > 0) this.#phases.begin('load');
    const outcome =
      current.workers === 0
        ? this.#nothingLeft(current, prepared.staged ?? false)
        : await this.#dispatch(current, prepared, options);
    const ending = this.#ending(current, outcome);
    reached(ending);
    return ending;
  }

  /** The one option of a sink that the flow itself must know: it ends the job before the load. */
  get #createsOnly(): boolean {
    return (this.#job.sink.options as { createTable?: unknown } | null)?.createTable === 'only';
  }

  #nothingLeft(current: PlannedSource, staged: boolean): DispatchOutcome {
    const { rowsCommitted } = current.plan;
    // What waits in a staging table is a load that goes on, not one that is over.
    if (rowsCommitted > 0 && !staged) {
      this.#notes.push(
        rowsCommitted === 1
          ? 'the one row to load was committed by an earlier run; --again loads it a second time'
          : `all ${plural(rowsCommitted, 'row')} to load were committed by an earlier run; --again loads them a second time`,
      );
    }
    return NOTHING_DONE;
  }

  #dispatch(current: PlannedSource, prepared: Prepared, options: RunOptions): Promise<DispatchOutcome> {
    const { source, sink, shared, read, delivered } = this.#open;
    const { ticket, relayed = false } = prepared;
    const job = this.#job;
    return loadSlices({
      slices: current.plan.slices,
      workers: current.workers,
      retry: retryPolicy(job),
      stallTimeoutMs: job.stallTimeoutMs,
      control: options.control,
      report: options.report,
      relay: relayed ? (slice, attempt, port) => sink.relay?.(slice, attempt, port) : null,
      worker: {
        source: { ...job.source, ticket: source.ticket() },
        sink: { ...job.sink, ticket },
        shared,
        read: {
          columns: read.columns,
          batchRows: job.batchRows,
          batchBytes: job.batchBytes,
          memoryBytes: current.hints.bytesPerWorker,
        },
        transforms: this.#open.transforms,
        schema: delivered,
        bufferBytes: this.#memory.bufferBytes,
        policies: job.policies,
        rejects: this.#rejects.shared,
        stop: options.control.flag.memory,
      },
    });
  }

  #ending(source: PlannedSource, outcome: DispatchOutcome): Ending {
    if (outcome.error !== null) return { state: 'failed', source, outcome, error: outcome.error };
    if (outcome.unfinished === 0) return { state: 'done', source, outcome, error: null };
    const all = source.plan.slices.length;
    const message = `stopped on request: ${all - outcome.unfinished} of ${plural(all, 'slice')} are committed`;
    return {
      state: 'interrupted',
      source,
      outcome,
      error: toWire(new ParloadError('INTERRUPTED', message)),
    };
  }

  async #finish(ending: Ending, control: RunControl): Promise<void> {
    checkTotals(totalsOf(this.#open.inputs, ending.source.plan, ending.outcome.receipts), ending.source.plan);
    // Nothing was loaded on purpose: what comes after a load has nothing to come after.
    if (this.#createsOnly) return;
    failpoint('job.before-finish');
    const { sink } = this.#open;
    const finish = () =>
      sink.finish(ending.outcome.receipts, (name, detail) => this.#phases.begin(name, detail));
    this.#notes.push(...(await untilBack(retryPolicy(this.#job), control, finish)));
    failpoint('job.finished');
  }

  #report({ state, source, outcome, error }: Ending, target: TargetPlan): RunReport {
    return buildReport({
      runId: this.#runId,
      job: this.#job,
      state,
      target,
      workers: source.workers,
      slices: source.plan.slices.length,
      totals: totalsOf(this.#open.inputs, source.plan, outcome.receipts),
      outcome,
      error,
      notes: [...new Set(this.#notes)],
      phases: this.#phases.times,
      clock: this.#clock,
    });
  }
}
