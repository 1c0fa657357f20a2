// From what was said to a job that can run: merged, validated, defaults filled in.
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { ParloadError } from '../errors/index.ts';
import type { Json, RejectPolicy, StatusOptions } from '../model/index.ts';
import { sinkManifests, sinkModule, sourceManifests, sourceModule, transformModule } from '../registry.ts';
import { memoryLimitBytes, parseDurationMs, redactUri } from '../runtime/index.ts';
import type { JobFile } from './file.ts';
import { JOB_FLAGS } from './flags.ts';
import { configError, type IssueContext } from './issues.ts';
import { type CommandLine, type Env, Layers, type MergedJob, type Side } from './layers.ts';
import { policiesOf } from './policies.ts';
import type { ConnectorChoice, ResolvedJob, TransformChoice } from './resolved.ts';
import {
  DEFAULT_BATCH_BYTES,
  JOB_KEYS,
  type JobInput,
  type JobOutput,
  jobSchema,
  MOST_DEFAULT_WORKERS,
} from './schema.ts';

/** Default share of the machine's or the cgroup's memory. */
const MEMORY_SHARE = 1 / 4;
const DEFAULT_STALL_TIMEOUT = '60s';

/** A job given to the library. The environment does not speak here: a program says what it wants. */
export async function resolveJob(job: JobInput): Promise<ResolvedJob> {
  const layers = new Layers();
  layers.addJob(job as Record<string, unknown>, () => null);
  return resolve(layers.merge());
}

export interface CommandInput {
  /** Path of a YAML job. */
  readonly file?: string | undefined;
  readonly line: CommandLine;
  readonly env: Env;
}

/** Flag before environment before file before default. */
export async function resolveCommand(input: CommandInput): Promise<ResolvedJob> {
  const layers = new Layers();
  if (input.file !== undefined) {
    // yaml loads with it, which most commands do without
    const { loadJobFile } = await import('./file.ts');
    const file: JobFile = loadJobFile(input.file, input.env);
    layers.addJob(file.job, (path) => file.placeOf(path));
  }
  layers.addEnv(input.env);
  layers.addCommandLine(input.line);
  return resolve(layers.merge());
}

/** The sink alone, for `status`: what a job requires of it, as a table, is not required here. */
export async function resolveSink(
  sink: JobInput['sink'],
  line: CommandLine = { flags: {} },
  env: Env = {},
): Promise<{ readonly kind: string; readonly options: StatusOptions }> {
  const layers = new Layers();
  layers.addJob({ sink }, () => null);
  layers.addEnv(env);
  layers.addCommandLine(line);
  const { kind, options } = layers.sinkOnly();
  const schema = await (await sinkModule(kind)).options();
  const partial = schema instanceof z.ZodObject ? schema.partial() : schema;
  const choice = parseConnector('sink', { kind, options }, partial, (path) => layers.placeOf(path));
  return { kind, options: choice.options as StatusOptions };
}

async function resolve(merged: MergedJob): Promise<ResolvedJob> {
  const { source, sink } = merged.connectors;
  const job = parseJob(merged);
  const [sources, sinks] = await Promise.all([sourceModule(source.kind), sinkModule(sink.kind)]);
  const sourceChoice = parseConnector('source', source, await sources.options(), merged.placeOf);
  const sinkChoice = parseConnector('sink', sink, await sinks.options(), merged.placeOf);
  const transforms = await transformsOf(job, merged);
  return {
    source: sourceChoice,
    sink: sinkChoice,
    transforms,
    transformsKey: transformsKey(job),
    columns: job.columns ?? null,
    exclude: job.exclude ?? [],
    rename: job.rename ?? {},
    policies: policiesOf(job),
    schemaChange: job.schema,
    rejects: rejectPolicy(job, sinks.traits.rejects === true, sink.kind),
    workers: job.workers ?? Math.min(availableParallelism(), MOST_DEFAULT_WORKERS),
    workersNamed: job.workers !== undefined,
    slice: job.slice ?? { kind: 'auto' },
    batchRows: job.batchRows ?? null,
    batchBytes: job.batchBytes ?? DEFAULT_BATCH_BYTES,
    memoryBytes: job.memory ?? Math.floor(memoryLimitBytes() * MEMORY_SHARE),
    again: job.again,
    retries: job.retries,
    retryBudgetMs: job.retryBudget,
    stallTimeoutMs: stallTimeoutMs(sinkChoice),
    display: { source: displaySource(source.options), target: displaySink(sink.options, sink.kind) },
  };
}

function parseJob(merged: MergedJob): JobOutput {
  const { source, sink } = merged.connectors;
  const result = jobSchema.safeParse({ ...merged.options, source: source.options, sink: sink.options });
  if (!result.success) {
    throw configError(result.error, {
      prefix: [],
      known: JOB_KEYS,
      flagOf: (key) => flagText(JOB_FLAGS, key),
      placeOf: merged.placeOf,
    });
  }
  if (result.data.columns !== undefined && result.data.exclude !== undefined) {
    throw new ParloadError(
      'CONFIG_INVALID',
      'columns and exclude say the same thing twice; give one of them',
    );
  }
  return result.data;
}

const DEFAULT_MAX_ERRORS = 1000;

function rejectPolicy(job: JobOutput, possible: boolean, kind: string): RejectPolicy {
  const { maxErrors = DEFAULT_MAX_ERRORS, rejects: file = null } = job;
  const asked = job.maxErrors !== undefined || file !== null;
  const onError = job.onError ?? (asked ? 'skip' : 'stop');
  if (onError === 'stop' && asked) {
    throw new ParloadError(
      'CONFIG_INVALID',
      'maxErrors and rejects say what becomes of skipped rows, but onError is stop',
    );
  }
  if (onError === 'skip' && !possible) {
    throw new ParloadError('CONFIG_INVALID', `a ${kind} sink cannot leave single rows out`, {
      where: { option: 'onError' },
    });
  }
  return { onError, maxErrors, file };
}

const flagText = (flags: typeof JOB_FLAGS, key: string): string | null => {
  const spec = flags.find((f) => f.key === key);
  if (spec === undefined) return null;
  return spec.placeholder === undefined ? spec.flag : `${spec.flag} <${spec.placeholder}>`;
};

const shapeKeys = (schema: z.ZodType): string[] =>
  Object.keys((schema as { shape?: Record<string, unknown> }).shape ?? {});

function parseConnector(
  side: Side,
  choice: { kind: string; options: Record<string, unknown> },
  schema: z.ZodType,
  placeOf: MergedJob['placeOf'],
): ConnectorChoice {
  const result = schema.safeParse(choice.options);
  if (result.success) return { kind: choice.kind, options: result.data };
  const manifests = side === 'source' ? sourceManifests : sinkManifests;
  const flags = manifests.find((m) => m.kind === choice.kind)?.flags ?? [];
  const context: IssueContext = {
    prefix: [side],
    known: [...shapeKeys(schema), 'kind'],
    flagOf: (key) => flagText(flags, key),
    placeOf,
  };
  throw configError(result.error, context);
}

/** Filters see the source's own names, so they come first; names change last. */
async function transformsOf(job: JobOutput, merged: MergedJob): Promise<TransformChoice[]> {
  const wanted: TransformChoice[] = [];
  if (job.where !== undefined) wanted.push({ kind: 'where', options: { where: job.where } });
  if (job.columns !== undefined) wanted.push({ kind: 'select', options: { columns: job.columns } });
  if (job.exclude !== undefined) wanted.push({ kind: 'select', options: { exclude: job.exclude } });
  if (job.rename !== undefined) wanted.push({ kind: 'rename', options: { rename: job.rename } });
  return Promise.all(
    wanted.map(async ({ kind, options }) => {
      const result = (await transformModule(kind)).options.safeParse(options);
      if (result.success) return { kind, options: result.data as Json };
      throw configError(result.error, { prefix: [], known: [], flagOf: () => null, placeOf: merged.placeOf });
    }),
  );
}

/** The order in which columns or names were listed does not change what is loaded. */
export function transformsKey(job: Pick<JobOutput, 'columns' | 'exclude' | 'rename' | 'where'>): string {
  const rename = Object.entries(job.rename ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify([
    job.columns?.toSorted() ?? null,
    job.exclude?.toSorted() ?? null,
    rename,
    job.where?.trim() ?? null,
  ]);
  return createHash('sha256').update(canonical).digest('hex').slice(0, 32);
}

const stallTimeoutMs = (sink: ConnectorChoice): number => {
  const own = (sink.options as { stallTimeout?: string | number } | null)?.stallTimeout;
  return parseDurationMs(String(own ?? DEFAULT_STALL_TIMEOUT), 'stallTimeout');
};

const displaySource = (options: Record<string, unknown>): string[] => {
  const uris = Array.isArray(options.paths) ? options.paths : [options.url];
  return uris.filter((u) => typeof u === 'string').map(redactUri);
};

const displaySink = (options: Record<string, unknown>, kind: string): string =>
  typeof options.url === 'string' ? redactUri(options.url) : `${kind}:`;
