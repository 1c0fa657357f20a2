// Rejected rows of a job: how many there may be, how many there are, and the file that gets them.
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { ResolvedJob } from '../config/resolved.ts';
import { ParloadError } from '../errors/index.ts';
import type { RunReport } from '../model/index.ts';
import { readFooter, readMetadata } from '../parquet/footer.ts';
import { plural, SharedRejectBudget } from '../runtime/index.ts';
import type { WorkerData } from '../slice-runner/index.ts';
import { openObject } from '../storage/index.ts';
import type { OpenJob } from './open.ts';
import { REJECTS_KEY } from './reject-fields.ts';
import { writeRejects } from './rejects-file.ts';

export class JobRejects {
  readonly #job: ResolvedJob;
  readonly #open: OpenJob;
  readonly #budget: SharedRejectBudget;

  constructor(job: ResolvedJob, open: OpenJob) {
    this.#job = job;
    this.#open = open;
    this.#budget = new SharedRejectBudget(job.rejects.maxErrors);
  }

  /** For the workers. */
  get shared(): NonNullable<WorkerData['rejects']> | null {
    const { onError, maxErrors } = this.#job.rejects;
    return onError === 'skip' ? { count: this.#budget.memory, most: maxErrors } : null;
  }

  #keyOf(target: string): string {
    return createHash('sha256').update(`${target}\0${this.#job.transformsKey}`).digest('hex').slice(0, 20);
  }

  /** Before the target is touched: a file that is something else is not overwritten. */
  async checkFile(target: string): Promise<void> {
    const { file } = this.#job.rejects;
    if (file === null || /^[a-z][a-z0-9+.-]+:\/\//i.test(file)) return;
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (!exists) return;
    const mine = await keyIn(file).catch(() => null);
    if (mine === this.#keyOf(target)) return;
    throw new ParloadError(
      'FILE_UNWRITABLE',
      `--rejects: ${file} is there already, and is not the rejects of this job`,
      {
        where: { option: 'rejects' },
        hint: 'Name another file, or take this one away.',
      },
    );
  }

  /** After the target is ready: rows of earlier runs count. */
  async start(): Promise<void> {
    if (this.#job.rejects.onError === 'stop') return;
    const earlier = (await this.#open.sink.rejects?.()) ?? [];
    if (earlier.length > this.#job.rejects.maxErrors) {
      throw new ParloadError(
        'REJECTS_EXCEEDED',
        `earlier runs rejected ${plural(earlier.length, 'row')}, more than --max-errors allows`,
      );
    }
    this.#budget.start(earlier.length);
  }

  /** However the run ended: what the ledger knows, and the file. `memoryBytes`: for reading the rows again. */
  async end(target: string, memoryBytes: number): Promise<RunReport['rejects']> {
    const rejects = (await this.#open.sink.rejects?.()) ?? [];
    if (rejects.length === 0) return undefined;
    const { file } = this.#job.rejects;
    if (file !== null) {
      const job = this.#keyOf(target);
      await writeRejects(this.#job, this.#open, { path: file, job, rejects, memoryBytes });
    }
    return { rows: rejects.length, file };
  }
}

async function keyIn(path: string): Promise<string | null> {
  const object = await openObject(path);
  try {
    return readMetadata(object, (await readFooter(object)).bytes).keyValue(REJECTS_KEY);
  } finally {
    await object.close();
  }
}
