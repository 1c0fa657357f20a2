// The schema of a job as JSON Schema: for editors, and for the reference. Loads every connector.
import * as z from 'zod';
import { sinkManifests, sinkModule, sourceManifests, sourceModule } from '../registry.ts';
import { jobSchema } from './schema.ts';

export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** What may be written: before defaults and conversions. */
const toSchema = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest as JsonSchema;
};

export interface ConnectorSchema {
  readonly kind: string;
  readonly schema: JsonSchema;
}

export interface JobSchemas {
  readonly job: JsonSchema;
  readonly sources: readonly ConnectorSchema[];
  readonly sinks: readonly ConnectorSchema[];
}

export async function jobSchemas(): Promise<JobSchemas> {
  return {
    job: toSchema(jobSchema),
    sources: await Promise.all(
      sourceManifests.map(async ({ kind }) => ({
        kind,
        schema: toSchema(await (await sourceModule(kind)).options()),
      })),
    ),
    sinks: await Promise.all(
      sinkManifests.map(async ({ kind }) => ({
        kind,
        schema: toSchema(await (await sinkModule(kind)).options()),
      })),
    ),
  };
}

/** A connector's options in their long form, with the kind for what a URI does not tell. */
const longForm = ({ kind, schema }: ConnectorSchema): JsonSchema => ({
  title: kind,
  ...schema,
  properties: { kind: { const: kind }, ...schema.properties },
});

/** One schema for the editor: source and sink with the options of every connector. */
export async function editorSchema(): Promise<JsonSchema> {
  const { job, sources, sinks } = await jobSchemas();
  const text = { type: 'string', minLength: 1 };
  const { source, sink, ...rest } = job.properties ?? {};
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'parload job',
    ...job,
    properties: {
      source: {
        description: source?.description ?? '',
        anyOf: [text, { type: 'array', items: text, minItems: 1 }, ...sources.map(longForm)],
      },
      sink: { description: sink?.description ?? '', anyOf: [text, ...sinks.map(longForm)] },
      ...rest,
    },
  };
}
