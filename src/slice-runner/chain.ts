// The transforms of a job as one step. Built on the main thread for planning and again in each worker, from plain data.
import type { ArrowBatch, ArrowSchema, Json, Pruner, Transform } from '../model/index.ts';
import { transformModule } from '../registry.ts';

export interface TransformSpec {
  readonly kind: string;
  /** As the module's own zod schema gave it. */
  readonly options: Json;
}

export interface TransformChain {
  /** What comes out. */
  readonly schema: ArrowSchema;
  /** Columns that must go in, in the source's order; null = all. */
  readonly requires: readonly string[] | null;
  readonly pruner: Pruner | null;
  apply(batch: ArrowBatch): ArrowBatch;
}

const namesOf = (schema: ArrowSchema): string[] => schema.fields.map((f) => f.name);

/**
 * Walks back from the result: a step needs what it asks for itself and what it lets through to the next one.
 * A step that does not say (`requires: null`) needs all of its input.
 */
function requiredColumns(input: ArrowSchema, steps: readonly Transform[]): readonly string[] | null {
  let needed = new Set(namesOf(steps.at(-1)?.schema ?? input));
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!;
    const incoming = namesOf(i === 0 ? input : steps[i - 1]!.schema);
    if (step.requires === null) needed = new Set(incoming);
    else needed = new Set(incoming.filter((n) => needed.has(n) || step.requires!.includes(n)));
  }
  const all = namesOf(input);
  return needed.size === all.length ? null : all.filter((n) => needed.has(n));
}

/** Pruners speak of the source's columns, so only those of steps before the first change of names count. */
function combinedPruner(input: ArrowSchema, steps: readonly Transform[]): Pruner | null {
  const original = new Set(namesOf(input));
  const pruners: Pruner[] = [];
  for (const step of steps) {
    if (step.pruner !== null) pruners.push(step.pruner);
    if (!namesOf(step.schema).every((n) => original.has(n))) break;
  }
  return pruners.length === 0 ? null : (statsOf) => pruners.some((prune) => prune(statsOf));
}

export async function buildChain(
  specs: readonly TransformSpec[],
  input: ArrowSchema,
): Promise<TransformChain> {
  const steps: Transform[] = [];
  for (const spec of specs) {
    const module = await transformModule(spec.kind);
    steps.push(module.create(spec.options, steps.at(-1)?.schema ?? input));
  }
  return {
    schema: steps.at(-1)?.schema ?? input,
    requires: requiredColumns(input, steps),
    pruner: combinedPruner(input, steps),
    apply: (batch) => {
      for (const step of steps) batch = step.apply(batch);
      return batch;
    },
  };
}

/** The part of a schema that a source delivers when asked for `columns`. */
export const narrow = (schema: ArrowSchema, columns: readonly string[] | null): ArrowSchema =>
  columns === null ? schema : { fields: schema.fields.filter((f) => columns.includes(f.name)) };
