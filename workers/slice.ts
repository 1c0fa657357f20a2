// Thread entry: joins node:worker_threads to the slice runner and holds no logic of its own.
// workerData comes from node itself: piscina's copy of it is empty inside a bundle.
import { parentPort, threadId, workerData } from 'node:worker_threads';
import {
  type SliceTask,
  SliceWorker,
  type ThreadResult,
  type WorkerData,
} from '../src/slice-runner/index.ts';

const worker = new SliceWorker(workerData as WorkerData, threadId, {
  post: (message) => parentPort?.postMessage(message),
  // Here exit ends this thread only; the result is on its way before the next turn of the event loop.
  retire: () => setImmediate(() => process.exit(0)),
});

export const runTask = (task: SliceTask): Promise<ThreadResult> => worker.run(task);

export const closeTask = (): Promise<void> => worker.close();
