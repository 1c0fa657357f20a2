import * as z from 'zod';

export const options = z.strictObject({
  url: z
    .string()
    .default('null:')
    .describe('null: counts; null:pg or null:?encode=pg-copy-binary encodes as for a new Postgres table'),
});

export type NullOptions = z.output<typeof options>;
