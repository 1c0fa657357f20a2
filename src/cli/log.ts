// Structured logs on stderr. Only the main thread logs; workers send events.
import { type Logger, pino } from 'pino';
import type { JobEvent } from '../model/index.ts';
import type { LogLevel } from './arguments.ts';

const STDERR = 2;

/** Options never come here; should one, its secrets stay out. */
const REDACTED = ['password', '*.password', 'url', '*.url', 'ticket', '*.ticket', 'options', '*.options'];

export interface EventLog {
  on(event: JobEvent): void;
}

/** @param warning the level of warnings, see log-level.ts. */
export function makeLog(level: LogLevel, warning: 'info' | 'warn'): EventLog {
  // Synchronous: the last lines before an exit are the ones that are needed.
  const log = pino(
    { level, redact: REDACTED, base: { pid: process.pid } },
    pino.destination({ fd: STDERR, sync: true }),
  );
  return { on: (event) => logEvent(log, event, warning) };
}

function logEvent(log: Logger, event: JobEvent, warning: 'info' | 'warn'): void {
  switch (event.type) {
    case 'plan.ready': {
      const { plan, rowsToLoad } = event;
      const { workers, memory } = plan;
      log.info({ rowsToLoad, slices: plan.source.slices.length, workers, memory }, 'plan ready');
      break;
    }
    case 'slice.failed': {
      const { sliceId, attempt, willRetry, error } = event;
      const { code, message, where, causes } = error;
      log[warning]({ sliceId, attempt, willRetry, code, where, causes }, message);
      break;
    }
    case 'worker.lost':
      log[warning]({ code: event.error.code, causes: event.error.causes }, event.error.message);
      break;
    case 'note':
      log[warning](event.message);
      break;
    case 'slice.done':
      log.debug({ receipt: event.receipt, worker: event.worker }, 'slice done');
      break;
    case 'job.done':
      log.info({ report: event.report }, 'job done');
      break;
    default:
      log.trace({ event }, event.type);
  }
}
