export { loadJobFile, parseJobFile } from './file.ts';
export { envName, JOB_FLAGS } from './flags.ts';
export type { CommandLine } from './layers.ts';
export { type CommandInput, resolveCommand, resolveJob, resolveSink } from './resolve.ts';
export type { ConnectorChoice, ResolvedJob, TransformChoice } from './resolved.ts';
export { type JobInput, jobSchema } from './schema.ts';
