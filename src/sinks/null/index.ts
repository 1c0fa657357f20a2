import type { ArrowSchema, SinkModule } from '../../model/index.ts';
import { encoderOf, encodingOf } from './encoding.ts';
import { NullJob } from './job.ts';
import type { NullOptions } from './options.ts';
import { NullSession } from './session.ts';

export const sink: SinkModule<NullOptions> = {
  kind: 'null',
  options: async () => (await import('./options.ts')).options,
  traits: { commit: 'slice', replay: 'none' },
  job: async (o) => new NullJob(o),
  session: async (o, ticket, context) => {
    const { schema } = ticket as unknown as { readonly schema: ArrowSchema };
    const pg = await encoderOf(encodingOf(o));
    if (pg === null) return new NullSession(null, context);
    const targets = schema.fields.map((field) => ({ name: field.name, type: pg.defaultPgType(field) }));
    const { policies } = context;
    return new NullSession(pg.createPgCopyEncoder(schema, targets, { policies }), context);
  },
};
