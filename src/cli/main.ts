// The command. Importing this file runs it.
import { setTimeout } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { ParloadError, toParloadError } from '../errors/index.ts';
import { type Actions, buildProgram } from './program.ts';

const actions: Actions = {
  copy: async (args) => (await import('./commands/jobs.ts')).copyCommand(args),
  plan: async (args) => (await import('./commands/jobs.ts')).planCommand(args),
  verify: async (args) => (await import('./commands/jobs.ts')).verifyCommand(args),
  inspect: async (args) => (await import('./commands/inspect.ts')).inspectCommand(args),
  status: async (args) => (await import('./commands/jobs.ts')).statusCommand(args),
};

async function fail(error: unknown, argv: readonly string[]): Promise<number> {
  const { errorText } = await import('./text/error.ts');
  const known = toParloadError(error);
  const verbose = argv.includes('-v') || argv.includes('--verbose');
  if (argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ state: 'failed', error: plain(known) })}\n`);
  }
  process.stderr.write(errorText(known, { verbose, color: colorOn(process.stderr) }));
  return known.exitCode;
}

const plain = (error: ParloadError): Record<string, unknown> => ({
  code: error.code,
  message: error.message,
  hint: error.hint,
  where: error.where,
  exitCode: error.exitCode,
});

const colorOn = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && (process.env.NO_COLOR ?? '') === '';

/** commander prints help and version itself and throws to say so. */
async function commanderExit(error: CommanderError, argv: readonly string[]): Promise<number> {
  if (error.exitCode === 0) return 0;
  // Without a command it shows the help and calls that an error.
  if (error.code === 'commander.help') return 2;
  const message = error.message.replace(/^error: /, '');
  return fail(new ParloadError('USAGE', message), argv);
}

/**
 * Node 20 can hang when its event loop has nothing left: it waits for a background compilation that waits for a garbage
 * collection that only the main thread could do (nodejs/node#54918). Waiting for WebAssembly to compile is such a moment, and
 * so is the end: a timer keeps the loop alive, and what runs in the background gets a moment to end.
 */
const KEEP_ALIVE_MS = 60_000;
const SETTLE_MS = 50;

async function main(argv: readonly string[]): Promise<void> {
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
  // The reader of a pipe went away, as head does: nobody is left to tell, and a load goes on all the same.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  let code = 0;
  const heavy = argv.length > 1 && !argv.includes('--help') && !argv.includes('-h');
  try {
    const program = buildProgram(actions, (exitCode) => {
      code = exitCode;
    });
    // Applies to the commands as well: they are made before, so each is told.
    for (const command of [program, ...program.commands]) {
      command.exitOverride().configureOutput({ outputError: () => undefined });
      command.showSuggestionAfterError(true);
    }
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    code = await (error instanceof CommanderError ? commanderExit(error, argv) : fail(error, argv));
  }
  process.exitCode = code;
  if (heavy) await setTimeout(SETTLE_MS);
  clearInterval(keepAlive);
}

await main(process.argv.slice(2));
