// Thread entry: joins node:worker_threads to the slice runner and holds no logic of its own.
// workerData comes from node itself: piscina's copy of it is empty inside a bundle.
import { parentPort, threadId, workerData } from 'node:worker_threads';
import type { SliceResult } from '../src/model/index.ts';
import { type SliceTask, SliceWorker, type WorkerData } from '../src/slice-runner/index.ts';

const worker = new SliceWorker(workerData as WorkerData, threadId, (message) =>
  parentPort?.postMessage(message),
);

export const runTask = (task: SliceTask): Promise<SliceResult> => worker.run(task);

export const closeTask = (): Promise<void> => worker.close();
