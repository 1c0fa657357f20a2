// Somebody who reads the whole table all the time, as readers do: each look is one statement.
import type pg from 'pg';
import type { TestDatabase } from '../support/postgres.ts';

export class Watcher {
  readonly #seen = new Set<string>();
  readonly #client: pg.Client;
  readonly #sql: string;
  #stopped = false;
  #failure: unknown = null;
  readonly #loop: Promise<void>;

  private constructor(client: pg.Client, sql: string) {
    this.#client = client;
    this.#sql = sql;
    this.#loop = this.#run();
  }

  static async start(db: TestDatabase, table: string): Promise<Watcher> {
    // As `fingerprint` of the fixture.
    const sql = `select count(*) || '|' || count(distinct id) || '|' || coalesce(sum(('x' || substr(md5(
       concat_ws('|', id, coalesce(value::text, '\\N'), coalesce(text, '\\N'))), 1, 15))::bit(60)::bigint), 0) as f
     from ${table}`;
    return new Watcher(await db.connect(), sql);
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped) {
        const { rows } = await this.#client.query<{ f: string }>(this.#sql);
        this.#seen.add(String(rows[0]?.f));
      }
    } catch (error) {
      this.#failure = error;
    }
  }

  /** What the table ever looked like. Fails when reading did. */
  async stop(): Promise<ReadonlySet<string>> {
    this.#stopped = true;
    await this.#loop;
    if (this.#failure !== null) throw this.#failure;
    return this.#seen;
  }
}
