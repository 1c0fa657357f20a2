// `parload verify`: the rows of the files and the rows of the target, summed up by the workers side by side, and compared.
import { randomUUID } from 'node:crypto';
import type { ResolvedJob } from '../config/resolved.ts';
import { ParloadError, toWire } from '../errors/index.ts';
import {
  type InputReject,
  type JobPlan,
  type Receipt,
  type Reporter,
  type RowDigest,
  type Slice,
  sumChanges,
  type TargetRequest,
  type VerifyJob,
  type VerifyPlan,
  type VerifyReport,
  type WireError,
} from '../model/index.ts';
import { sinkModule } from '../registry.ts';
import { formatCount, peakRssBytes } from '../runtime/index.ts';
import { retryPolicy } from './away.ts';
import { addDigests, type Comparison, compareDigests } from './compare.ts';
import type { RunControl } from './control.ts';
import type { DispatchOutcome } from './dispatch.ts';
import { loadSlices } from './load.ts';
import { type OpenJob, openJob } from './open.ts';
import { type PlannedSource, planSource } from './planner.ts';
import { RunClock } from './report.ts';

export interface VerifyRunOptions {
  readonly report: Reporter;
  readonly control: RunControl;
  /** Condition on the rows of the target, in its own language; null: all. */
  readonly targetWhere: string | null;
}

/** Fails by throwing until both sides are being read; from then on a failure is a report as well. */
export async function runVerify(job: ResolvedJob, options: VerifyRunOptions): Promise<VerifyReport> {
  const clock = new RunClock();
  const module = await sinkModule(job.sink.kind);
  if (module.verify === undefined) {
    throw new ParloadError('USAGE', `a ${job.sink.kind} sink keeps no rows to compare with`, {
      hint: 'parload verify takes the arguments of the copy that loaded the table: files, postgres://host/db --table t',
    });
  }
  const open = await openJob(job);
  let verify: VerifyJob | null = null;
  try {
    verify = await module.verify.job(job.sink.options);
    return await new Verification(job, open, clock, options).run(verify);
  } finally {
    await verify?.close().catch(() => undefined);
    await open.close();
  }
}

class Verification {
  readonly #job: ResolvedJob;
  readonly #open: OpenJob;
  readonly #clock: RunClock;
  readonly #options: VerifyRunOptions;
  readonly #runId = randomUUID();

  constructor(job: ResolvedJob, open: OpenJob, clock: RunClock, options: VerifyRunOptions) {
    this.#job = job;
    this.#open = open;
    this.#clock = clock;
    this.#options = options;
  }

  async run(verify: VerifyJob): Promise<VerifyReport> {
    const job = this.#job;
    const { source, read, inputs, outgoing } = this.#open;
    const target: TargetRequest = {
      schema: outgoing,
      inputs,
      transformsKey: job.transformsKey,
      policies: job.policies,
      schemaChange: job.schemaChange,
      columnsChosen: true,
      again: false,
      runId: this.#runId,
      workers: job.workers,
    };
    const rejects = await this.#rejects(target);
    const prepared = await verify.prepare({ target, targetWhere: this.#options.targetWhere, rejects });
    const planned = await planSource(source, read, this.#memory(), {});
    this.#announce(planned, prepared);
    const outcome = await this.#load(planned, prepared);
    return this.#report(planned, prepared, outcome);
  }

  /** With --on-error skip: what the load left out is not missed. */
  async #rejects(target: TargetRequest): Promise<readonly InputReject[]> {
    const { sink } = this.#open;
    if (this.#job.rejects.onError !== 'skip') return [];
    await sink.describe(target);
    return (await sink.rejects?.()) ?? [];
  }

  #memory(): Parameters<typeof planSource>[2] {
    const { memoryBytes, workers, workersNamed, batchBytes, slice } = this.#job;
    return { budgetBytes: memoryBytes, workers, workersNamed, bufferBytes: 2 * batchBytes, slice };
  }

  /** Rows of both sides, so that a bar ends about where it should: a table that was never analyzed does not know its own. */
  #announce(planned: PlannedSource, prepared: VerifyPlan): void {
    const slices = [...planned.plan.slices, ...prepared.slices];
    const plan: JobPlan = {
      inputs: this.#open.inputs,
      source: { ...planned.plan, slices },
      target: prepared.target,
      workers: planned.hints.workers,
      memory: planned.memory,
      policies: this.#job.policies,
      notes: [...planned.plan.notes, ...prepared.target.notes],
    };
    const total = (some: readonly Slice[], of: (slice: Slice) => number): number =>
      some.reduce((sum, slice) => sum + of(slice), 0);
    const inFiles = total(planned.plan.slices, (s) => s.rowCount);
    this.#options.report({
      type: 'plan.ready',
      plan,
      rowsToLoad: inFiles + (total(prepared.slices, (s) => s.rowCount) || inFiles),
      bytesToRead: total(slices, (s) => s.estBytes),
    });
  }

  #load(planned: PlannedSource, prepared: VerifyPlan): Promise<DispatchOutcome> {
    const job = this.#job;
    const { source, shared, read, delivered } = this.#open;
    const { control, report } = this.#options;
    const slices = [...planned.plan.slices, ...prepared.slices];
    return loadSlices({
      slices,
      workers: Math.max(1, Math.min(planned.hints.workers, slices.length)),
      retry: retryPolicy(job),
      stallTimeoutMs: job.stallTimeoutMs,
      control,
      report,
      worker: {
        source: { ...job.source, ticket: source.ticket() },
        sink: { ...job.sink, ticket: prepared.ticket },
        shared,
        read: {
          columns: read.columns,
          batchRows: job.batchRows,
          batchBytes: job.batchBytes,
          memoryBytes: planned.hints.bytesPerWorker,
        },
        transforms: this.#open.transforms,
        schema: delivered,
        bufferBytes: 2 * job.batchBytes,
        policies: job.policies,
        stop: control.flag.memory,
        verifies: true,
      },
    });
  }

  #report(planned: PlannedSource, prepared: VerifyPlan, outcome: DispatchOutcome): VerifyReport {
    const isTarget = new Set(prepared.slices.map((s) => s.id));
    const { mapping, target, notes } = prepared.target;
    const side = (wanted: boolean): Receipt[] =>
      outcome.receipts.filter((r) => isTarget.has(r.sliceId) === wanted);
    const [fromSource, fromTarget] = [side(false), side(true)];
    const sumOf = (receipts: readonly Receipt[]): RowDigest =>
      addDigests(
        receipts.flatMap((r) => (r.digest === undefined ? [] : [r.digest])),
        mapping.length,
      );
    const sums = { source: sumOf(fromSource), target: sumOf(fromTarget) };
    const compared = compareDigests(sums.source, sums.target, mapping, new Set(prepared.nullsOnly));
    const { state, error } = this.#ending(outcome, compared, sums);
    const total = (of: (receipt: Receipt) => number): number =>
      outcome.receipts.reduce((sum, r) => sum + of(r), 0);
    const report: VerifyReport = {
      runId: this.#runId,
      state,
      source: this.#job.display.source,
      target,
      workers: planned.hints.workers,
      rows: {
        source: sums.source.rows,
        filtered: fromSource.reduce((sum, r) => sum + r.rowsFiltered, planned.plan.rowsPruned),
        rejected: fromSource.reduce((sum, r) => sum + (r.rowsRejected ?? 0), 0),
        target: sums.target.rows,
      },
      columns: state === 'equal' || state === 'different' ? compared.columns : [],
      changes: sumChanges(fromSource.flatMap((r) => r.changes)),
      bytesCompared: total((r) => r.bytesSent),
      elapsedMs: Math.round(this.#clock.elapsedMs()),
      cpuSeconds: Math.round(this.#clock.cpuSeconds() * 1000) / 1000,
      peakRssBytes: peakRssBytes(),
      error,
      notes: [...planned.plan.notes, ...notes],
    };
    return report;
  }

  #ending(
    outcome: DispatchOutcome,
    compared: Comparison,
    sums: { readonly source: RowDigest; readonly target: RowDigest },
  ): { state: VerifyReport['state']; error: WireError | null } {
    if (outcome.error !== null) return { state: 'failed', error: outcome.error };
    if (outcome.unfinished > 0) {
      const error = new ParloadError('INTERRUPTED', 'stopped on request: nothing was compared to the end', {
        hint: 'A comparison changes nothing; run it again from the start.',
      });
      return { state: 'interrupted', error: toWire(error) };
    }
    if (compared.equal) return { state: 'equal', error: null };
    return { state: 'different', error: toWire(differs(compared, sums)) };
  }
}

function differs(
  { columns, rowsMixed }: Comparison,
  { source, target }: { readonly source: RowDigest; readonly target: RowDigest },
): ParloadError {
  const names = columns.filter((c) => !c.equal).map((c) => `"${c.name}"`);
  if (source.rows !== target.rows) {
    const most = target.rows > source.rows ? 'more' : 'fewer';
    return new ParloadError(
      'VERIFY_DIFFERS',
      `the files have ${formatCount(source.rows)} rows, the table has ${formatCount(target.rows)}: ${formatCount(Math.abs(target.rows - source.rows))} ${most}`,
      {
        hint:
          most === 'more'
            ? 'Does the table hold rows of other loads too? Compare a part of it with --table-where "SQL condition". Rows loaded twice look the same.'
            : 'Did the load end? `parload status` says so, and the same copy again finishes it. Rows deleted since are not loaded again by that.',
      },
    );
  }
  if (!rowsMixed) {
    return new ParloadError('VERIFY_DIFFERS', `values differ in ${plainList(names)}`);
  }
  const where = names.length === 0 ? 'several columns at once' : plainList(names);
  return new ParloadError(
    'VERIFY_DIFFERS',
    `every column has the same values, but in other rows: ${where} changed places between rows`,
  );
}

const MOST_NAMES = 20;

const plainList = (names: readonly string[]): string =>
  `column ${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} others` : ''}`;
