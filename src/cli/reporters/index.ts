// Which reporter serves a run.
import { ParloadError } from '../../errors/index.ts';
import type { JobEvent } from '../../model/index.ts';
import { PROGRESS_MODES } from '../arguments.ts';
import { JsonReporter } from './json.ts';
import { LineReporter } from './line.ts';

export interface JobReporter {
  on(event: JobEvent): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

export type ProgressMode = 'tty' | 'line' | 'json' | 'none';

export function progressMode(asked: string, quiet: boolean, stream: { isTTY?: boolean }): ProgressMode {
  if (!(PROGRESS_MODES as readonly string[]).includes(asked)) {
    throw new ParloadError('USAGE', `--progress: "${asked}" is not one of ${PROGRESS_MODES.join(', ')}`);
  }
  if (quiet) return 'none';
  if (asked !== 'auto') return asked as ProgressMode;
  return stream.isTTY === true && process.env.TERM !== 'dumb' ? 'tty' : 'line';
}

export async function makeReporter(mode: ProgressMode, stream: NodeJS.WriteStream): Promise<JobReporter> {
  const write = (line: string): void => {
    stream.write(`${line}\n`);
  };
  // brings the library that draws
  if (mode === 'tty') return new (await import('./tty.ts')).TtyReporter(stream);
  if (mode === 'line') return new LineReporter(write);
  if (mode === 'json') return new JsonReporter(write);
  return { on: () => undefined, close: () => undefined };
}
