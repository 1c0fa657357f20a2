// The command line's grammar. Commands load when they run, so that --help answers at once.
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { JOB_FLAGS, REJECT_FLAGS, ROW_FLAGS, SPEED_FLAGS, VALUE_FLAGS } from '../config/flags.ts';
import type { ConnectorManifest, FlagSpec } from '../model/index.ts';
import { packageJson } from '../paths.ts';
import { sinkManifests, sourceManifests } from '../registry.ts';
import {
  type JobArguments,
  LOG_LEVELS,
  type OutputOptions,
  type PlainArguments,
  PROGRESS_MODES,
} from './arguments.ts';
import { addBench } from './commands/bench.ts';
import { givenFlags, optionsOf } from './flags.ts';

/** Called when a command is chosen; each returns the exit code. */
export interface Actions {
  copy(args: JobArguments): Promise<number>;
  plan(args: JobArguments): Promise<number>;
  verify(args: JobArguments): Promise<number>;
  inspect(args: PlainArguments): Promise<number>;
  status(args: PlainArguments): Promise<number>;
}

/** Characters of a help line's text, whatever the terminal. */
const LEAST_HELP_WIDTH = 24;

const COPY_EXAMPLES = `
Examples:
  parload copy flights.parquet postgres://me@db/app --table flights
  parload copy 'data/year=*/*.parquet' postgres:///app --table trips --workers 4
  parload copy day.parquet postgres:///app --table trips --where "fare > 0" --exclude note
  parload copy -c config/ingest.yaml --workers 2
  parload copy big.parquet null:                    how fast reading alone is

Options come from flags, else from PARLOAD_... (PARLOAD_WORKERS=4), else from the job file. PG* variables mean what
they mean to psql; a password is best left to PGPASSWORD, ~/.pgpass or --password-file.
`;

const PLAN_EXAMPLES = `
Examples:
  parload plan flights.parquet postgres://me@db/app --table flights
  parload plan -c config/ingest.yaml --json
`;

const VERIFY_EXAMPLES = `
Give it what copy was given; options that only change a load say nothing here. Exit code 0: equal, 6: different.

Examples:
  parload verify flights.parquet postgres://me@db/app --table flights
  parload verify day.parquet postgres:///app --table trips --where "fare > 0" --table-where "day = '2024-01-31'"
`;

const version = (): string => {
  const text = readFileSync(packageJson(), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/** Each flag once, also when several connectors have it: the first one's words are shown. */
function connectorFlags(manifests: readonly ConnectorManifest[], side: string): [FlagSpec, string][] {
  return manifests.flatMap((m) =>
    m.flags.map((spec): [FlagSpec, string] => [
      spec,
      spec.group ?? `${m.kind[0]?.toUpperCase()}${m.kind.slice(1)} ${side}:`,
    ]),
  );
}

function addFlags(command: Command, flags: readonly [FlagSpec, string][]): void {
  for (const [spec, group] of flags) {
    for (const option of optionsOf(spec, group)) {
      if (command.options.some((o) => o.long === option.long)) continue;
      command.addOption(option);
    }
  }
}

/** A flag of several connectors is shown once, under a heading of its own, with every choice that one of them has. */
function merged(flags: readonly [FlagSpec, string][], heading: string): [FlagSpec, string][] {
  const byFlag = new Map<string, [FlagSpec, string][]>();
  for (const entry of flags) byFlag.set(entry[0].flag, [...(byFlag.get(entry[0].flag) ?? []), entry]);
  const all = [...byFlag.values()].map((entries): [FlagSpec, string] => {
    if (entries.length === 1) return entries[0]!;
    const [most] = [...entries].sort((a, b) => (b[0].choices?.length ?? 0) - (a[0].choices?.length ?? 0));
    const choices = [...new Set([...(most![0].choices ?? []), ...entries.flatMap(([s]) => s.choices ?? [])])];
    return [choices.length === 0 ? most![0] : { ...most![0], choices }, heading];
  });
  return [...all.filter(([, group]) => group === heading), ...all.filter(([, group]) => group !== heading)];
}

const connectorSpecs = (): [FlagSpec, string][] => [
  ...connectorFlags(sourceManifests, 'source'),
  ...merged(connectorFlags(sinkManifests, 'sink'), 'Sinks:'),
];

const OUTPUT = 'Output:';

function addOutput(command: Command): void {
  command
    .addOption(new Option('--json', 'result as JSON on stdout').helpGroup(OUTPUT))
    .addOption(new Option('--quiet', 'errors only').helpGroup(OUTPUT))
    .addOption(new Option('-v, --verbose', 'more detail; stacks of errors').helpGroup(OUTPUT))
    .addOption(
      new Option(
        '--log-level <level>',
        `logs on stderr: ${LOG_LEVELS.join(', ')} [warn; on a terminal error]`,
      )
        .env('PARLOAD_LOG')
        .helpGroup(OUTPUT),
    );
  command.addHelpOption(new Option('-h, --help', 'show this').helpGroup(OUTPUT));
}

const outputOf = (options: Record<string, unknown>): OutputOptions => ({
  json: options.json === true,
  quiet: options.quiet === true,
  verbose: options.verbose === true,
  logLevel: typeof options.logLevel === 'string' ? options.logLevel : undefined,
});

function addJobCommand(
  program: Command,
  name: 'copy' | 'plan' | 'verify',
  summary: string,
  examples: string,
  run: (args: JobArguments) => Promise<void>,
): void {
  const specs = connectorSpecs();
  const command = program
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .usage('SOURCE... SINK [options]')
    .argument('[SOURCE... SINK...]', 'paths, folders or globs of Parquet files, then the target');
  command.addOption(new Option('-c, --config <job.yaml>', 'job file; flags override it').helpGroup('Job:'));
  if (name === 'copy') {
    command.addOption(new Option('--dry-run', 'print the plan, change nothing').helpGroup('Job:'));
  }
  if (name === 'verify') {
    const help = 'compare with those rows of the table only';
    command.addOption(new Option('--table-where <sql>', help).helpGroup('Rows and columns:'));
  }
  addFlags(
    command,
    ROW_FLAGS.map((spec) => [spec, 'Rows and columns:']),
  );
  addFlags(
    command,
    VALUE_FLAGS.map((spec) => [spec, 'Values (whatever is changed is counted in the result):']),
  );
  addFlags(
    command,
    REJECT_FLAGS.map((spec) => [spec, 'Rows that are refused (exit code 5 when some were left out):']),
  );
  addFlags(command, specs);
  addFlags(
    command,
    SPEED_FLAGS.map((spec) => [spec, 'Speed and memory:']),
  );
  if (name !== 'plan') {
    command.addOption(
      new Option('--progress <how>', `${PROGRESS_MODES.join(', ')}; on stderr [auto]`)
        .env('PARLOAD_PROGRESS')
        .helpGroup(OUTPUT),
    );
  }
  addOutput(command);
  command.addHelpText('after', examples);
  command.action(async (positional: string[], options: Record<string, unknown>) => {
    await run({
      positional,
      flags: givenFlags([...JOB_FLAGS, ...specs.map(([spec]) => spec)], options),
      config: typeof options.config === 'string' ? options.config : undefined,
      dryRun: options.dryRun === true,
      tableWhere: typeof options.tableWhere === 'string' ? options.tableWhere : undefined,
      progress: typeof options.progress === 'string' ? options.progress : 'auto',
      output: outputOf(options),
    });
  });
}

export function buildProgram(actions: Actions, exit: (code: number) => void): Command {
  const program = new Command('parload')
    .description('Loads Parquet into Postgres with every core, exactly once, inside a memory budget.')
    .usage('<command> [options]')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this; each command has its own --help')
    .helpCommand(false)
    .configureHelp({
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
      // Also beside the long options, or their lines would not be broken at all.
      minWidthToWrap: LEAST_HELP_WIDTH,
    })
    .enablePositionalOptions();
  addJobCommand(program, 'copy', 'load Parquet files into a target', COPY_EXAMPLES, async (args) =>
    exit(await actions.copy(args)),
  );
  addJobCommand(program, 'plan', 'show what copy would do; change nothing', PLAN_EXAMPLES, async (args) =>
    exit(await actions.plan(args)),
  );
  addJobCommand(
    program,
    'verify',
    'compare a table with the files that were loaded into it',
    VERIFY_EXAMPLES,
    async (args) => exit(await actions.verify(args)),
  );
  addInspect(program, async (args) => exit(await actions.inspect(args)));
  addStatus(program, async (args) => exit(await actions.status(args)));
  addBench(program, exit);
  program.addHelpText(
    'after',
    '\nStart with:\n  parload copy FILE.parquet postgres://user@host/db --table NAME\n',
  );
  return program;
}

function addInspect(program: Command, run: (args: PlainArguments) => Promise<void>): void {
  const command = program
    .command('inspect')
    .summary('show schema, row groups, codecs and statistics of files')
    .description('Show schema, row groups, codecs and statistics of Parquet files.')
    .usage('FILE... [options]')
    .argument('<FILE...>', 'Parquet files');
  addOutput(command);
  command.addHelpText('after', '\nExample:\n  parload inspect flights.parquet\n');
  command.action((positional: string[], options: Record<string, unknown>) =>
    run({ positional, flags: {}, output: outputOf(options) }),
  );
}

function addStatus(program: Command, run: (args: PlainArguments) => Promise<void>): void {
  const specs = connectorFlags(sinkManifests, 'sink').filter(
    ([spec]) => spec.key === 'table' || /^(ssl|password|connect)/.test(spec.key),
  );
  const command = program
    .command('status')
    .summary('show what the ledger in a target says about its jobs')
    .description('Show what the ledger in a target says about its jobs.')
    .usage('SINK [options]')
    .argument('<SINK>', 'as postgres://host/db');
  addFlags(command, specs);
  addOutput(command);
  command.addHelpText('after', '\nExample:\n  parload status postgres://me@db/app --table flights\n');
  command.action((sink: string, options: Record<string, unknown>) =>
    run({
      positional: [sink],
      flags: givenFlags(
        specs.map(([spec]) => spec),
        options,
      ),
      output: outputOf(options),
    }),
  );
}
