// Progress for programs: one JSON object a line on stderr.
import type { JobEvent } from '../../model/index.ts';
import type { JobReporter } from './index.ts';

/** A plan lists every slice; the stream needs only their number. */
const brief = (event: JobEvent): Record<string, unknown> => {
  if (event.type !== 'plan.ready') return { ...event };
  const { plan, ...rest } = event;
  return {
    ...rest,
    slices: plan.source.slices.length,
    inputs: plan.inputs.length,
    workers: plan.workers,
    target: plan.target.target,
    memory: plan.memory,
  };
};

export class JsonReporter implements JobReporter {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  on(event: JobEvent): void {
    this.#write(JSON.stringify({ time: new Date().toISOString(), ...brief(event) }));
  }

  close(): void {}
}
