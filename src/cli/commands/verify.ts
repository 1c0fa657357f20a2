import { resolveCommand } from '../../config/resolve.ts';
import { RunControl } from '../../coordinator/control.ts';
import { runVerify } from '../../coordinator/verify.ts';
import { CODES } from '../../errors/index.ts';
import type { JobEvent, VerifyReport } from '../../model/index.ts';
import type { JobArguments } from '../arguments.ts';
import { isHeard, logLevel, warningLevel } from '../log-level.ts';
import { makeReporter, progressMode } from '../reporters/index.ts';
import { onSignals } from '../signals.ts';
import { errorText } from '../text/error.ts';
import { verifyText } from '../text/verify.ts';
import { commandInput } from './job-line.ts';

export async function verifyCommand(args: JobArguments): Promise<number> {
  const { output } = args;
  const mode = progressMode(args.progress, output.quiet, process.stderr);
  const level = logLevel(output, process.stderr);
  const warning = warningLevel(mode === 'tty' || mode === 'line');
  const log = isHeard(level, warning) ? (await import('../log.ts')).makeLog(level, warning) : null;
  const job = await resolveCommand(commandInput(args));
  const control = new RunControl();
  const reporter = await makeReporter(mode, process.stderr);
  let running = false;
  const report = (event: JobEvent): void => {
    running ||= event.type === 'plan.ready';
    reporter.on(event);
    log?.on(event);
  };
  const off = onSignals(control, () => running);
  try {
    const result = await runVerify(job, { report, control, targetWhere: args.tableWhere ?? null });
    reporter.close();
    return show(result, args);
  } finally {
    reporter.close();
    off();
  }
}

/** The result on stdout, what went wrong on stderr; returns the exit code. */
function show(result: VerifyReport, { output }: JobArguments): number {
  const { error } = result;
  if (output.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (!output.quiet && (result.state === 'equal' || result.state === 'different')) {
    process.stdout.write(verifyText(result, output.verbose));
  }
  if (error === null) return 0;
  const color = process.stderr.isTTY === true && (process.env.NO_COLOR ?? '') === '';
  process.stderr.write(errorText(error, { verbose: output.verbose, color }));
  return result.state === 'interrupted' ? CODES.INTERRUPTED.exit : error.exitCode;
}
