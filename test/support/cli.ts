// Runs the built command as a user would, in a process of its own.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './root.ts';

export interface CliOptions {
  /** Added to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to stdin, which is then closed. */
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** SIGKILL and an error after this long. Default 120,000. */
  readonly timeoutMs?: number;
  /** SIGKILL after this long, on purpose. */
  readonly killAfterMs?: number;
  /** Sends the signal once, as soon as stdout or stderr match. */
  readonly signalWhen?: { readonly matches: RegExp; readonly signal: NodeJS.Signals };
  /** Options of node itself, as `--max-old-space-size=64`. */
  readonly nodeArgs?: readonly string[];
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

export interface RunningCli {
  readonly child: ChildProcessWithoutNullStreams;
  readonly result: Promise<CliResult>;
  /** Resolves when stdout or stderr match; rejects when the command ends without. */
  seen(matches: RegExp): Promise<void>;
}

/** The user's own settings must not decide what a test sees. */
function testEnv(extra: CliOptions['env']): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PG[A-Z]+|PARLOAD_.*|NODE_TEST_CONTEXT|FORCE_COLOR|NO_COLOR)$/.test(name),
  );
  return { ...Object.fromEntries(inherited), PGPASSFILE: '/dev/null', ...extra };
}

/** Starts `parload ...args` and leaves it running. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const startedAt = performance.now();
  const { timeoutMs = 120_000, killAfterMs, signalWhen, nodeArgs = [] } = options;
  const child = spawn(process.execPath, [...nodeArgs, join(ROOT, 'bin', 'parload.js'), ...args], {
    cwd: options.cwd ?? ROOT,
    env: testEnv(options.env),
  });
  let stdout = '';
  let stderr = '';
  let signalled = false;
  const watchers = new Set<() => void>();
  const heard = (): void => {
    if (!signalled && signalWhen?.matches.test(stdout + stderr)) {
      signalled = true;
      child.kill(signalWhen.signal);
    }
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);

  const result = new Promise<CliResult>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`parload ${args.join(' ')}: no end after ${timeoutMs} ms\n${stdout}\n${stderr}`));
    }, timeoutMs);
    const kill = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(late);
      clearTimeout(kill);
      resolve({ code, signal, stdout, stderr, elapsedMs: performance.now() - startedAt });
    });
  });
  const seen = (matches: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (matches.test(stdout + stderr)) {
          watchers.delete(check);
          resolve();
        }
      };
      watchers.add(check);
      check();
      result.then(() => reject(new Error(`parload ended before ${matches}:\n${stdout}\n${stderr}`)), reject);
    });
  return { child, result, seen };
}

/** Runs `parload ...args` to its end. An exit code is a result here, never an error. */
export const runCli = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  startCli(args, options).result;
