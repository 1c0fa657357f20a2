// What the parts of a job on the main thread share: where it goes, what was found there, the lock that it holds.
import { ParloadError } from '../../errors/index.ts';
import type { TargetRequest } from '../../model/index.ts';
import type { ServerFacts } from './catalog.ts';
import { connect, type PgConnection } from './connection.ts';
import { type ConnInfo, resolveConnInfo } from './conninfo.ts';
import { parseTableName, type TableName } from './identifiers.ts';
import type { JobIdentity } from './ledger.ts';
import type { PostgresOptions } from './options.ts';
import { durationMs } from './settings.ts';
import { applicationName } from './ticket.ts';
import { type Checks, checksOf } from './validation.ts';
import { type Way, wayOf } from './way.ts';

export interface Described {
  readonly request: TargetRequest;
  readonly server: ServerFacts;
  readonly name: { readonly schema: string; readonly name: string };
  readonly job: JobIdentity;
}

export class JobSite {
  readonly options: PostgresOptions;
  readonly way: Way;
  readonly conn: ConnInfo;
  readonly connNotes: readonly string[];
  /** As the user wrote it. */
  readonly table: TableName;
  readonly lockTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly checks: Checks;
  described: Described | null = null;
  /** Its open transaction holds the job's lock. */
  lock: PgConnection | null = null;
  epoch: string | null = null;

  constructor(options: PostgresOptions) {
    this.options = options;
    this.way = wayOf(options);
    const { info, notes } = resolveConnInfo(options);
    this.conn = info;
    this.connNotes = notes;
    this.checks = checksOf(options);
    this.table = parseTableName(options.table);
    this.lockTimeoutMs = durationMs(options.lockTimeout, '--lock-timeout');
    this.stallTimeoutMs = durationMs(options.stallTimeout, '--stall-timeout');
    this.statementTimeoutMs = durationMs(options.statementTimeout ?? 0, '--statement-timeout');
  }

  need(): Described {
    if (this.described !== null) return this.described;
    throw new ParloadError('UNEXPECTED', 'the target was not described');
  }

  /** `initial`: before anything was loaded, when no failure is worth a second attempt. */
  connect(runId: string, initial: boolean): Promise<PgConnection> {
    const { conn, stallTimeoutMs } = this;
    return connect(conn, { applicationName: applicationName(conn, runId), initial, stallTimeoutMs });
  }

  async with<T>(runId: string, initial: boolean, work: (connection: PgConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect(runId, initial);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }

  /** Ends the lock's transaction, and with it the lock. */
  async release(): Promise<void> {
    const { lock } = this;
    this.lock = null;
    await lock?.close();
  }
}
