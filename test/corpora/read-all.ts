// Many files read by a few processes, each file within a limit of time.
import { type ChildProcess, fork } from 'node:child_process';
import type { Answer } from './reader.ts';

export const LIMIT_MS = 20_000;
export const LIMIT_BYTES = 512 * 1024 ** 2;

/** `slow`: stopped at the limit. `died`: the process ended by itself. */
export type Outcome =
  | Answer
  | { readonly kind: 'slow'; readonly peakBytes: number }
  | { readonly kind: 'died'; readonly peakBytes: number };

class Reader {
  #child: ChildProcess | null = null;

  read(path: string): Promise<Outcome> {
    this.#child ??= fork(new URL('./reader.js', import.meta.url), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const child = this.#child;
    return new Promise((resolve) => {
      const end = (outcome: Outcome): void => {
        clearTimeout(late);
        child.removeAllListeners();
        // the peak of a process never falls: the next file gets another one
        if (outcome.kind === 'slow' || outcome.kind === 'died' || outcome.peakBytes > LIMIT_BYTES / 2)
          this.close();
        resolve(outcome);
      };
      const late = setTimeout(() => end({ kind: 'slow', peakBytes: 0 }), LIMIT_MS);
      child.once('message', (answer: Answer) => end(answer));
      child.once('exit', () => end({ kind: 'died', peakBytes: 0 }));
      child.send(path);
    });
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}

/** Outcomes in the order of the paths. */
export async function readAll(paths: readonly string[], processes = 2): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(paths.length);
  let next = 0;
  const work = async (): Promise<void> => {
    const reader = new Reader();
    while (next < paths.length) {
      const at = next++;
      outcomes[at] = await reader.read(paths[at]!);
    }
    reader.close();
  };
  await Promise.all(Array.from({ length: Math.min(processes, paths.length) }, work));
  return outcomes;
}
