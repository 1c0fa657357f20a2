// The part of a run in which threads exist: pool, dispatch, watchdog, and their end.
import type { Reporter, Slice } from '../model/index.ts';
import type { RetryPolicy } from '../runtime/index.ts';
import type { ProgressMessage, WorkerData } from '../slice-runner/index.ts';
import type { RunControl } from './control.ts';
import { Dispatcher, type DispatchOutcome } from './dispatch.ts';
import { type Relay, ThreadPool } from './pool.ts';
import { Watchdog } from './watchdog.ts';

/** After a forced stop: how long slices may take to roll back before their threads are ended, in ms. */
const FORCE_MS = 2000;

export interface LoadJob {
  readonly slices: readonly Slice[];
  readonly workers: number;
  readonly retry: RetryPolicy;
  readonly stallTimeoutMs: number;
  readonly control: RunControl;
  readonly report: Reporter;
  readonly worker: WorkerData;
  /** Null: sessions have connections of their own. */
  readonly relay?: Relay | null;
}

export async function loadSlices(job: LoadJob): Promise<DispatchOutcome> {
  const { control } = job;
  const report: Reporter = (event) => {
    watchdog.beat();
    job.report(event);
  };
  const onProgress = ({ sliceId, attempt, rows, bytes }: ProgressMessage): void => {
    const flight = dispatcher.flight(sliceId);
    // Of an attempt that is over: its receipt, or its failure, has the last word.
    if (flight === undefined || flight.attempt !== attempt) return;
    report({ type: 'slice.progress', sliceId, worker: flight.lane, rows, bytes });
  };
  const pool = new ThreadPool(job.workers, job.worker, onProgress, job.relay ?? null);
  const dispatcher = new Dispatcher({
    slices: job.slices,
    lanes: job.workers,
    retry: job.retry,
    pool,
    control,
    report,
  });
  const watchdog = new Watchdog(
    job.stallTimeoutMs,
    () => dispatcher.inFlight,
    (message) => job.report({ type: 'note', message }),
  );
  let killer: NodeJS.Timeout | undefined;
  const off = control.onChange((level) => {
    // After a failure the run ends as well, but then the failure is the news.
    if (control.asked) report({ type: 'stopping', force: level === 2 });
    if (level === 2) killer ??= setTimeout(() => void pool.destroy(), FORCE_MS);
  });
  try {
    return await dispatcher.run();
  } finally {
    off();
    clearTimeout(killer);
    watchdog.stop();
    await pool.close();
  }
}
