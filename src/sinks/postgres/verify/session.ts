// One worker's part of a comparison: rows of files through the encoder, rows of the table through COPY, both into sums.
import { RowDigester } from '../../../encoders/pg-copy-binary/digest/index.ts';
import { createPgCopyEncoder } from '../../../encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../../errors/index.ts';
import {
  type ArrowBatch,
  type Encoder,
  type Reject,
  type RowDigest,
  type SessionContext,
  type Slice,
  selectedCount,
  type ValueChange,
  type VerifySession,
} from '../../../model/index.ts';
import { Arena, MiB } from '../../../runtime/index.ts';
import { connect, type PgConnection } from '../connection.ts';
import { quoteIdent, quoteLiteral, quoteTable } from '../identifiers.ts';
import { labelOf, takeLabelSql } from '../slice-label.ts';
import { type Context, classify } from '../sqlstate.ts';
import { applicationName } from '../ticket.ts';
import { isWorking } from '../vigil.ts';
import { CopyOut } from './copy-out.ts';
import { RowStream } from './row-stream.ts';
import type { TablePart, VerifyTicket } from './ticket.ts';

const MAX_BLOCK_BYTES = MiB;

export class PostgresVerifySession implements VerifySession {
  readonly #ticket: VerifyTicket;
  readonly #context: SessionContext;
  readonly #encoder: Encoder;
  readonly #stream = new RowStream();
  readonly #block: Uint8Array;
  readonly #blockView: DataView;
  readonly #bigRow = new Arena();
  #digester: RowDigester;
  #changes: readonly ValueChange[] = [];
  /** Of the slice's input. */
  #rejected: ReadonlySet<number> = new Set();
  #leftOut = 0;
  #connection: PgConnection | null = null;

  constructor(ticket: VerifyTicket, context: SessionContext) {
    this.#ticket = ticket;
    this.#context = context;
    this.#encoder = createPgCopyEncoder(ticket.schema, ticket.columns, {
      policies: context.policies,
      serverVersion: ticket.serverVersion,
    });
    this.#block = Buffer.allocUnsafeSlow(Math.min(MAX_BLOCK_BYTES, context.bufferBytes));
    this.#blockView = viewOf(this.#block);
    this.#digester = this.#newDigester();
  }

  async begin(slice: Slice): Promise<boolean> {
    this.#rejected = new Set(this.#ticket.rejected[slice.inputId]);
    this.#leftOut = 0;
    this.#digester = this.#newDigester();
    // of an attempt that failed
    this.#encoder.takeChanges();
    return true;
  }

  async write(all: ArrowBatch): Promise<number> {
    const batch = this.#withoutRejected(all);
    const total = selectedCount(batch);
    let bytes = 0;
    for (let from = 0; from < total; ) {
      const { rows, end } = this.#encoder.encode(batch, from, this.#block, 0);
      if (rows > 0) {
        this.#digester.add(this.#block, this.#blockView, 0, end);
        bytes += end;
        from += rows;
      } else {
        const big = this.#bigRow.space(this.#encoder.rowBytes(batch, from));
        const row = this.#encoder.encode(batch, from, big, 0);
        if (row.rows === 0) throw new ParloadError('UNEXPECTED', 'a row does not fit into its own size');
        this.#digester.add(big, viewOf(big), 0, row.end);
        bytes += row.end;
        from += row.rows;
      }
    }
    return bytes;
  }

  #withoutRejected(batch: ArrowBatch): ArrowBatch {
    if (this.#rejected.size === 0) return batch;
    const before = selectedCount(batch);
    const rows = batch.selection ?? Int32Array.from({ length: batch.length }, (_, i) => i);
    const selection = rows.filter((index) => !this.#rejected.has(batch.rowStart + index));
    this.#leftOut += before - selection.length;
    return { ...batch, selection };
  }

  /** As rejected rows count elsewhere: not loaded, and not missing. */
  rejects(): readonly Reject[] {
    const reject = { row: 0, column: null, code: 'SINK_REJECTED', reason: '' };
    return new Array<Reject>(this.#leftOut).fill(reject);
  }

  async commit(): Promise<number> {
    this.#changes = this.#encoder.takeChanges();
    return this.#digester.rows;
  }

  changes(): readonly ValueChange[] {
    return this.#changes;
  }

  digest(): RowDigest {
    return this.#digester.digest();
  }

  async scan(slice: Slice, progress: (rows: number, bytes: number) => void): Promise<void> {
    const part = slice.detail as unknown as TablePart;
    this.#digester = this.#newDigester();
    if (this.#connection?.usable === false) this.#drop();
    this.#connection ??= await this.#connect();
    const connection = this.#connection;
    const label = labelOf(this.#ticket.runId, slice.id);
    await this.#beginRead(connection, label);
    try {
      await this.#copyOut(connection, label, part, progress);
    } catch (error) {
      throw classify(error, this.#doing(`reading "${slice.inputUri}"`));
    }
    await connection.script('COMMIT', this.#doing('ending a part of the comparison'));
  }

  /** Nothing was written; a transaction that only read ends with its connection. */
  async rollback(_cause: unknown): Promise<void> {
    this.#drop();
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = null;
  }

  #newDigester(): RowDigester {
    return new RowDigester(this.#ticket.columns.map((c) => c.type));
  }

  #connect(): Promise<PgConnection> {
    const { conn, runId } = this.#ticket;
    return connect(conn, { applicationName: applicationName(conn, runId), initial: false });
  }

  #drop(cause?: Error): void {
    this.#connection?.destroy(cause);
    this.#connection = null;
  }

  #doing(doing: string): Context {
    return { doing };
  }

  /** Sees what the job's connection saw when it exported its snapshot. */
  async #beginRead(connection: PgConnection, label: bigint): Promise<void> {
    const { snapshot, lockTimeoutMs, serverVersion } = this.#ticket;
    await connection.script(
      [
        'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
        `SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot)}`,
        'SET LOCAL statement_timeout = 0',
        'SET LOCAL idle_in_transaction_session_timeout = 0',
        `SET LOCAL ${serverVersion >= 170_000 ? 'transaction_timeout = 0' : 'statement_timeout = 0'}`,
        `SET LOCAL lock_timeout = ${lockTimeoutMs}`,
        `SELECT ${takeLabelSql(label)}`,
      ].join(';\n'),
      this.#doing('beginning a part of the comparison'),
    );
  }

  async #copyOut(
    connection: PgConnection,
    label: bigint,
    part: TablePart,
    progress: (rows: number, bytes: number) => void,
  ): Promise<void> {
    const digester = this.#digester;
    const stream = this.#stream;
    stream.begin(digester);
    let seen = 0;
    const copy = new CopyOut(this.#copySql(part), {
      socket: connection.socket,
      stop: this.#context.stop,
      take: (chunk, from, to) => {
        stream.take(chunk, from, to);
        const rows = digester.rows - seen;
        seen = digester.rows;
        progress(rows, to - from);
      },
      destroy: (cause) => connection.destroy(cause),
    });
    connection.submit(copy);
    await this.#patiently(copy, connection, label);
    stream.end();
    progress(digester.rows - seen, 0);
  }

  /** A condition may leave out rows for long without a word: silence is a failure only when the server does not work. */
  async #patiently(copy: CopyOut, connection: PgConnection, label: bigint): Promise<void> {
    const { stallTimeoutMs } = this.#ticket;
    let asking = false;
    const timer = setInterval(
      () => {
        if (asking || performance.now() - copy.heardAt < stallTimeoutMs) return;
        asking = true;
        void isWorking(() => this.#connect(), label).then((working) => {
          asking = false;
          if (working || performance.now() - copy.heardAt < stallTimeoutMs) return;
          connection.destroy(
            new ParloadError('SINK_STALLED', `the server sent no row for ${stallTimeoutMs / 1000} s`),
          );
        });
      },
      Math.max(1, stallTimeoutMs / 4),
    );
    try {
      await copy.done;
    } finally {
      clearInterval(timer);
    }
  }

  #copySql({ schema, name, from, to }: TablePart): string {
    const { columns, tableWhere } = this.#ticket;
    const conditions = [
      from === null ? '' : `ctid >= '(${from},0)'::tid`,
      to === null ? '' : `ctid < '(${to},0)'::tid`,
      // a line's end, because the user's SQL may end in a comment
      tableWhere === null ? '' : `(${tableWhere}\n)`,
    ].filter((condition) => condition !== '');
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const list = columns.map((c) => quoteIdent(c.name)).join(', ');
    return `COPY (SELECT ${list} FROM ONLY ${quoteTable({ schema, name })}${where}) TO STDOUT (FORMAT binary)`;
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
