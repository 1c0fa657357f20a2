export { buildChain, narrow, type TransformChain, type TransformSpec } from './chain.ts';
export { runSlice, type SliceRun } from './run-slice.ts';
export {
  type ProgressMessage,
  type SliceTask,
  SliceWorker,
  type ThreadResult,
  type WorkerData,
  type WorkerPort,
} from './worker.ts';
