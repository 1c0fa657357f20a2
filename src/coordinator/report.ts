// The result of a run as plain data.
import type { ResolvedJob } from '../config/resolved.ts';
import type { PhaseTime, RunReport, TargetPlan, WireError } from '../model/index.ts';
import { peakRssBytes } from '../runtime/index.ts';
import type { DispatchOutcome } from './dispatch.ts';
import type { Totals } from './totals.ts';

export interface ReportParts {
  readonly runId: string;
  readonly job: ResolvedJob;
  readonly state: RunReport['state'];
  readonly target: TargetPlan;
  readonly workers: number;
  readonly slices: number;
  readonly totals: Totals;
  readonly outcome: DispatchOutcome | null;
  readonly error: WireError | null;
  readonly notes: readonly string[];
  readonly phases: readonly PhaseTime[];
  readonly clock: RunClock;
}

/** Wall and CPU time since the run began. */
export class RunClock {
  readonly #startedAt = performance.now();
  readonly #cpu = process.cpuUsage();

  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Of the whole process, all threads. */
  cpuSeconds(): number {
    const used = process.cpuUsage(this.#cpu);
    return (used.user + used.system) / 1e6;
  }
}

export function buildReport(parts: ReportParts): RunReport {
  const { totals, outcome, clock } = parts;
  return {
    runId: parts.runId,
    state: parts.state,
    source: parts.job.display.source,
    target: parts.target.target,
    workers: parts.workers,
    rows: {
      total: totals.total,
      read: totals.read,
      loaded: totals.loaded,
      filtered: totals.filtered,
      pruned: totals.pruned,
      skipped: totals.skipped,
      rejected: totals.rejected,
    },
    slices: {
      total: parts.slices,
      done: totals.slicesDone,
      skipped: totals.slicesSkipped,
      failed: outcome?.failed ?? 0,
      retried: outcome?.retried ?? 0,
    },
    changes: totals.changes,
    phases: parts.phases,
    bytesSent: totals.bytesSent,
    elapsedMs: Math.round(clock.elapsedMs()),
    cpuSeconds: Math.round(clock.cpuSeconds() * 1000) / 1000,
    peakRssBytes: peakRssBytes(),
    ...(parts.target.atOnce ? { atOnce: true } : {}),
    error: parts.error,
    notes: parts.notes,
  };
}
