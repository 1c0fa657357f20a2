export { allSettled } from './all-settled.ts';
export { Arena } from './arena.ts';
export { FAILPOINTS, type Failpoint, failpoint, STAGE_FAILPOINTS } from './failpoint.ts';
export { memoryLimitBytes } from './memory-limit.ts';
export { peakRssBytes } from './peak-rss.ts';
export { countRows, mergeRanges, subtractRanges } from './ranges.ts';
export { type ByteRange, layOut, type ReadLayout } from './read-layout.ts';
export { redactUri } from './redact.ts';
export { SharedRejectBudget } from './reject-budget.ts';
export { type ThreadPort, toRelayPort } from './relay-port.ts';
export { backoffMs, DEFAULT_RETRY, type FailureKind, Patience, type RetryPolicy } from './retry.ts';
export { SharedStopFlag } from './stop-flag.ts';
export { didYouMean } from './suggest.ts';
export {
  formatBytes,
  formatCount,
  formatDuration,
  GiB,
  KiB,
  MiB,
  parseBytes,
  parseDurationMs,
  plural,
} from './units.ts';
