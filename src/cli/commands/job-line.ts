// Positional arguments of a job: sources first, the sink last.
import type { CommandInput } from '../../config/resolve.ts';
import { ParloadError } from '../../errors/index.ts';
import type { JobArguments } from '../arguments.ts';

export function commandInput(args: JobArguments): CommandInput {
  const { positional, config } = args;
  if (positional.length === 1 || (positional.length === 0 && config === undefined)) {
    const message =
      config === undefined
        ? 'give one source or more, and then the sink'
        : 'beside a job file, give both source and sink, or none of them';
    throw new ParloadError('USAGE', message, {
      hint: 'parload copy data.parquet postgres://host/db --table t, or parload copy -c job.yaml',
    });
  }
  return {
    file: config,
    line: { source: positional.slice(0, -1), sink: positional.at(-1), flags: args.flags },
    env: process.env,
  };
}
