// Which cases there are: named ones from YAML, or a matrix of what the command line asks for.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ParloadError } from '../src/errors/index.ts';
import type { CaseSpec, Tool } from '../src/report/bench/results.ts';
import type { BenchOptions } from './options.ts';

export const DEFAULT_RUNS = 3;
/** Name of the data that the command line gives. */
export const GIVEN = 'given';

export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly CaseSpec[];
}

const oneOrMany = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);
const workers = z.union([z.int().min(1), z.literal('cores')]);
const slice = z.string().regex(/^(auto|row-group|rows:\d+)$/, 'is not auto, row-group or rows:N');
const tool = z
  .string()
  .regex(
    /^(parload|floor|psql|peer:[a-z]+|start:(node|help|copy))$/,
    'is not parload, floor, psql, peer:NAME, start:node, start:help or start:copy',
  );

const caseSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().optional(),
  data: oneOrMany(z.string()),
  tool: tool.default('parload'),
  sink: oneOrMany(z.enum(['null:', 'null:pg', 'postgres', 'crate'])).default('postgres'),
  workers: oneOrMany(workers).default(1),
  slice: oneOrMany(slice).optional(),
  args: z.array(z.string()).default([]),
  runs: z.int().min(1).optional(),
});

const suiteSchema = z.strictObject({
  title: z.string(),
  runs: z.int().min(1).default(DEFAULT_RUNS),
  cases: z.array(caseSchema).min(1),
});

type CaseInput = z.output<typeof caseSchema>;

const many = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** At least 2, so that `cores` always means several workers. */
const workerCount = (value: number | 'cores'): number =>
  value === 'cores' ? Math.max(2, availableParallelism()) : value;

/** One case of YAML as many, wherever it has a list; the id then says which. */
function expand(input: CaseInput, runs: number): CaseSpec[] {
  const out: CaseSpec[] = [];
  for (const data of many(input.data))
    for (const sink of many(input.sink))
      for (const how of many(input.slice ?? (input.tool === 'parload' ? 'auto' : '')))
        for (const count of new Set(many(input.workers).map(workerCount))) {
          const named = [
            [input.data, data],
            [input.sink, sink],
            [input.slice, how],
            [input.workers, `${count}w`],
          ].flatMap(([given, name]) => (Array.isArray(given) ? [name as string] : []));
          const id = [input.id, ...named].join(' ');
          out.push({
            id,
            title: input.title ?? id,
            tool: input.tool as Tool,
            data,
            sink,
            workers: count,
            slice: how,
            args: input.args,
            runs: input.runs ?? runs,
          });
        }
  return out;
}

export function parseSuite(name: string, yaml: string): Suite {
  const result = suiteSchema.safeParse(parse(yaml));
  if (!result.success) {
    throw new ParloadError('CONFIG_INVALID', `cases "${name}": ${z.prettifyError(result.error)}`);
  }
  const cases = result.data.cases.flatMap((input) => expand(input, result.data.runs));
  const ids = cases.map((c) => c.id);
  const double = ids.find((id, i) => ids.indexOf(id) !== i);
  if (double !== undefined) {
    throw new ParloadError('CONFIG_INVALID', `cases "${name}": two cases are called "${double}"`);
  }
  return { name, title: result.data.title, cases };
}

/** `bars` -> bench/cases/bars.yaml; anything with a dot or slash is a path. */
export function readSuite(nameOrPath: string, root: string): Suite {
  const path = /[./]/.test(nameOrPath) ? nameOrPath : join(root, 'bench', 'cases', `${nameOrPath}.yaml`);
  if (!existsSync(path)) {
    throw new ParloadError('CONFIG_UNREADABLE', `there are no cases called "${nameOrPath}"`, {
      hint: 'Named cases are the files in bench/cases; others are given as paths of YAML files.',
    });
  }
  return parseSuite(basename(path).replace(/\.ya?ml$/, ''), readFileSync(path, 'utf8'));
}

const isPostgres = (url: string): boolean => /^postgres(ql)?:\/\//.test(url);

function sinksOf(options: BenchOptions): string[] {
  const own = options.sink ?? 'null:';
  if (!isPostgres(own) && !own.startsWith('null:')) {
    throw new ParloadError('USAGE', 'the benchmark knows Postgres and null: as sinks', {
      hint: 'Give postgres://user@host/db, null: or null:pg as the sink.',
    });
  }
  return [...new Set([...options.sinks, isPostgres(own) ? 'postgres' : own])];
}

/** Workers x slices x sinks over the files of the command line, and the floor beside them. */
export function matrixSuite(options: BenchOptions): Suite {
  const sinks = sinksOf(options);
  const runs = options.runs ?? DEFAULT_RUNS;
  const common = { data: GIVEN, runs, args: options.args };
  const cases: CaseSpec[] = [];
  for (const sink of sinks)
    for (const how of options.slices)
      for (const count of options.workers) {
        const id = [sink, ...(options.slices.length > 1 ? [how] : []), `${count}w`].join(' ');
        cases.push({ ...common, id, title: id, tool: 'parload', sink, workers: count, slice: how });
      }
  if (options.floor && sinks.includes('postgres')) {
    for (const count of options.workers) {
      const id = `floor ${count}w`;
      const title = `ready-made bytes, ${count} ${count === 1 ? 'connection' : 'connections'}`;
      cases.push({
        ...common,
        args: [],
        id,
        title,
        tool: 'floor',
        sink: 'postgres',
        workers: count,
        slice: '',
      });
    }
  }
  return { name: 'matrix', title: options.sources.join(' '), cases };
}
