// One worker's way into the table: rows in bulk requests, each row's result read, a slice counted before it is committed.
import { CrateJsonEncoder, rowKey } from '../../encoders/crate-json/index.ts';
import { ParloadError } from '../../errors/index.ts';
import {
  type ArrowBatch,
  type SessionContext,
  type SinkSession,
  type Slice,
  selectedCount,
  type ValueChange,
} from '../../model/index.ts';
import { failpoint } from '../../runtime/index.ts';
import { BulkBody } from './bulk-body.ts';
import { CrateConnection } from './connection.ts';
import { KEY_COLUMN, quoteIdent, quoteTable, showTable } from './identifiers.ts';
import { commitSlice, committedRows, countMarked, epochNow, prefixOf, refresh, serverNow } from './ledger.ts';
import { Pace } from './pace.ts';
import { BulkSender } from './sender.ts';
import type { Ticket } from './ticket.ts';
import { insertSql, isCounted, zeroIsFine } from './way.ts';

const LEAST_BODY_BYTES = 16 * 1024;

interface Current {
  readonly slice: Slice;
  readonly attempt: number;
  readonly generation: number;
  readonly prefix: string;
  rows: number;
  bytes: number;
  /** Being filled. */
  body: BulkBody | null;
}

export class CrateSession implements SinkSession {
  readonly #ticket: Ticket;
  readonly #context: SessionContext;
  readonly #connection: CrateConnection;
  readonly #encoder: CrateJsonEncoder;
  readonly #pace: Pace;
  readonly #sender: BulkSender;
  readonly #head: Uint8Array;
  readonly #bodyBytes: number;
  /** Bodies whose bytes are free. */
  readonly #free: BulkBody[] = [];
  readonly #table: string;
  #current: Current | null = null;
  #changes: readonly ValueChange[] = [];

  constructor(ticket: Ticket, context: SessionContext) {
    this.#ticket = ticket;
    this.#context = context;
    this.#table = showTable(ticket.table);
    const { way, columns, pace } = ticket;
    this.#connection = new CrateConnection(ticket.conn, {
      connections: pace.mostInFlight,
      turn: context.worker,
    });
    this.#encoder = new CrateJsonEncoder(ticket.schema, columns, {
      policies: context.policies,
      keyed: way.marked,
    });
    this.#pace = new Pace(pace);
    this.#sender = new BulkSender({
      connection: this.#connection,
      pace: this.#pace,
      stop: context.stop,
      table: this.#table,
      zeroIsFine: zeroIsFine(way),
      missing: way.onConflict === 'error' && !way.ownKey ? (rows) => this.#missing(rows) : null,
    });
    const names = columns.map((c) => c.name);
    const statement = JSON.stringify(insertSql(ticket.table, names, way));
    this.#head = new TextEncoder().encode(`{"stmt":${statement},"bulk_args":[`);
    // one is filled while the others are on their way
    const each = Math.floor(context.bufferBytes / (pace.mostInFlight + 1));
    this.#bodyBytes = Math.max(LEAST_BODY_BYTES, each);
  }

  async begin(slice: Slice, attempt: number): Promise<boolean> {
    const { jobId, epoch, generations, keepsRows } = this.#ticket;
    const generation = generations[slice.inputId];
    if (generation === undefined)
      throw new ParloadError('UNEXPECTED', `slice ${slice.id} is of no input of this run`);
    if (this.#current !== null) await this.rollback(null);
    if (keepsRows) {
      if ((await epochNow(this.#connection, jobId)) !== epoch) {
        throw new ParloadError('FENCED', `a newer run took over the load into "${this.#table}"`, {
          where: { table: this.#table },
        });
      }
      const committed = await committedRows(this.#connection, jobId, generation, slice);
      if (committed === slice.rowCount) return false;
      if (committed !== null) {
        throw new ParloadError(
          'LEDGER_STALE',
          `row ${slice.rowStart} is committed already, in a slice of ${committed} rows instead of ${slice.rowCount}`,
          { where: { table: this.#table }, hint: 'Run the same command again: it plans only what is left.' },
        );
      }
    }
    const prefix = prefixOf(jobId, slice.inputId, generation);
    if (this.#ticket.way.marked) this.#encoder.keyRowsOf(prefix);
    // of an attempt that failed
    this.#encoder.takeChanges();
    this.#current = { slice, attempt, generation, prefix, rows: 0, bytes: 0, body: null };
    return true;
  }

  async write(batch: ArrowBatch): Promise<number> {
    const current = this.#begun();
    if (this.#context.stop.level() === 2) {
      throw new ParloadError('INTERRUPTED', 'stopped in the middle of a slice');
    }
    const total = selectedCount(batch);
    const before = current.bytes;
    for (let from = 0; from < total; ) {
      current.body ??= await this.#empty();
      const { body } = current;
      const { out, at } = body.space;
      const most = this.#pace.rows - body.rows;
      const { rows, end } =
        most <= 0 ? { rows: 0, end: at } : this.#encoder.encode(batch, from, out, at, most);
      if (rows > 0) {
        body.wrote(batch, from, rows, end);
        from += rows;
        current.bytes += end - at;
      } else if (body.rows > 0) {
        this.#send(current, body);
      } else {
        from += await this.#sendBigRow(current, batch, from);
      }
    }
    current.rows += total;
    return current.bytes - before;
  }

  async commit(counts: { readonly rowsRead: number; readonly rowsFiltered: number }): Promise<number> {
    const current = this.#begun();
    const sent = counts.rowsRead - counts.rowsFiltered;
    if (current.body !== null && current.body.rows > 0) {
      await this.#sender.turn();
      this.#send(current, current.body);
    }
    await this.#sender.drain();
    if (sent !== current.rows) {
      throw new ParloadError('COUNT_DIFFERS', `${current.rows} rows were sent where ${sent} were read`);
    }
    if (this.#ticket.keepsRows && sent > 0) await this.#confirm(current);
    const changes = this.#encoder.takeChanges();
    if (this.#ticket.keepsRows) await this.#writeLedger(current, counts.rowsFiltered, changes);
    this.#changes = changes;
    this.#giveBack(current);
    this.#current = null;
    return sent;
  }

  changes(): readonly ValueChange[] {
    return this.#changes;
  }

  /** What was written stays: the same rows have the same keys when they come again. */
  async rollback(_cause: unknown): Promise<void> {
    await this.#sender.cancel();
    if (this.#current !== null) this.#giveBack(this.#current);
    this.#current = null;
  }

  async close(): Promise<void> {
    if (this.#current !== null) await this.rollback(null);
    await this.#connection.close();
  }

  #begun(): Current {
    if (this.#current !== null) return this.#current;
    throw new ParloadError('UNEXPECTED', 'a slice was written to before it was begun');
  }

  /** Blocks while as many requests are on their way as may be. */
  async #empty(): Promise<BulkBody> {
    await this.#sender.turn();
    const body = this.#free.pop() ?? new BulkBody(this.#head, this.#bodyBytes);
    body.clear();
    return body;
  }

  #giveBack(current: Current): void {
    if (current.body !== null) this.#free.push(current.body);
    current.body = null;
  }

  #send(current: Current, body: BulkBody): void {
    current.body = null;
    this.#sender.start(body, () => this.#free.push(body));
  }

  /** A row that is larger than a body gets one of its own. */
  async #sendBigRow(current: Current, batch: ArrowBatch, from: number): Promise<number> {
    const body = new BulkBody(this.#head, this.#encoder.rowBytes(batch, from));
    const { out, at } = body.space;
    const { rows, end } = this.#encoder.encode(batch, from, out, at, 1);
    if (rows === 0) throw new ParloadError('UNEXPECTED', 'a row does not fit into its own size');
    body.wrote(batch, from, rows, end);
    current.bytes += end - at;
    this.#sender.start(body, () => undefined);
    await this.#sender.turn();
    return rows;
  }

  /** The table itself must have the rows: a result can say 1 for a row that is lost with its shard. */
  async #confirm({ slice, prefix, rows, attempt }: Current): Promise<void> {
    const { table, way } = this.#ticket;
    await refresh(this.#connection, table);
    if (!isCounted(way)) return;
    const end = slice.rowStart + slice.rowCount;
    const found = await countMarked(this.#connection, table, prefix, slice.rowStart, end);
    if (found === rows) return;
    // a second look at the same rows tells lost rows from keys that are there twice
    const twice = way.onConflict === 'update' && !way.ownKey && attempt > 1;
    throw new ParloadError('COUNT_DIFFERS', `${rows} rows were sent, "${this.#table}" has ${found} of them`, {
      where: { table: this.#table, slice: slice.id },
      retryable: !twice,
      hint: twice
        ? 'Rows of the input share a key, so one took the place of another.'
        : 'The server lost rows that it had acknowledged. They are sent again.',
    });
  }

  async #writeLedger(current: Current, rowsFiltered: number, changes: readonly ValueChange[]): Promise<void> {
    const { slice, attempt, generation, rows, bytes } = current;
    const { jobId, runId } = this.#ticket;
    const nowMs = await serverNow(this.#connection);
    failpoint('slice.before-commit');
    await commitSlice(this.#connection, {
      jobId,
      generation,
      slice,
      runId,
      attempt,
      rowsLoaded: rows,
      rowsFiltered,
      bytes,
      changes,
      pace: { ...this.#pace.summary(), worker: this.#context.worker },
      nowMs,
    });
    failpoint('slice.after-commit');
  }

  /** Which of these rows of the slice are not in the table with the marks that they have. */
  async #missing(rows: readonly number[]): Promise<ReadonlySet<number>> {
    const { prefix } = this.#begun();
    const { table } = this.#ticket;
    await refresh(this.#connection, table);
    const mark = quoteIdent(KEY_COLUMN);
    const found = await this.#connection.query(
      `SELECT ${mark} FROM ${quoteTable(table)} WHERE ${mark} >= ? AND ${mark} < ?`,
      [rowKey(prefix, rows[0]!), rowKey(prefix, rows.at(-1)! + 1)],
      'looking for rows whose outcome is not known',
    );
    const there = new Set(found.rows.map((row) => String(row[0])));
    return new Set(rows.filter((row) => !there.has(rowKey(prefix, row))));
  }
}
