// Where cases with the sink `crate` go: the counting server, started for this, or the server that PARLOAD_BENCH_CRATE_URL names.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ParloadError } from '../../src/errors/index.ts';
import { ServerCpuMeter } from '../measure/server-cpu.ts';

const COUNTING = fileURLToPath(new URL('./counting-crate.js', import.meta.url));

export class CrateTarget {
  /** With the table. May hold a password, which then everybody on the machine sees: better in CRATEDB_PASSWORD. */
  readonly url: string;
  readonly #child: ChildProcess | null;

  private constructor(url: string, child: ChildProcess | null) {
    this.url = url;
    this.#child = child;
  }

  static async open(userUrl: string | null, table: string): Promise<CrateTarget> {
    if (userUrl !== null) return new CrateTarget(`${userUrl.split('?')[0]}?table=${table}`, null);
    const child = spawn(process.execPath, [COUNTING], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    return new CrateTarget(`crate://127.0.0.1:${Number(line.toString())}/doc?table=${table}`, child);
  }

  /** A real server forgets the table of the run before; the counting one its counts. */
  get resetArgs(): readonly string[] {
    if (this.#child !== null) return [];
    const [, table = ''] = this.url.split('?table=');
    return ['--pre-sql', `DROP TABLE IF EXISTS ${table}`, '--again'];
  }

  async reset(): Promise<void> {
    if (this.#child !== null) await this.#get('/reset');
  }

  /** Rows that arrived since `reset`; null: the command's own count is the server's. */
  async counted(): Promise<number | null> {
    if (this.#child === null) return null;
    const { rows, bad } = (await this.#get('/stats')) as { rows: number; bad: number };
    if (bad === 0) return rows;
    throw new ParloadError('UNEXPECTED', `${bad} requests were no JSON`);
  }

  meter(): ServerCpuMeter | null {
    return this.#child?.pid === undefined ? null : new ServerCpuMeter(this.#child.pid);
  }

  async close(): Promise<void> {
    this.#child?.stdin?.end();
    if (this.#child !== null && this.#child.exitCode === null) await once(this.#child, 'exit');
  }

  async #get(path: string): Promise<unknown> {
    const base = this.url.replace(/^crate/, 'http').replace(/\/doc\?.*$/, '');
    return (await fetch(base + path)).json();
  }
}
