// `--columns` and `--exclude`: which columns go on, by name.
import * as z from 'zod';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowSchema, Transform, TransformModule } from '../../model/index.ts';

const names = z.array(z.string().min(1)).min(1);

const options = z.union([
  /** Only these, in this order. */
  z.strictObject({ columns: names }),
  /** All but these. */
  z.strictObject({ exclude: names }),
]);

export type SelectOptions = z.infer<typeof options>;

function positionsOf(list: readonly string[], schema: ArrowSchema, option: string): number[] {
  const seen = new Set<string>();
  return list.map((column) => {
    const where = { column, option };
    const at = schema.fields.findIndex((field) => field.name === column);
    if (at < 0)
      throw new ParloadError('COLUMN_UNKNOWN', `${option}: there is no column "${column}"`, { where });
    if (seen.has(column))
      throw new ParloadError('CONFIG_INVALID', `${option}: "${column}" is named twice`, { where });
    seen.add(column);
    return at;
  });
}

function positions(choice: SelectOptions, input: ArrowSchema): number[] {
  if ('columns' in choice) return positionsOf(choice.columns, input, 'columns');
  // a source asked for less does not deliver what is excluded, so a name that is not there is no error here
  const dropped = new Set(choice.exclude);
  const kept = input.fields.flatMap((field, i) => (dropped.has(field.name) ? [] : [i]));
  if (kept.length === 0) {
    throw new ParloadError('CONFIG_INVALID', 'exclude: no column is left', { where: { option: 'exclude' } });
  }
  return kept;
}

class SelectTransform implements Transform {
  readonly requires: readonly string[];
  readonly schema: ArrowSchema;
  readonly pruner = null;
  readonly #kept: readonly number[];

  constructor(choice: SelectOptions, input: ArrowSchema) {
    this.#kept = positions(choice, input);
    this.schema = { fields: this.#kept.map((i) => input.fields[i]!) };
    this.requires = this.schema.fields.map((field) => field.name);
  }

  apply(batch: ArrowBatch): ArrowBatch {
    return { ...batch, schema: this.schema, columns: this.#kept.map((i) => batch.columns[i]!) };
  }
}

export const transform: TransformModule<SelectOptions> = {
  kind: 'select',
  options,
  create: (choice, input) => new SelectTransform(choice, input),
};
