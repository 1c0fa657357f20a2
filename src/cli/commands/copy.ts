import { resolveCommand } from '../../config/resolve.ts';
import { RunControl } from '../../coordinator/control.ts';
import { runJob } from '../../coordinator/run.ts';
import { CODES } from '../../errors/index.ts';
import type { JobEvent, JobPlan, RunReport } from '../../model/index.ts';
import type { JobArguments } from '../arguments.ts';
import { isHeard, logLevel, warningLevel } from '../log-level.ts';
import { makeReporter, progressMode } from '../reporters/index.ts';
import { onSignals } from '../signals.ts';
import { errorText } from '../text/error.ts';
import { planText } from '../text/plan.ts';
import { sourceStack } from '../text/stack.ts';
import { summaryText } from '../text/summary.ts';
import { terminalWidth } from '../text/table.ts';
import { commandInput } from './job-line.ts';

/** Exit code: all that could be loaded is, and rows were left out. */
const LOADED_WITH_REJECTS = 5;

export async function copyCommand(args: JobArguments): Promise<number> {
  const { output } = args;
  const mode = progressMode(args.progress, output.quiet || args.dryRun, process.stderr);
  const shown = mode === 'tty' || mode === 'line';
  const level = logLevel(output, process.stderr);
  const warning = warningLevel(shown);
  const log = isHeard(level, warning) ? (await import('../log.ts')).makeLog(level, warning) : null;
  const job = await resolveCommand(commandInput(args));
  const control = new RunControl();
  const reporter = await makeReporter(mode, process.stderr);
  let plan: JobPlan | null = null;
  const report = (event: JobEvent): void => {
    if (event.type === 'plan.ready') plan = event.plan;
    reporter.on(event);
    log?.on(event);
  };
  const off = onSignals(control, () => plan !== null);
  try {
    const result = await runJob(job, { report, control, dryRun: args.dryRun });
    reporter.close();
    return show(result, plan, args);
  } finally {
    reporter.close();
    off();
  }
}

const withSources = (result: RunReport): RunReport => {
  const { error } = result;
  return error?.stack ? { ...result, error: { ...error, stack: sourceStack(error.stack) } } : result;
};

/** The result on stdout, what went wrong on stderr; returns the exit code. */
function show(result: RunReport, plan: JobPlan | null, { output, dryRun }: JobArguments): number {
  const { error } = result;
  if (output.json) process.stdout.write(`${JSON.stringify(withSources(result))}\n`);
  else if (dryRun && plan !== null) {
    const width = terminalWidth(process.stdout);
    process.stdout.write(planText(plan, { width, verbose: output.verbose }));
  } else if (!output.quiet && (error === null || result.rows.read > 0)) {
    process.stdout.write(summaryText(result));
  }
  if (error === null) return result.rejects === undefined ? 0 : LOADED_WITH_REJECTS;
  const color = process.stderr.isTTY === true && (process.env.NO_COLOR ?? '') === '';
  process.stderr.write(errorText(error, { verbose: output.verbose, color }));
  return result.state === 'interrupted' ? CODES.INTERRUPTED.exit : error.exitCode;
}
