// Memory first: how many workers, and what each may hold, so that the sum stays under the budget.
import type { ResolvedJob } from '../config/resolved.ts';
import { ParloadError } from '../errors/index.ts';
import type { MemoryPlan, PlanHints, ReadRequest, SinkJob, Source, SourcePlan } from '../model/index.ts';
import { formatBytes, MiB, plural } from '../runtime/index.ts';

// Both figures are a line through peak RSS over 1, 2, 4 and 8 workers into null:, less the rows that each held
// (Node 20, x64): where it starts, and how steep it is.
/** The process without workers, in bytes: V8 and the modules of planning. */
export const PROCESS_BASE_BYTES = 85 * MiB;
/** One more thread before it holds rows, in bytes: its own V8 heap and modules, the memory of decompression. */
export const THREAD_BASE_BYTES = 26 * MiB;
/** A worker with less than this for rows is not worth starting, in bytes. */
export const LEAST_SHARE_BYTES = 4 * MiB;

export interface MemoryRequest {
  readonly budgetBytes: number;
  /** At most so many workers; exactly so many when the user named the number. */
  readonly workers: number;
  readonly workersNamed: boolean;
  /** Encoded bytes that a session holds. */
  readonly bufferBytes: number;
  readonly slice: PlanHints['slice'];
}

export interface PlannedSource {
  readonly plan: SourcePlan;
  /** Threads to start: never more than slices, so 0 when nothing is left to load. */
  readonly workers: number;
  readonly memory: MemoryPlan;
  /** Kept for planning again with what is committed by then. */
  readonly hints: PlanHints;
}

const overheadBytes = (request: MemoryRequest): number => THREAD_BASE_BYTES + request.bufferBytes;

/** Bytes that one of `workers` may use for rows. */
const shareBytes = (request: MemoryRequest, workers: number): number =>
  Math.floor((request.budgetBytes - PROCESS_BASE_BYTES) / workers) - overheadBytes(request);

export function memoryOf(request: MemoryRequest, plan: SourcePlan, workers: number): MemoryPlan {
  const perWorkerBytes = overheadBytes(request) + plan.bytesPerWorker;
  const totalBytes = PROCESS_BASE_BYTES + workers * perWorkerBytes;
  return { budgetBytes: request.budgetBytes, fixedBytes: PROCESS_BASE_BYTES, perWorkerBytes, totalBytes };
}

const tooSmall = (request: MemoryRequest, workers: number, neededBytes: number): ParloadError =>
  new ParloadError(
    'MEMORY_TOO_SMALL',
    `${plural(workers, 'worker')} would need ${formatBytes(neededBytes)} of memory, ${formatBytes(request.budgetBytes)} are allowed`,
    { where: { option: 'memory' } },
  );

/** Rounded up to whole MiB, so that the figure in the message is enough when given back as --memory. */
const roundUp = (bytes: number): number => Math.ceil(bytes / MiB) * MiB;

/**
 * Asks the source for slices with the share that each worker would have, with fewer workers until the sum fits.
 * A number of workers that the user named is kept or refused, never changed.
 */
export async function planSource(
  source: Source,
  read: ReadRequest,
  request: MemoryRequest,
  committed: PlanHints['committed'],
): Promise<PlannedSource> {
  const least = (workers: number): number =>
    roundUp(PROCESS_BASE_BYTES + workers * (overheadBytes(request) + LEAST_SHARE_BYTES));
  let refusal: ParloadError | null = null;
  for (let workers = request.workers; workers >= 1; workers--) {
    const bytesPerWorker = shareBytes(request, workers);
    if (bytesPerWorker < LEAST_SHARE_BYTES) refusal = tooSmall(request, workers, least(workers));
    else {
      const hints: PlanHints = { slice: request.slice, workers, bytesPerWorker, committed };
      const planned = await attempt(source, read, request, hints);
      if (!ParloadError.is(planned)) return planned;
      refusal = planned;
    }
    if (request.workersNamed) break;
  }
  throw refusal ?? tooSmall(request, 1, least(1));
}

async function attempt(
  source: Source,
  read: ReadRequest,
  request: MemoryRequest,
  hints: PlanHints,
): Promise<PlannedSource | ParloadError> {
  try {
    const plan = await source.plan(read, hints);
    const workers = Math.min(hints.workers, plan.slices.length);
    const memory = memoryOf(request, plan, workers);
    if (memory.totalBytes <= request.budgetBytes) return { plan, workers, memory, hints };
    return tooSmall(request, workers, roundUp(memory.totalBytes));
  } catch (error) {
    if (ParloadError.is(error) && error.code === 'MEMORY_TOO_SMALL') return error;
    throw error;
  }
}

/** The same cut again, with what is committed as of now. */
export async function replanSource(
  source: Source,
  read: ReadRequest,
  request: MemoryRequest,
  planned: PlannedSource,
  committed: PlanHints['committed'],
): Promise<PlannedSource> {
  const hints: PlanHints = { ...planned.hints, committed };
  const plan = await source.plan(read, hints);
  const workers = Math.min(hints.workers, plan.slices.length);
  return { plan, workers, memory: memoryOf(request, plan, workers), hints };
}

/** Of the budget, at most this part for encoded rows that a sink wants to have on their way. */
const BUFFERS_PART = 8;

/** Two blocks of the size of a batch on the wire, one is filled while the other is sent; more where the sink wants it. */
export const buffersOf = (
  job: Pick<ResolvedJob, 'batchBytes' | 'memoryBytes' | 'workers'>,
  sink: SinkJob,
): number =>
  Math.max(
    2 * job.batchBytes,
    Math.min(sink.sessionBytes ?? 0, Math.floor(job.memoryBytes / BUFFERS_PART / job.workers)),
  );
