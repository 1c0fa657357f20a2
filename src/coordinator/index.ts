export { RunControl, type StopLevel } from './control.ts';
export { planJob, type RunOptions, runJob } from './run.ts';
