import type { SinkModule } from '../../model/index.ts';
import type { CrateOptions } from './options.ts';
import { CrateSession } from './session.ts';
import { openTicket } from './ticket.ts';

export const sink: SinkModule<CrateOptions> = {
  kind: 'crate',
  options: async () => (await import('./options.ts')).options,
  traits: { commit: 'batch', replay: 'ledger' },
  job: async (o) => new (await import('./job.ts')).CrateJob(o),
  session: async (_options, ticket, context) => new CrateSession(openTicket(ticket), context),
  status: async (o) => (await import('./status.ts')).readStatus(o),
};
