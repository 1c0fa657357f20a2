export * from './arrow.ts';
export type * from './connectors.ts';
export type * from './job.ts';
export * from './policies.ts';
export type * from './rejects.ts';
export type * from './verify.ts';
