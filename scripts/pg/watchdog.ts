// Parent process of one Postgres server. Reads commands on stdin; when stdin ends, its owner is gone, even by kill -9:
// then it stops the server and removes what was temporary. It runs in a session of its own, so Ctrl-C does not reach it.
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { RunAs } from './binaries.ts';

export type WatchdogCommand =
  | {
      readonly do: 'init';
      readonly account: RunAs | null;
      readonly logFile: string;
      readonly removeAtEnd: readonly string[];
    }
  | { readonly do: 'run'; readonly program: string; readonly args: readonly string[] }
  | { readonly do: 'start'; readonly program: string; readonly args: readonly string[] }
  | { readonly do: 'signal'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGQUIT' }
  | { readonly do: 'kill' };

export type WatchdogEvent =
  | { readonly is: 'ran'; readonly code: number | null; readonly output: string }
  | { readonly is: 'started'; readonly pid: number }
  | { readonly is: 'stopped'; readonly code: number | null; readonly signal: string | null }
  | { readonly is: 'error'; readonly message: string };

/** How long a server may take for a fast, then for an immediate shutdown, when its owner is gone. */
const FAST_MS = 3000;
const IMMEDIATE_MS = 3000;

let settings: Extract<WatchdogCommand, { do: 'init' }> | null = null;
let server: ChildProcess | null = null;
let tool: ChildProcess | null = null;

const say = (event: WatchdogEvent): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

/** Libraries of a bundled Node or a user's locale must not change what the server does. */
const serverEnv = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' });

/** A copy of the account without `null`, which spawn does not take. */
const identity = (): RunAs | Record<never, never> => settings?.account ?? {};

function run(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { ...identity(), cwd: '/', env: serverEnv() });
  tool = child;
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  child.once('error', (error) => say({ is: 'error', message: error.message }));
  child.once('close', (code) => {
    tool = null;
    say({ is: 'ran', code, output });
  });
}

function start(program: string, args: readonly string[]): void {
  const log = openSync(settings?.logFile ?? '/dev/null', 'a');
  const child = spawn(program, args, {
    ...identity(),
    cwd: '/',
    env: serverEnv(),
    stdio: ['ignore', log, log],
  });
  server = child;
  child.once('error', (error) => say({ is: 'error', message: error.message }));
  child.once('spawn', () => say({ is: 'started', pid: child.pid! }));
  child.once('exit', (code, signal) => {
    server = null;
    say({ is: 'stopped', code, signal });
  });
}

/** Children of a process. Backends lead sessions of their own, so no process group covers them. */
function childrenOf(parent: number): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          // `pid (name) state ppid ...`; the name may hold spaces and brackets.
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
          return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
        } catch {
          return false;
        }
      })
      .map(Number);
  } catch {
    return []; // no /proc (macOS): backends see the postmaster's death and end by themselves
  }
}

/** As a power cut: the postmaster and every backend at once. */
function killAll(): void {
  const pid = server?.pid;
  if (pid === undefined) return;
  process.kill(pid, 'SIGSTOP');
  const backends = childrenOf(pid);
  for (const target of [pid, ...backends]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
}

function obey(command: WatchdogCommand): void {
  if (command.do === 'init') settings = command;
  if (command.do === 'run') run(command.program, command.args);
  if (command.do === 'start') start(command.program, command.args);
  if (command.do === 'signal') server?.kill(command.signal);
  if (command.do === 'kill') killAll();
}

const ended = (child: ChildProcess, withinMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });

async function ownerIsGone(): Promise<void> {
  tool?.kill('SIGKILL');
  if (server !== null) {
    const child = server;
    child.kill('SIGINT');
    if (!(await ended(child, FAST_MS))) {
      child.kill('SIGQUIT');
      if (!(await ended(child, IMMEDIATE_MS))) killAll();
    }
  }
  for (const path of settings?.removeAtEnd ?? []) {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void ownerIsGone());
}
process.stdout.on('error', () => {
  // the owner is gone and cannot listen; the end of stdin tells us
});
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  try {
    obey(JSON.parse(line) as WatchdogCommand);
  } catch (error) {
    say({ is: 'error', message: error instanceof Error ? error.message : String(error) });
  }
});
lines.once('close', () => void ownerIsGone());
