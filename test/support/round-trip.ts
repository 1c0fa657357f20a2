// Arrow -> our encoder -> COPY into the real server -> SQL. One table, emptied for each turn.
import type pg from 'pg';
import {
  COPY_HEADER,
  COPY_TRAILER,
  createPgCopyEncoder,
  type PgType,
} from '../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowBatch, ArrowColumn, ArrowField } from '../../src/model/index.ts';
import { readTable } from '../../src/sinks/postgres/catalog.ts';
import { connect, type PgConnection } from '../../src/sinks/postgres/connection.ts';
import { resolveConnInfo } from '../../src/sinks/postgres/conninfo.ts';
import type { TestDatabase } from './postgres.ts';

/** The types of columns as the sink looks them up. */
export class TypeReader {
  readonly #connection: PgConnection;

  private constructor(connection: PgConnection) {
    this.#connection = connection;
  }

  static async open(db: Pick<TestDatabase, 'url'>): Promise<TypeReader> {
    const { info } = resolveConnInfo({ url: db.url }, {});
    return new TypeReader(await connect(info, { applicationName: 'test', initial: true }));
  }

  /** By column name. */
  async of(table: string): Promise<ReadonlyMap<string, PgType>> {
    const facts = await readTable(this.#connection, { schema: null, name: table });
    return new Map(facts!.columns.map(({ name, type }) => [name, type]));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** Rows of binary COPY, without header and trailer. Throws what the encoder throws. */
export function encodeRows(batch: ArrowBatch, types: readonly PgType[]): Buffer {
  const columns = batch.schema.fields.map(({ name }, j) => ({ name, type: types[j]! }));
  const encoder = createPgCopyEncoder(batch.schema, columns);
  const parts: Buffer[] = [];
  const total = batch.selection?.length ?? batch.length;
  for (let from = 0; from < total; ) {
    // small blocks, so that bounds are put to the test
    let out = new Uint8Array(4096);
    let { rows, end } = encoder.encode(batch, from, out, 0);
    if (rows === 0) {
      out = new Uint8Array(encoder.rowBytes(batch, from));
      ({ rows, end } = encoder.encode(batch, from, out, 0));
    }
    if (rows === 0) throw new Error('a row does not fit into the bytes that it was said to need');
    parts.push(Buffer.from(out.subarray(0, end)));
    from += rows;
  }
  return Buffer.concat(parts);
}

interface Connection {
  query(sql: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
}

/** COPY FROM STDIN in binary, as a pg Submittable. */
export function copyIn(client: pg.Client, into: string, rows: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null;
    const submittable = {
      submit: (connection: Connection) => connection.query(`copy ${into} from stdin (format binary)`),
      handleCopyInResponse(connection: Connection) {
        connection.sendCopyFromChunk(Buffer.concat([COPY_HEADER, rows, COPY_TRAILER]));
        connection.endCopyFrom();
      },
      handleCommandComplete() {},
      handleError(error: Error) {
        failure = error;
      },
      handleReadyForQuery() {
        if (failure === null) resolve();
        else reject(failure);
      },
    };
    client.query(submittable as unknown as pg.Submittable);
  });
}

export const batchOfColumn = (field: ArrowField, column: ArrowColumn): ArrowBatch => ({
  schema: { fields: [field] },
  columns: [column],
  length: column.length,
  selection: null,
  rowStart: 0,
});

/** A table with one column `v` of a SQL type; rows keep their order. */
export class OneColumn {
  readonly #client: pg.Client;
  readonly #table: string;
  readonly type: PgType;

  private constructor(client: pg.Client, table: string, type: PgType) {
    this.#client = client;
    this.#table = table;
    this.type = type;
  }

  static async create(
    client: pg.Client,
    types: TypeReader,
    table: string,
    sqlType: string,
  ): Promise<OneColumn> {
    await client.query(`create table ${table} (pos bigserial, v ${sqlType})`);
    return new OneColumn(client, table, (await types.of(table)).get('v')!);
  }

  encode(field: ArrowField, column: ArrowColumn): Buffer {
    return encodeRows(batchOfColumn(field, column), [this.type]);
  }

  /** What `sql` says of each value, in order. */
  async through(rows: Buffer, sql: string): Promise<(string | null)[]> {
    await this.#client.query(`truncate ${this.#table}`);
    await copyIn(this.#client, `${this.#table} (v)`, rows);
    const answer = await this.#client.query<{ t: string | null }>(
      `select (${sql})::text as t from ${this.#table} order by pos`,
    );
    return answer.rows.map(({ t }) => t);
  }
}
