// What one worker keeps between slices: its reader, its session, its transforms. Built at the first slice, so that a
// failure to open is that slice's failure, with a retry, and not the thread's end.
import { ParloadError, toWire } from '../errors/index.ts';
import type {
  ArrowSchema,
  Json,
  ReadOptions,
  SinkSession,
  Slice,
  SliceResult,
  Source,
  ValuePolicies,
} from '../model/index.ts';
import { sinkModule, sourceModule } from '../registry.ts';
import { SharedRejectBudget, SharedStopFlag, type ThreadPort, toRelayPort } from '../runtime/index.ts';
import { buildChain, type TransformChain, type TransformSpec } from './chain.ts';
import { runSlice, type SliceRun, scanSlice } from './run-slice.ts';

/** Everything a worker is told at its start. Crosses the thread by structured clone; may hold secrets, never printed. */
export interface WorkerData {
  readonly source: { readonly kind: string; readonly options: unknown; readonly ticket: Json };
  readonly sink: { readonly kind: string; readonly options: unknown; readonly ticket: Json };
  /** Handles that the source made once for all workers, as a compiled WebAssembly.Module. */
  readonly shared: unknown;
  readonly read: ReadOptions;
  readonly transforms: readonly TransformSpec[];
  /** What the source delivers: the columns in `read.columns`. */
  readonly schema: ArrowSchema;
  readonly bufferBytes: number;
  readonly policies: ValuePolicies;
  readonly stop: SharedArrayBuffer;
  /** Null: the first row that is refused stops the load. `count`: of all workers, and of earlier runs. */
  readonly rejects?: { readonly count: SharedArrayBuffer; readonly most: number } | null;
  /** Compares with the target, and sends nothing. */
  readonly verifies?: boolean;
}

export interface SliceTask {
  readonly slice: Slice;
  readonly attempt: number;
  /** This thread's end of the slice's way to the main thread; it came with the task. */
  readonly port?: ThreadPort;
}

/**
 * What a thread answers. `spentThread`: it holds more memory than its share and should be replaced. `thread`: it got no
 * connection to the target.
 */
export type ThreadResult = SliceResult & { readonly spentThread?: number; readonly thread?: number };

/** Thread -> main. Results travel on another channel, so one of these may arrive after its slice has ended. */
export interface ProgressMessage {
  readonly type: 'progress';
  readonly sliceId: string;
  readonly attempt: number;
  readonly rows: number;
  readonly bytes: number;
}

/** After these the thread is ended: what it holds cannot be given back in another way. */
const SPENT = new Set(['DECODER_MEMORY', 'WORKER_DIED']);

interface Handles {
  readonly source: Source;
  readonly session: SinkSession;
  readonly chain: TransformChain;
}

/** How a worker reaches the thread that it lives in. */
export interface WorkerPort {
  post(message: ProgressMessage): void;
  /** Ends the thread once the result at hand has been sent; the pool starts another one. */
  retire(): void;
}

export class SliceWorker {
  readonly #data: WorkerData;
  readonly #thread: number;
  readonly #port: WorkerPort;
  readonly #stop: SharedStopFlag;
  #handles: Handles | null = null;

  constructor(data: WorkerData, thread: number, port: WorkerPort) {
    this.#data = data;
    this.#thread = thread;
    this.#port = port;
    this.#stop = new SharedStopFlag(data.stop);
  }

  /** Never throws: an error leaves a thread only as plain data. */
  async run({ slice, attempt, port }: SliceTask): Promise<ThreadResult> {
    try {
      this.#handles ??= await this.#open();
    } catch (error) {
      port?.close();
      return { ok: false, error: toWire(error) };
    }
    const { source, session, chain } = this.#handles;
    const run: SliceRun = {
      source,
      session,
      slice,
      attempt,
      stop: this.#stop,
      skipsRows: this.#data.rejects != null,
      port: port === undefined ? undefined : toRelayPort(port),
      transform: chain.apply,
      onProgress: (rows, bytes) =>
        this.#port.post({ type: 'progress', sliceId: slice.id, attempt, rows, bytes }),
    };
    const result = await (slice.side === 'target' ? scanSlice(run) : runSlice(run));
    if (!result.ok && SPENT.has(result.error.code)) this.#port.retire();
    if (!result.ok && result.error.code === 'SINK_CONNECTIONS') return { ...result, thread: this.#thread };
    if ((source.heldBytes?.() ?? 0) <= this.#data.read.memoryBytes) return result;
    // more than this worker's share, and for good: the pool ends the thread before it hands out the next slice
    await this.close();
    return { ...result, spentThread: this.#thread };
  }

  /** Says goodbye to the target; without it the server would find the connections broken. */
  async close(): Promise<void> {
    const handles = this.#handles;
    this.#handles = null;
    await handles?.session.close().catch(() => undefined);
    await handles?.source.close().catch(() => undefined);
  }

  async #open(): Promise<Handles> {
    const data = this.#data;
    const [sources, sinks, chain] = await Promise.all([
      sourceModule(data.source.kind),
      sinkModule(data.sink.kind),
      buildChain(data.transforms, data.schema),
    ]);
    const source = await sources.reader(data.source.options, data.shared, data.source.ticket, data.read);
    try {
      const { bufferBytes, policies } = data;
      const rejects =
        data.rejects == null ? null : new SharedRejectBudget(data.rejects.most, data.rejects.count);
      const context = { worker: this.#thread, bufferBytes, policies, rejects, stop: this.#stop };
      const open = data.verifies === true ? sinks.verify?.session : sinks.session;
      if (open === undefined)
        throw new ParloadError('UNEXPECTED', `a ${data.sink.kind} sink cannot be compared`);
      const session = await open(data.sink.options, data.sink.ticket, context);
      return { source, session, chain };
    } catch (error) {
      await source.close().catch(() => undefined);
      throw error;
    }
  }
}
