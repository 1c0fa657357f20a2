// The one schema of a job: for YAML files, flags and the library. Connectors add their own options under source and sink.
import * as z from 'zod';
import { ParloadError } from '../errors/index.ts';
import type { PlanHints } from '../model/index.ts';
import { MiB, parseBytes, parseDurationMs } from '../runtime/index.ts';
import { splitList } from './flags.ts';
import { policyShape } from './policies.ts';

export const DEFAULT_BATCH_BYTES = MiB;
export const DEFAULT_RETRIES = 5;
export const DEFAULT_RETRY_BUDGET = '2m';
/** More connections than this need to be asked for. */
export const MOST_DEFAULT_WORKERS = 16;
const MOST_WORKERS = 1024;
const LEAST_BATCH_BYTES = 64 * 1024;

/** Turns what a helper throws into an issue, so that it is reported with its place in the file. */
const parsed = <T>(parse: () => T, context: z.core.$RefinementCtx<unknown>): T => {
  try {
    return parse();
  } catch (error) {
    if (!ParloadError.is(error)) throw error;
    // The issue is shown with its option's name already.
    const message = error.message.replace(/^\w+: /, '');
    context.issues.push({ code: 'custom', message, input: context.value });
    return z.NEVER;
  }
};

/** Numbers may arrive as text from `${env:X}`. */
const whole = (least: number, most: number) => {
  const number = z.int().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`);
  return z.union([number, z.string().regex(/^\d+$/).transform(Number)]).pipe(number);
};

const bytes = (option: string, least: number) =>
  z.union([z.int(), z.string()]).transform((value, context) =>
    parsed(() => {
      const size = typeof value === 'number' ? value : parseBytes(value, option);
      if (size < least) {
        throw new ParloadError('CONFIG_INVALID', `must be at least ${least} bytes`);
      }
      return size;
    }, context),
  );

/** Milliseconds; a plain number is seconds. */
const duration = (option: string) =>
  z
    .union([z.number().nonnegative(), z.string()])
    .transform((value, context) => parsed(() => parseDurationMs(String(value), option), context));

const names = z
  .union([z.string().transform(splitList), z.array(z.string().min(1))])
  .refine((list) => list.length > 0, 'names no column');

const slice = z
  .string()
  .regex(/^(auto|row-group|rows:[1-9]\d*)$/, 'must be auto, row-group or rows:N, as rows:100000')
  .transform((text): PlanHints['slice'] => {
    if (text === 'auto') return { kind: 'auto' };
    if (text === 'row-group') return { kind: 'row-group' };
    return { kind: 'rows', rows: Number(text.slice('rows:'.length)) };
  });

function parseRename(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1 || at === pair.length - 1) {
        throw new ParloadError('CONFIG_INVALID', `"${pair}" is not from=to`);
      }
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

const rename = z
  .union([z.record(z.string(), z.string().min(1)), z.string(), z.array(z.string())])
  .transform((value, context) =>
    parsed(() => {
      if (typeof value === 'string') return parseRename(splitList(value));
      return Array.isArray(value) ? parseRename(value) : value;
    }, context),
  );

const paths = z.array(z.string().min(1)).min(1);

export const jobSchema = z.strictObject({
  source: z
    .union([z.string().min(1), paths, z.record(z.string(), z.unknown())])
    .describe(
      'Where rows come from: a path, folder, glob or list of them; or an object with `paths` and options',
    ),
  sink: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .describe('Where rows go: a URI; or an object with `url` and options'),
  columns: names.optional().describe('Load only these columns, by their names in the source'),
  exclude: names.optional().describe('Load all columns but these'),
  rename: rename.optional().describe('Names in the target: source name -> target name'),
  where: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Load only rows that pass: comparisons, in, is null, joined by and. `fare >= 10 and code in ('a','b')`",
    ),
  ...policyShape,
  schema: z
    .enum(['strict', 'evolve'])
    .default('strict')
    .describe(
      'Columns that differ: strict refuses; evolve adds columns to the table, widens types, and loads NULL for what a file lacks',
    ),
  onError: z
    .enum(['stop', 'skip'])
    .optional()
    .describe(
      'A row that the target refuses: stop, or skip it; default stop, with maxErrors or rejects skip',
    ),
  maxErrors: whole(1, 2 ** 31 - 1)
    .optional()
    .describe('With skip: most rows of the job that may be rejected, in all of its runs; default 1000'),
  rejects: z
    .string()
    .min(1)
    .optional()
    .describe('Parquet file that gets the rejected rows, with the reason of each'),
  again: z.boolean().default(false).describe('Load a second time what the ledger shows as loaded'),
  workers: whole(1, MOST_WORKERS)
    .optional()
    .describe(
      `Worker threads, each with a connection of its own; default one a core, at most ${MOST_DEFAULT_WORKERS}`,
    ),
  memory: bytes('memory', MiB)
    .optional()
    .describe(
      'Budget of the process, as 512MiB or 2g; default a quarter of the machine or of the cgroup limit',
    ),
  slice: slice.optional().describe('Unit of work, retry and commit: auto, row-group or rows:N; default auto'),
  batchRows: whole(1, 2 ** 31 - 1)
    .optional()
    .describe('Most rows decoded at a time; default by size'),
  batchBytes: bytes('batchBytes', LEAST_BATCH_BYTES)
    .optional()
    .describe('Bytes encoded at a time; default 1MiB'),
  retries: whole(0, 1000)
    .default(DEFAULT_RETRIES)
    .describe('How often a failed slice is tried again; 0 also means not to wait for a target that is away'),
  retryBudget: duration('retryBudget')
    .prefault(DEFAULT_RETRY_BUDGET)
    .describe('How long to wait for a target that is away, restarting or full, as 2m; default 2m'),
});

/** A job as it is written: in a YAML file, or given to `copy()`. */
export type JobInput = z.input<typeof jobSchema>;
export type JobOutput = z.output<typeof jobSchema>;

/** Every option of a job that is not a connector's. */
export const JOB_KEYS: readonly string[] = Object.keys(jobSchema.shape);
