// Structured logs on stderr. Only the main thread logs; workers send events.
import { type Logger, pino } from 'pino';
import { ParloadError } from '../errors/index.ts';
import type { JobEvent } from '../model/index.ts';
import { LOG_LEVELS, type OutputOptions } from './program.ts';

const STDERR = 2;

/** Options never come here; should one, its secrets stay out. */
const REDACTED = ['password', '*.password', 'url', '*.url', 'ticket', '*.ticket', 'options', '*.options'];

export function makeLog(output: OutputOptions): Logger {
  const level = output.logLevel ?? (output.quiet ? 'error' : output.verbose ? 'info' : 'warn');
  if (!(LOG_LEVELS as readonly string[]).includes(level)) {
    throw new ParloadError('USAGE', `--log-level: "${level}" is not one of ${LOG_LEVELS.join(', ')}`);
  }
  // Synchronous: the last lines before an exit are the ones that are needed.
  return pino(
    { level, redact: REDACTED, base: { pid: process.pid } },
    pino.destination({ fd: STDERR, sync: true }),
  );
}

/**
 * @param shown what people see of the run already says warnings: logged below the default level then, or each
 * would appear twice.
 */
export function logEvent(log: Logger, event: JobEvent, shown: boolean): void {
  const warn = shown ? 'info' : 'warn';
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
      log[warn]({ sliceId, attempt, willRetry, code, where, causes }, message);
      break;
    }
    case 'worker.lost':
      log[warn]({ code: event.error.code, causes: event.error.causes }, event.error.message);
      break;
    case 'note':
      log[warn](event.message);
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
