import type { SinkModule } from '../../model/index.ts';
import { PostgresJob } from './job.ts';
import { options, type PostgresOptions } from './options.ts';
import { PostgresSession } from './session.ts';
import { readStatus } from './status.ts';
import { openTicket } from './ticket.ts';

export const sink: SinkModule<PostgresOptions> = {
  kind: 'postgres',
  options,
  traits: { commit: 'slice', replay: 'ledger' },
  job: async (o) => new PostgresJob(o),
  session: async (_options, ticket, context) => new PostgresSession(openTicket(ticket), context),
  status: readStatus,
};
