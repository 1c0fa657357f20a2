// Our end of the watchdog: commands out, events in. The pipe between us is what ties the server's life to ours.
import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WatchdogCommand, WatchdogEvent } from './watchdog.ts';

type EventName = WatchdogEvent['is'];
type EventOf<N extends EventName> = Extract<WatchdogEvent, { is: N }>;

/** Anything with a handle that keeps the event loop alive. */
interface Handle {
  ref?(): void;
  unref?(): void;
}

interface Waiter {
  readonly is: EventName;
  readonly resolve: (event: WatchdogEvent) => void;
  readonly reject: (error: Error) => void;
}

// Built code runs the built watchdog, and sources run the source where Node can.
const WATCHDOG = fileURLToPath(new URL(`./watchdog${extname(import.meta.url)}`, import.meta.url));

const cleanEnv = (): NodeJS.ProcessEnv => {
  const env = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'NODE_TEST_CONTEXT', 'NODE_V8_COVERAGE']) delete env[name];
  return env;
};

export class Tether {
  readonly #child: ChildProcess;
  #waiters: Waiter[] = [];
  #serverPid: number | null = null;

  constructor(init: Extract<WatchdogCommand, { do: 'init' }>) {
    // detached: a session of its own, which a terminal's Ctrl-C does not reach.
    this.#child = spawn(process.execPath, [WATCHDOG], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: cleanEnv(),
      cwd: '/',
    });
    this.#child.once('error', (error) => this.#fail(error));
    this.#child.once('exit', () => this.#fail(new Error('the watchdog of the embedded Postgres ended')));
    this.#child.stdin?.on('error', () => {
      // it ended; 'exit' tells whoever waits
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.#hear(JSON.parse(line) as WatchdogEvent),
    );
    this.#send(init);
    this.#hold(false);
  }

  /** null when the server does not run. */
  get serverPid(): number | null {
    return this.#serverPid;
  }

  /** Runs a program to its end as the server's account. */
  async run(program: string, args: readonly string[], timeoutMs: number): Promise<EventOf<'ran'>> {
    return this.#ask({ do: 'run', program, args }, 'ran', timeoutMs);
  }

  /** Resolves when the process exists, not when it takes connections. */
  async start(program: string, args: readonly string[]): Promise<number> {
    return (await this.#ask({ do: 'start', program, args }, 'started', 10_000)).pid;
  }

  async signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGQUIT', timeoutMs: number): Promise<void> {
    if (this.#serverPid !== null) await this.#ask({ do: 'signal', signal }, 'stopped', timeoutMs);
  }

  async kill(): Promise<void> {
    if (this.#serverPid !== null) await this.#ask({ do: 'kill' }, 'stopped', 10_000);
  }

  /** Lets go: the watchdog stops the server, removes what is temporary and ends. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#hold(true);
    const exited = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.stdin?.end();
    await exited;
  }

  #ask<N extends EventName>(command: WatchdogCommand, is: N, timeoutMs: number): Promise<EventOf<N>> {
    this.#hold(true);
    return new Promise<EventOf<N>>((resolve, reject) => {
      const waiter: Waiter = {
        is,
        resolve: (event) => settle(() => resolve(event as EventOf<N>)),
        reject: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(
        () =>
          waiter.reject(new Error(`the embedded Postgres did not answer "${command.do}" in ${timeoutMs} ms`)),
        timeoutMs,
      );
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.#waiters = this.#waiters.filter((w) => w !== waiter);
        if (this.#waiters.length === 0) this.#hold(false);
        then();
      };
      this.#waiters.push(waiter);
      this.#send(command);
    });
  }

  #send(command: WatchdogCommand): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  #hear(event: WatchdogEvent): void {
    if (event.is === 'started') this.#serverPid = event.pid;
    if (event.is === 'stopped') this.#serverPid = null;
    for (const waiter of [...this.#waiters]) {
      if (event.is === 'error') waiter.reject(new Error(event.message));
      else if (waiter.is === event.is) waiter.resolve(event);
    }
  }

  #fail(error: Error): void {
    this.#serverPid = null;
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }

  /** Only an open question keeps our process alive, never a server that somebody forgot to stop. */
  #hold(on: boolean): void {
    for (const handle of [this.#child, this.#child.stdin, this.#child.stdout] as (Handle | null)[]) {
      if (on) handle?.ref?.();
      else handle?.unref?.();
    }
  }
}
