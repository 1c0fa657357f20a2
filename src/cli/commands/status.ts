import { resolveSink } from '../../config/resolve.ts';
import { ledgerOf } from '../../coordinator/status.ts';
import type { PlainArguments } from '../arguments.ts';
import { statusText } from '../text/status.ts';

export async function statusCommand({ positional, flags, output }: PlainArguments): Promise<number> {
  const jobs = await ledgerOf(await resolveSink(positional[0] ?? '', { flags }, process.env));
  process.stdout.write(output.json ? `${JSON.stringify(jobs)}\n` : statusText(jobs, output.verbose));
  return 0;
}
