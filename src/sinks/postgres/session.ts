// One worker's way into the table: a transaction a slice, holding the ledger row and one COPY.
import { COPY_HEADER, COPY_TRAILER, createPgCopyEncoder } from '../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../errors/index.ts';
import {
  type ArrowBatch,
  type Care,
  type Encoder,
  type Reject,
  type SessionContext,
  type SinkSession,
  type Slice,
  selectedCount,
  type ValueChange,
} from '../../model/index.ts';
import { Arena, failpoint } from '../../runtime/index.ts';
import { CarefulCopy } from './careful-copy.ts';
import { type Answer, connect, type PgConnection } from './connection.ts';
import { CopyFrames } from './copy-frames.ts';
import { FrameBuffers } from './frame-buffers.ts';
import { quoteIdent, quoteTable } from './identifiers.ts';
import { patiently, within } from './patience.ts';
import { RowLines } from './row-lines.ts';
import { sendRows } from './send-rows.ts';
import { labelOf } from './slice-label.ts';
import { BEGIN_ANSWERS, beginSql, commitSql, type SliceCounts, type SliceLedger } from './slice-sql.ts';
import { type Context, classify } from './sqlstate.ts';
import { applicationName, type Ticket } from './ticket.ts';
import { maybeEmptied } from './unlogged.ts';
import { endLost, isWorking } from './vigil.ts';

/** A healthy connection answers a ROLLBACK at once; one that does not is thrown away. */
const ROLLBACK_TIMEOUT_MS = 10_000;

interface Current {
  readonly slice: Slice;
  readonly generation: number;
  readonly label: bigint;
  readonly lines: RowLines;
  copy: CopyFrames | null;
  /** Rows can be left out of this slice. */
  readonly careful: CarefulCopy | null;
}

export class PostgresSession implements SinkSession {
  readonly #ticket: Ticket;
  readonly #context: SessionContext;
  /** A row that is bigger than a block. */
  readonly #bigRow = new Arena();
  readonly #buffers: FrameBuffers;
  readonly #encoder: Encoder;
  readonly #ledger: SliceLedger;
  readonly #table: string;
  readonly #copySql: string;
  #connection: PgConnection | null = null;
  #current: Current | null = null;
  #changes: readonly ValueChange[] = [];
  #rejects: readonly Reject[] = [];
  #lost = false;

  constructor(ticket: Ticket, context: SessionContext) {
    this.#ticket = ticket;
    this.#context = context;
    this.#buffers = new FrameBuffers(context.bufferBytes);
    this.#encoder = createPgCopyEncoder(ticket.schema, ticket.columns, {
      policies: context.policies,
      serverVersion: ticket.serverVersion,
    });
    this.#ledger = ticket;
    const table = { schema: ticket.tableSchema, name: ticket.tableName };
    this.#table = ticket.target;
    const columns = ticket.columns.map((c) => quoteIdent(c.name)).join(', ');
    this.#copySql = `COPY ${quoteTable(table)} (${columns}) FROM STDIN (FORMAT binary)`;
  }

  async begin(slice: Slice, attempt: number, care: Care = 'none'): Promise<boolean> {
    const generation = this.#ticket.generations[slice.inputId];
    if (generation === undefined)
      throw new ParloadError('UNEXPECTED', `slice ${slice.id} is of no input of this run`);
    const connection = await this.#open();
    const label = labelOf(this.#ticket.runId, slice.id);
    if (attempt > 1) await endLost(connection, label);
    const careful = care === 'none' ? null : this.#newCareful();
    this.#current = { slice, generation, label, lines: new RowLines(), copy: null, careful };
    const answers = await this.#patiently(
      connection.script(beginSql(this.#ledger, slice, generation, attempt), this.#doing('beginning a slice')),
      'no answer to the begin of a slice',
    );
    const rowsOf = (index: number): Answer['rows'] => answers[index]?.rows ?? [];
    if (rowsOf(BEGIN_ANSWERS.fence).length === 0) {
      throw new ParloadError('FENCED', `a newer run took over the load into "${this.#table}"`, {
        where: { table: this.#table },
      });
    }
    if (rowsOf(BEGIN_ANSWERS.insert).length === 1) {
      // of an attempt that failed
      this.#encoder.takeChanges();
      if (care === 'constraints')
        await connection.script('SET CONSTRAINTS ALL IMMEDIATE', this.#doing('beginning a slice'));
      return true;
    }
    const committed = Number(rowsOf(BEGIN_ANSWERS.existing)[0]?.rows);
    if (committed !== slice.rowCount) {
      throw new ParloadError(
        'LEDGER_STALE',
        `row ${slice.rowStart} is committed already, in a slice of ${committed} rows instead of ${slice.rowCount}`,
        { where: { table: this.#table }, hint: 'Run the same command again: it plans only what is left.' },
      );
    }
    await this.rollback(null);
    return false;
  }

  async write(batch: ArrowBatch): Promise<number> {
    if (selectedCount(batch) === 0) return 0;
    const current = this.#begun();
    try {
      if (current.careful !== null) return await current.careful.write(batch);
      const copy = current.copy ?? (await this.#startCopy(current));
      current.lines.add(batch);
      return await sendRows(copy, this.#encoder, batch, this.#bigRow);
    } catch (error) {
      throw this.#explain(error, (line) => current.lines.rowOf(line));
    }
  }

  async commit(counts: { readonly rowsRead: number; readonly rowsFiltered: number }): Promise<number> {
    const current = this.#begun();
    const sent = counts.rowsRead - counts.rowsFiltered;
    const { copy, lines, slice, generation, careful } = current;
    try {
      const copied = careful?.loaded ?? (copy === null ? 0 : await this.#endCopy(copy));
      const rejects = careful?.rejects ?? [];
      if (copied + rejects.length !== sent || (careful === null && sent !== lines.count)) {
        throw new ParloadError('COUNT_DIFFERS', `${sent} rows were sent, the server counts ${copied}`);
      }
      const { rowsFiltered } = counts;
      const changes = careful?.changes ?? this.#encoder.takeChanges();
      const bytes = careful?.bytes ?? copy?.bytes ?? 0;
      await this.#commit(slice, generation, { rowsLoaded: copied, rowsFiltered, bytes, changes, rejects });
      this.#changes = changes;
      this.#rejects = rejects;
      this.#current = null;
      return copied;
    } catch (error) {
      throw this.#explain(error, (line) => current.lines.rowOf(line));
    }
  }

  changes(): readonly ValueChange[] {
    return this.#changes;
  }

  rejects(): readonly Reject[] {
    return this.#rejects;
  }

  #newCareful(): CarefulCopy {
    const rejects = this.#context.rejects ?? null;
    if (rejects === null) throw new ParloadError('UNEXPECTED', 'rows may not be left out of this load');
    return new CarefulCopy({
      encoder: this.#encoder,
      budget: rejects,
      startCopy: () => this.#startCopy(this.#begun()),
      patiently: (answer, what) => this.#patiently(answer, what),
      script: (sql) => this.#patiently(this.#connection!.script(sql, this.#doing(sql)), 'no answer'),
      explain: (error, rowOfLine) => this.#explain(error, rowOfLine),
    });
  }

  /** Keeps the connection when it still answers. */
  async rollback(_cause: unknown): Promise<void> {
    const connection = this.#connection;
    const copy = this.#current?.copy ?? null;
    if (connection === null) return;
    try {
      if (!connection.usable) throw new ParloadError('SINK_LOST', 'the connection is gone');
      const undone = (async (): Promise<void> => {
        await copy?.cancel();
        await connection.script('ROLLBACK', this.#doing('rolling back'));
      })();
      const patienceMs = Math.min(ROLLBACK_TIMEOUT_MS, this.#ticket.stallTimeoutMs);
      await within(undone, patienceMs, () => this.#stalled('no answer to ROLLBACK'));
      this.#forget();
    } catch {
      this.#drop();
    }
  }

  async close(): Promise<void> {
    if (this.#current !== null) await this.rollback(null);
    await this.#connection?.close();
    this.#connection = null;
  }

  #begun(): Current {
    if (this.#current !== null) return this.#current;
    throw new ParloadError('UNEXPECTED', 'a slice was written to before it was begun');
  }

  /** The connection there is, or a new one; ends what the last one left behind. */
  async #open(): Promise<PgConnection> {
    if (this.#current !== null) await this.rollback(null);
    if (this.#connection !== null && !this.#connection.usable) this.#drop();
    if (this.#lost && this.#ticket.unlogged) throw maybeEmptied(this.#table);
    this.#connection ??= await this.#connect();
    return this.#connection;
  }

  #connect(): Promise<PgConnection> {
    const { conn, runId } = this.#ticket;
    return connect(conn, { applicationName: applicationName(conn, runId), initial: false });
  }

  #drop(cause?: Error): void {
    this.#lost = true;
    this.#connection?.destroy(cause);
    this.#connection = null;
    this.#forget();
  }

  /** The slice is not in the table, and neither are its rejects in the ledger. */
  #forget(): void {
    this.#context.rejects?.giveBack(this.#current?.careful?.rejects.length ?? 0);
    this.#current = null;
  }

  /** For `within`: the connection goes, and says why. */
  #stalled(what: string): ParloadError {
    const error = new ParloadError('SINK_STALLED', what, { where: { table: this.#table } });
    this.#drop(error);
    return error;
  }

  async #startCopy(current: Current): Promise<CopyFrames> {
    const connection = this.#connection!;
    const { stallTimeoutMs } = this.#ticket;
    const copy = new CopyFrames(this.#copySql, {
      socket: connection.socket,
      buffers: this.#buffers,
      stop: this.#context.stop,
      stallTimeoutMs,
      destroy: (cause) => connection.destroy(cause),
    });
    current.copy = copy;
    connection.submit(copy);
    await this.#patiently(copy.ready, 'no answer to COPY');
    await copy.append(COPY_HEADER);
    return copy;
  }

  async #endCopy(copy: CopyFrames): Promise<number> {
    await copy.append(COPY_TRAILER);
    return this.#patiently(copy.finish(), 'no answer to the end of COPY');
  }

  async #commit(slice: Slice, generation: number, counts: SliceCounts): Promise<void> {
    failpoint('slice.before-commit');
    const sql = commitSql(this.#ledger, slice, generation, counts);
    const answers = await this.#patiently(
      this.#connection!.script(sql, this.#doing('committing a slice')),
      'no answer to COMMIT',
    );
    // COMMIT of a failed transaction is answered by ROLLBACK, without an error.
    if (answers[0]?.rowCount !== 1 || answers[1]?.command !== 'COMMIT') {
      throw new ParloadError('SINK_CONFLICT', 'the server did not commit the slice', {
        where: { table: this.#table },
      });
    }
    failpoint('slice.after-commit');
  }

  /**
   * Answers may take long: locks that others hold, deferred constraints, index pages, a slow standby. So silence alone is
   * no failure: another connection asks whether our backend works, or waits for bytes that we have sent long ago.
   */
  #patiently<T>(answer: Promise<T>, what: string): Promise<T> {
    const { stallTimeoutMs } = this.#ticket;
    const { label } = this.#begun();
    return patiently(
      answer,
      stallTimeoutMs,
      () => isWorking(() => this.#connect(), label),
      () => this.#stalled(`${what} for ${stallTimeoutMs / 1000} s, and the server is not working on it`),
    );
  }

  #doing(doing: string): Context {
    return { doing, where: { table: this.#table } };
  }

  #explain(error: unknown, rowOfLine: (line: number) => number | undefined): ParloadError {
    const doing = this.#doing(`COPY into "${this.#table}"`);
    return classify(error, { ...doing, relation: this.#ticket.tableName, rowOfLine });
  }
}
