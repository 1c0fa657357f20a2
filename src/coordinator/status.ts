// Asks a sink for its ledger. No job is needed for that, so what a job requires of the sink (a table) is not required here.
import { resolveSink } from '../config/resolve.ts';
import type { JobInput } from '../config/schema.ts';
import { ParloadError } from '../errors/index.ts';
import type { LedgerJob, StatusOptions } from '../model/index.ts';
import { sinkModule } from '../registry.ts';

export async function ledgerJobs(sink: JobInput['sink']): Promise<readonly LedgerJob[]> {
  return ledgerOf(await resolveSink(sink));
}

export async function ledgerOf(choice: {
  readonly kind: string;
  readonly options: StatusOptions;
}): Promise<readonly LedgerJob[]> {
  const module = await sinkModule(choice.kind);
  if (module.status === undefined) {
    throw new ParloadError('USAGE', `a ${choice.kind} sink keeps no ledger`, {
      hint: 'parload status asks a database that rows were loaded into, as postgres://host/db',
    });
  }
  return module.status(choice.options);
}
