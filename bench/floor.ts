// The floor: ready-made rows from a file over one or more connections, by as little code as can send them. What this
// takes is the server's time; nothing that reads Parquet can be faster. Prints {rows, bytes}.
//   node dist/bench/floor.js FILE URL TABLE CONNECTIONS
import { closeSync, openSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import pg from 'pg';
import { COPY_HEADER, COPY_TRAILER } from '../src/encoders/pg-copy-binary/index.ts';
import { divide, type Part, readCopyIndex } from './floor/copy-file.ts';

const HEAD_BYTES = 5;
const BLOCK_BYTES = 1024 * 1024;
const BLOCKS = 2;
const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

/** COPY as a query of pg: it tells when the server is ready for rows, and when it has them. */
class BinaryCopy implements pg.Submittable {
  readonly ready: Promise<void>;
  readonly done: Promise<number>;
  readonly #sql: string;
  #resolveReady!: () => void;
  #resolveDone!: (rows: number) => void;
  #reject: (error: unknown) => void = () => undefined;
  #rows = 0;

  constructor(sql: string) {
    this.#sql = sql;
    const failed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    const ready = new Promise<void>((resolve) => {
      this.#resolveReady = resolve;
    });
    const done = new Promise<number>((resolve) => {
      this.#resolveDone = resolve;
    });
    this.ready = Promise.race([ready, failed]);
    this.done = Promise.race([done, failed]);
    for (const promise of [this.ready, this.done]) promise.catch(() => undefined);
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#sql);
  }
  handleCopyInResponse(): void {
    this.#resolveReady();
  }
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0);
  }
  handleReadyForQuery(): void {
    this.#resolveDone(this.#rows);
  }
  handleError(error: unknown): void {
    this.#reject(error);
  }
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyData(): void {}
}

const write = (socket: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));

function frame(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(HEAD_BYTES + bytes.length);
  out[0] = COPY_DATA;
  out.writeInt32BE(4 + bytes.length, 1);
  out.set(bytes, HEAD_BYTES);
  return out;
}

async function sendPart(socket: Socket, fd: number, part: Part): Promise<void> {
  const blocks = Array.from({ length: BLOCKS }, () => Buffer.allocUnsafeSlow(HEAD_BYTES + BLOCK_BYTES));
  const taken: Promise<void>[] = [];
  let turn = 0;
  for (let at = part.start; at < part.end; turn = (turn + 1) % BLOCKS) {
    await taken[turn];
    const block = blocks[turn]!;
    const count = readSync(fd, block, HEAD_BYTES, Math.min(BLOCK_BYTES, part.end - at), at);
    if (count === 0) throw new Error('the file ended before its rows did');
    block[0] = COPY_DATA;
    block.writeInt32BE(4 + count, 1);
    taken[turn] = write(socket, block.subarray(0, HEAD_BYTES + count));
    at += count;
  }
  await Promise.all(taken);
}

async function copyPart(url: string, table: string, fd: number, part: Part): Promise<number> {
  const client = new pg.Client({ connectionString: url, application_name: 'parload bench floor' });
  await client.connect();
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  const copy = new BinaryCopy(`copy ${table} from stdin (format binary)`);
  client.query(copy);
  await copy.ready;
  await write(stream, frame(COPY_HEADER));
  await sendPart(stream, fd, part);
  await write(stream, frame(COPY_TRAILER));
  await write(stream, COPY_DONE);
  const rows = await copy.done;
  await client.end();
  return rows;
}

const [path = '', url = '', table = '', connections = '1'] = process.argv.slice(2);
const index = readCopyIndex(path);
const fd = openSync(path, 'r');
const parts = divide(index, Number(connections));
const rows = await Promise.all(parts.map((part) => copyPart(url, table, fd, part)));
closeSync(fd);
process.stdout.write(
  `${JSON.stringify({ rows: rows.reduce((a, b) => a + b, 0), bytes: index.rowBytes, connections: parts.length })}\n`,
);
