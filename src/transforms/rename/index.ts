// `--rename old=new`: other names, same values.
import * as z from 'zod';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowSchema, Transform, TransformModule } from '../../model/index.ts';

const options = z.strictObject({
  /** Name in the source -> name in the target. All at once, so two columns can swap names. */
  rename: z.record(z.string().min(1), z.string().min(1)),
});

export type RenameOptions = z.infer<typeof options>;

function renamed(rename: RenameOptions['rename'], input: ArrowSchema): ArrowSchema {
  const news = new Map(Object.entries(rename));
  const known = new Set(input.fields.map((field) => field.name));
  for (const column of news.keys()) {
    if (known.has(column)) continue;
    throw new ParloadError('COLUMN_UNKNOWN', `rename: there is no column "${column}"`, {
      where: { column, option: 'rename' },
    });
  }
  const taken = new Set<string>();
  const fields = input.fields.map((field) => {
    const name = news.get(field.name) ?? field.name;
    if (taken.has(name)) {
      throw new ParloadError('CONFIG_INVALID', `rename: two columns would be called "${name}"`, {
        where: { column: name, option: 'rename' },
      });
    }
    taken.add(name);
    return { ...field, name };
  });
  return { fields };
}

class RenameTransform implements Transform {
  /** Names differ before and after, so nothing can be said about what is needed but "all that comes in". */
  readonly requires = null;
  readonly schema: ArrowSchema;
  readonly pruner = null;

  constructor(rename: RenameOptions['rename'], input: ArrowSchema) {
    this.schema = renamed(rename, input);
  }

  apply(batch: ArrowBatch): ArrowBatch {
    return { ...batch, schema: this.schema };
  }
}

export const transform: TransformModule<RenameOptions> = {
  kind: 'rename',
  options,
  create: ({ rename }, input) => new RenameTransform(rename, input),
};
