// Asks a process of its own, within a limit of time and memory, and starts another one when it is spoilt.
import { type ChildProcess, fork } from 'node:child_process';
import { MiB } from '../../src/runtime/index.ts';
import type { Question, Verdict } from './child.ts';

export const LIMIT_MS = 20_000;
export const LIMIT_BYTES = 512 * MiB;
/** The peak of a process never falls: beyond this it could not be told which file a higher one is of. */
const SPOILT_BYTES = 300 * MiB;

/** slow: not done at the limit of time. died: the process ended by itself. */
export type Outcome = Verdict | { readonly kind: 'slow' | 'died'; readonly message: string };

export class FuzzReader {
  #child: ChildProcess | null = null;
  #heard = '';

  ask(question: Question): Promise<Outcome> {
    const child = this.#start();
    return new Promise((resolve) => {
      const end = (outcome: Outcome): void => {
        clearTimeout(late);
        child.removeAllListeners();
        if (!('peakBytes' in outcome) || outcome.peakBytes > SPOILT_BYTES) this.close();
        resolve(outcome);
      };
      const late = setTimeout(
        () => end({ kind: 'slow', message: `not done after ${LIMIT_MS} ms` }),
        LIMIT_MS,
      );
      child.once('message', (verdict: Verdict) => end(verdict));
      child.once('exit', (code, signal) =>
        end({ kind: 'died', message: `${code ?? signal}: ${this.#heard.slice(-2000)}` }),
      );
      child.send(question);
    });
  }

  #start(): ChildProcess {
    if (this.#child !== null) return this.#child;
    this.#heard = '';
    const child = fork(new URL('./child.js', import.meta.url), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // As a worker thread has.
      execArgv: ['--max-old-space-size=192'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#heard += text;
    });
    this.#child = child;
    return child;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}
