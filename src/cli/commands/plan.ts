import { resolveCommand } from '../../config/resolve.ts';
import { planJob } from '../../coordinator/run.ts';
import type { JobArguments } from '../arguments.ts';
import { planText } from '../text/plan.ts';
import { terminalWidth } from '../text/table.ts';
import { commandInput } from './job-line.ts';

export async function planCommand(args: JobArguments): Promise<number> {
  const plan = await planJob(await resolveCommand(commandInput(args)));
  const { json, verbose } = args.output;
  const width = terminalWidth(process.stdout);
  process.stdout.write(json ? `${JSON.stringify(plan)}\n` : planText(plan, { width, verbose }));
  return 0;
}
