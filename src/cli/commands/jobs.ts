// The commands that work with jobs, in one import: they share nearly all that they need.
export { copyCommand } from './copy.ts';
export { planCommand } from './plan.ts';
export { statusCommand } from './status.ts';
export { verifyCommand } from './verify.ts';
