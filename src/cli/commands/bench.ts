// `parload bench`: the same benchmark as `make bench`, over the user's own files. The benchmark is not part of what
// other programs load, so it is found by its place, and only when it is asked for.
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { ParloadError } from '../../errors/index.ts';
import { benchMain } from '../../paths.ts';

const EXAMPLES = `
Examples:
  parload bench flights.parquet postgres://me@localhost/db --workers 1,2,4
  parload bench flights.parquet null: --slice auto,row-group --runs 5
  parload bench --cases article --out results

It makes a database of its own, parload_bench, and drops it at the end; nothing else on the server is touched.
`;

/** Flags as the benchmark itself takes them, with their placeholders. */
const FLAGS: readonly (readonly [flags: string, help: string])[] = [
  ['--workers <n,..>', 'worker counts [1, 2 and 4 as far as there are cores]'],
  ['--slice <how,..>', 'slice kinds: auto, row-group, rows:N [auto]'],
  ['--sinks <uri,..>', 'further sinks for comparison: null:, null:pg or none [null:,null:pg]'],
  ['--runs <n>', 'runs of each case [3]'],
  ['--cases <name,..>', 'named cases with data of their own: files in bench/cases, or paths of YAML files'],
  ['--only <regex>', 'only cases whose id matches'],
  ['--args <flags>', 'further flags of copy for every case, as one text'],
  ['--no-floor', 'without the floor: ready-made bytes sent by themselves'],
  ['--checksum <when>', 'sums of the columns after every, first or none of the runs [first]'],
  ['--out <dir>', 'where results go [.parload/bench/results/<time>]'],
  ['--from <file>', 'shows earlier results again'],
];

const long = (flags: string): string => flags.split(' ')[0]!;

/** Back to words: commander only checks them and writes the help. */
function toArguments(positional: readonly string[], options: Readonly<Record<string, unknown>>): string[] {
  const args = [...positional];
  for (const [flags] of FLAGS) {
    const name = long(flags).replace(/^--(no-)?/, '');
    if (flags === '--no-floor') {
      if (options.floor === false) args.push('--no-floor');
    } else if (typeof options[name] === 'string') {
      // One word, or a value that begins with a dash would be taken for a flag.
      args.push(`--${name}=${options[name]}`);
    }
  }
  return args;
}

export async function benchCommand(args: readonly string[]): Promise<number> {
  const main = benchMain();
  if (!existsSync(main)) {
    throw new ParloadError('USAGE', 'this installation has no benchmark', {
      hint: 'It is part of the repository: make build, and then node bin/parload.js bench.',
    });
  }
  const { bench } = (await import(main.href)) as { bench: (args: readonly string[]) => Promise<number> };
  return bench(args);
}

export function addBench(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('bench')
    .summary('compare worker counts, slice kinds and sinks')
    .description('Compare worker counts, slice kinds and sinks, and say what held each back.')
    .usage('SOURCE... SINK [options]')
    .argument(
      '[SOURCE... SINK...]',
      'paths, folders or globs of Parquet files, then postgres://... or null:',
    );
  for (const [flags, help] of FLAGS) command.addOption(new Option(flags, help));
  command.addHelpText('after', EXAMPLES);
  command.action(async (positional: string[], options: Record<string, unknown>) => {
    exit(await benchCommand(toArguments(positional, options)));
  });
}
