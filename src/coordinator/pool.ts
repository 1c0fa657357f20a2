// The threads, and the only place that knows piscina.
import { Piscina } from 'piscina';
import { ParloadError, toWire } from '../errors/index.ts';
import type { RelayPort, Slice, SliceResult } from '../model/index.ts';
import { workerEntry } from '../paths.ts';
import { type ThreadPort, toRelayPort } from '../runtime/index.ts';
import type { ProgressMessage, SliceTask, ThreadResult, WorkerData } from '../slice-runner/index.ts';

/** V8 limits of one thread, in MiB. Rows live outside V8's heap, in buffers. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16 } as const;

/** How long sessions may take to say goodbye, in ms, before their threads end anyway. */
const CLOSE_MS = 2000;

/** `thread`: the one that got no connection to the target. */
export type PoolResult = SliceResult & { readonly thread?: number };

/** What dispatch needs of threads; tests put a fake in its place. */
export interface SlicePool {
  /** Never rejects: the end of a thread is a result like any other. */
  run(task: SliceTask): Promise<PoolResult>;
  /** Ends an idle thread for good. */
  dismiss(thread: number): Promise<void>;
}

const workerDied = (cause: unknown, task: SliceTask): SliceResult => {
  const code = (cause as { code?: unknown } | null)?.code;
  const message =
    code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? `a worker thread ran out of its ${RESOURCE_LIMITS.maxOldGenerationSizeMb} MiB of JavaScript heap`
      : 'a worker thread ended in the middle of a slice';
  const where = { input: task.slice.inputUri, slice: task.slice.id };
  return { ok: false, error: toWire(new ParloadError('WORKER_DIED', message, { cause, where })) };
};

/** Gets the main thread's end of a slice's way to it. */
export type Relay = (slice: Slice, attempt: number, port: RelayPort) => void;

export class ThreadPool implements SlicePool {
  readonly #piscina: Piscina;
  /** How to end each task that waits, when no thread is left to run it. */
  readonly #waiting = new Set<(cause: unknown) => void>();
  readonly #relay: Relay | null;
  #closing = false;
  /** Threads on their way out: piscina would still hand a task to them. */
  #replacing: Promise<unknown> = Promise.resolve();

  constructor(
    size: number,
    data: WorkerData,
    onMessage: (message: ProgressMessage) => void,
    relay: Relay | null = null,
  ) {
    this.#relay = relay;
    this.#piscina = new Piscina({
      filename: workerEntry('slice').href,
      name: 'runTask',
      // Equal, or threads and their connections would come and go.
      minThreads: size,
      maxThreads: size,
      // The default blocks an idle thread's event loop, and with it the sockets that wait there.
      atomics: 'disabled',
      resourceLimits: RESOURCE_LIMITS,
      workerData: data,
    });
    this.#piscina.on('message', onMessage);
    let last: unknown = new Error('worker threads end as soon as they start');
    // Also an idle thread's error: without a listener it would end the process.
    this.#piscina.on('error', (error) => {
      last = error;
    });
    // piscina gives up when threads die while they start; tasks would then wait for ever.
    this.#piscina.on('workerDestroy', () =>
      setImmediate(() => {
        if (this.#closing || this.#piscina.threads.length > 0) return;
        for (const giveUp of this.#waiting) giveUp(last);
      }),
    );
  }

  async run(task: SliceTask): Promise<PoolResult> {
    await this.#replacing;
    return await new Promise((resolve) => {
      const giveUp = (cause: unknown): void => {
        this.#waiting.delete(giveUp);
        resolve(workerDied(cause, task));
      };
      this.#waiting.add(giveUp);
      this.#start(task).then(async ({ spentThread, ...result }: ThreadResult) => {
        this.#waiting.delete(giveUp);
        if (spentThread !== undefined) await this.#replace(spentThread);
        resolve(result);
      }, giveUp);
    });
  }

  /** With a port in the task where the sink wants one. */
  #start(task: SliceTask): Promise<ThreadResult> {
    if (this.#relay === null) return this.#piscina.run(task);
    // node's own, whose types only node:worker_threads has.
    const { port1, port2 } = new MessageChannel() as unknown as { port1: ThreadPort; port2: ThreadPort };
    this.#relay(task.slice, task.attempt, toRelayPort(port1));
    return this.#piscina.run({ ...task, port: port2 }, { transferList: [port2 as never] });
  }

  /** Ends a thread that is idle, before its lane gets the next slice; piscina starts another one. */
  #replace(threadId: number): Promise<unknown> {
    const ended = this.#piscina.threads.find((worker) => worker.threadId === threadId)?.terminate();
    this.#replacing = Promise.all([this.#replacing, ended]);
    return this.#replacing;
  }

  async dismiss(thread: number): Promise<void> {
    // piscina looks at them whenever a thread comes or goes.
    const bounds = this.#piscina.options as { minThreads: number; maxThreads: number };
    bounds.minThreads -= 1;
    bounds.maxThreads -= 1;
    await this.#replace(thread);
  }

  /** Closes every session, then ends the threads. Tasks sent in one tick go to different threads. */
  async close(): Promise<void> {
    this.#closing = true;
    const goodbyes = this.#piscina.threads.map(() =>
      this.#piscina.run(null, { name: 'closeTask' }).catch(() => undefined),
    );
    let timer: NodeJS.Timeout | undefined;
    // Keeps the process alive meanwhile, which threads that are starting do not.
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([Promise.all(goodbyes), late]);
    clearTimeout(timer);
    await this.destroy();
  }

  /** Ends the threads at once; slices in flight become WORKER_DIED results. */
  async destroy(): Promise<void> {
    this.#closing = true;
    await this.#piscina.destroy();
  }
}
