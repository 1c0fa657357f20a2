// From a resolved job to open handles: source inspected, transforms checked against its schema.

import type { ResolvedJob, TransformChoice } from '../config/resolved.ts';
import { ParloadError } from '../errors/index.ts';
import type { ArrowSchema, InputInfo, ReadRequest, SinkJob, Source } from '../model/index.ts';
import { sinkModule, sourceModule } from '../registry.ts';
import { didYouMean } from '../runtime/index.ts';
import { buildChain, narrow, type TransformChain } from '../slice-runner/index.ts';
import { isRejectsFile, REJECT_FIELDS } from './reject-fields.ts';

export interface OpenJob {
  readonly source: Source;
  readonly sink: SinkJob;
  /** Cloneable handles for the workers' readers. */
  readonly shared: unknown;
  readonly inputs: readonly InputInfo[];
  readonly read: ReadRequest;
  /** The job's own, and what the kind of input adds. */
  readonly transforms: readonly TransformChoice[];
  /** What the source will deliver: all of its columns, or those that are needed. */
  readonly delivered: ArrowSchema;
  /** What arrives at the sink. */
  readonly outgoing: ArrowSchema;
  close(): Promise<void>;
}

/** Names in options that the source does not have are refused before anything else happens. */
function checkColumns(job: ResolvedJob, schema: ArrowSchema): void {
  const known = new Set(schema.fields.map((f) => f.name));
  const check = (names: Iterable<string>, option: string): void => {
    for (const column of names) {
      if (known.has(column)) continue;
      throw new ParloadError(
        'COLUMN_UNKNOWN',
        `${option}: the source has no column "${column}"${didYouMean(column, known)}`,
        { where: { column, option } },
      );
    }
  };
  check(job.columns ?? [], 'columns');
  check(job.exclude, 'exclude');
  check(Object.keys(job.rename), 'rename');
}

/** Rejects load again by the same command: what was written beside their rows stays out, unless it is asked for. */
function transformsFor(job: ResolvedJob, schema: ArrowSchema): readonly TransformChoice[] {
  if (job.columns !== null || !isRejectsFile(schema)) return job.transforms;
  const own = REJECT_FIELDS.map(({ name }) => name).filter((name) => !job.exclude.includes(name));
  if (own.length === 0) return job.transforms;
  return [{ kind: 'select', options: { exclude: own } }, ...job.transforms];
}

/** Every handle made here is closed by `close`, also when opening fails half-way. */
export async function openJob(job: ResolvedJob): Promise<OpenJob> {
  const [sources, sinks] = await Promise.all([sourceModule(job.source.kind), sinkModule(job.sink.kind)]);
  const shared = await sources.share();
  const source = await sources.planner(job.source.options, shared);
  let sink: SinkJob | null = null;
  const close = async (): Promise<void> => {
    await sink?.close().catch(() => undefined);
    await source.close().catch(() => undefined);
  };
  try {
    const { inputs, schema } = await source.inspect({ evolve: job.schemaChange === 'evolve' });
    checkColumns(job, schema);
    const transforms = transformsFor(job, schema);
    const { requires, pruner } = await buildChain(transforms, schema);
    const delivered = narrow(schema, requires);
    const chain: TransformChain = await buildChain(transforms, delivered);
    sink = await sinks.job(job.sink.options);
    const read: ReadRequest = { columns: requires, pruner };
    return { source, sink, shared, inputs, read, transforms, delivered, outgoing: chain.schema, close };
  } catch (error) {
    await close();
    throw error;
  }
}
