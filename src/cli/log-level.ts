// How much is logged. Apart from the logs themselves: most runs log nothing and need not load their library.
import { ParloadError } from '../errors/index.ts';
import { LOG_LEVELS, type LogLevel, type OutputOptions } from './arguments.ts';

const isLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);

/** On a terminal there are people, who are told in words what happens: structured logs come there when asked for. */
export function logLevel(output: OutputOptions, stream: { isTTY?: boolean }): LogLevel {
  const { logLevel: asked, quiet, verbose } = output;
  if (asked === undefined) {
    if (quiet || stream.isTTY === true) return 'error';
    return verbose ? 'info' : 'warn';
  }
  if (isLevel(asked)) return asked;
  throw new ParloadError('USAGE', `--log-level: "${asked}" is not one of ${LOG_LEVELS.join(', ')}`);
}

/**
 * The level at which warnings are logged. What people see of the run already says them: below the default level then, or
 * each would appear twice.
 */
export const warningLevel = (shown: boolean): 'info' | 'warn' => (shown ? 'info' : 'warn');

/** False when no event of a run reaches this level. */
export const isHeard = (level: LogLevel, warning: LogLevel): boolean =>
  LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(warning);
