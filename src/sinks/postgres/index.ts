import type { SinkModule } from '../../model/index.ts';
import type { PostgresOptions } from './options.ts';
import { PostgresSession } from './session.ts';
import { openTicket } from './ticket.ts';

export const sink: SinkModule<PostgresOptions> = {
  kind: 'postgres',
  options: async () => (await import('./options.ts')).options,
  traits: { commit: 'slice', replay: 'ledger', rejects: true },
  job: async (o) => new (await import('./job.ts')).PostgresJob(o),
  session: async (_options, ticket, context) => {
    const opened = openTicket(ticket);
    if (!opened.relayed) return new PostgresSession(opened, context);
    const { RelaySession } = await import('./transaction/relay-session.ts');
    return new RelaySession(opened, context);
  },
  verify: {
    job: async (o) => new (await import('./verify/job.ts')).PostgresVerify(o),
    session: async (_options, ticket, context) => {
      const [{ PostgresVerifySession }, { openVerifyTicket }] = await Promise.all([
        import('./verify/session.ts'),
        import('./verify/ticket.ts'),
      ]);
      return new PostgresVerifySession(openVerifyTicket(ticket), context);
    },
  },
  status: async (o) => (await import('./status.ts')).readStatus(o),
};
