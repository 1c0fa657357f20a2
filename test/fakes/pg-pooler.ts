// A pooler in transaction mode that is as mean as one may be: each transaction gets another backend than the one before
// where there is any, and after each the backend is searched for what a session may have left in it. For servers that
// trust; a real pooler keeps quiet about such things and mixes sessions up only under load.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type PgFrame, PgFrames } from './pg-frames.ts';

const message = (type: string, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** What is left in a backend between transactions, as text; empty: nothing. */
const LEFT_SQL = `SELECT concat_ws(', ',
  (SELECT 'an advisory lock' FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' LIMIT 1),
  (SELECT 'statement ' || name FROM pg_prepared_statements LIMIT 1),
  (SELECT 'cursor ' || name FROM pg_cursors WHERE is_holdable LIMIT 1),
  (SELECT 'setting ' || name FROM pg_settings WHERE source = 'session' AND name NOT LIKE 'transaction_%' LIMIT 1),
  (SELECT 'temporary table ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() LIMIT 1),
  (SELECT 'a channel listened to' FROM pg_listening_channels() LIMIT 1))`;

class Backend {
  readonly socket: Socket;
  readonly #frames = new PgFrames('server');
  /** Everything from authentication to the first ReadyForQuery, for clients to see. */
  greeting: Buffer[] = [];
  onFrame: (frame: PgFrame) => void = () => undefined;
  onBytes: (bytes: Buffer) => void = () => undefined;
  onClose: () => void = () => undefined;

  constructor(port: number, startup: Buffer) {
    this.socket = connect(port, '127.0.0.1', () => this.socket.write(startup));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.onClose());
    this.socket.on('data', (bytes: Buffer) => {
      this.onBytes(bytes);
      for (const frame of this.#frames.feed(bytes)) this.onFrame(frame);
    });
  }

  /** Resolves when the server is ready for a query. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onBytes = (bytes) => this.greeting.push(bytes);
      this.onClose = () => reject(new Error('the server refused the connection'));
      this.onFrame = ({ type }) => {
        if (type === 'Z') resolve();
        if (type === 'E') reject(new Error('the server refused the connection'));
      };
    });
  }

  /** What the session before left here. */
  left(): Promise<string> {
    return new Promise((resolve) => {
      let text = 'an answer without a row';
      this.onBytes = () => undefined;
      this.onClose = () => resolve('');
      this.onFrame = ({ type, head }) => {
        // DataRow of one column: its count, its length, its bytes.
        if (type === 'D') text = head.subarray(6).toString();
        if (type === 'Z') resolve(text);
      };
      this.socket.write(message('Q', Buffer.from(`${LEFT_SQL}\0`)));
    });
  }
}

export class PgPooler {
  readonly #to: number;
  readonly #most: number;
  readonly #server: Server;
  readonly #idle: Backend[] = [];
  readonly #all = new Set<Backend>();
  readonly #waiting: ((backend: Backend) => void)[] = [];
  readonly #clients = new Set<Socket>();
  port = 0;
  /** What sessions left in backends. */
  readonly leaks: string[] = [];
  transactions = 0;
  /** Transactions that got another backend than their client's one before. */
  switches = 0;

  private constructor(to: number, most: number) {
    this.#to = to;
    this.#most = most;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** In front of a server on loopback; `most` backends at a time. */
  static async start(to: number, most = 20): Promise<PgPooler> {
    const pooler = new PgPooler(to, most);
    await new Promise<void>((done) => pooler.#server.listen(0, '127.0.0.1', done));
    pooler.port = (pooler.#server.address() as { port: number }).port;
    return pooler;
  }

  through(url: string): string {
    const parsed = new URL(url);
    parsed.port = String(this.port);
    return parsed.href;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server.close(() => done()));
    for (const client of this.#clients) client.destroy();
    for (const { socket } of this.#all) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    this.#clients.add(client);
    client.on('error', () => undefined);
    client.on('close', () => this.#clients.delete(client));
    const greet = (bytes: Buffer): void => {
      const code = bytes.length >= 8 ? bytes.readUInt32BE(4) : 0;
      // SSLRequest
      if (code === 80877103) client.write('N');
      else {
        client.off('data', greet);
        client.pause();
        this.#serve(client, bytes).catch(() => client.destroy());
      }
    };
    client.on('data', greet);
  }

  async #open(startup: Buffer): Promise<Backend> {
    const backend = new Backend(this.#to, startup);
    this.#all.add(backend);
    await backend.start();
    return backend;
  }

  /** Another one than `last` where that can be had. */
  async #take(startup: Buffer, last: Backend | null): Promise<Backend> {
    const at = this.#idle.findIndex((backend) => backend !== last);
    if (at >= 0) return this.#idle.splice(at, 1)[0]!;
    if (this.#all.size < this.#most) return this.#open(startup);
    return this.#idle.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #give(backend: Backend): Promise<void> {
    const left = await backend.left();
    if (left !== '') this.leaks.push(left);
    if (backend.socket.destroyed) return;
    backend.onClose = () => this.#drop(backend);
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(backend);
    else next(backend);
  }

  #drop(backend: Backend): void {
    backend.socket.destroy();
    this.#all.delete(backend);
    const at = this.#idle.indexOf(backend);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  async #serve(client: Socket, startup: Buffer): Promise<void> {
    const first = await this.#open(startup);
    client.write(Buffer.concat(first.greeting));
    await this.#give(first);
    let backend: Backend | null = null;
    let last: Backend | null = first;
    // Messages of the client come one after the other: a pipelined one waits for its backend.
    client.on('data', (bytes: Buffer) => {
      if (bytes[0] === 0x58 && backend === null) {
        client.end();
        return;
      }
      if (backend !== null) {
        backend.socket.write(bytes);
        return;
      }
      client.pause();
      void this.#take(startup, last).then(
        (taken) => {
          this.transactions += 1;
          if (taken !== last) this.switches += 1;
          backend = taken;
          last = taken;
          taken.onBytes = (answer) => client.write(answer);
          taken.onClose = () => {
            this.#drop(taken);
            client.destroy();
          };
          taken.onFrame = ({ type, head }) => {
            // ReadyForQuery outside of a transaction: it is over.
            if (type !== 'Z' || head.toString() !== 'I') return;
            backend = null;
            void this.#give(taken);
          };
          taken.socket.write(bytes);
          client.resume();
        },
        () => client.destroy(),
      );
    });
    // As pgbouncer does: nobody gets a backend whose client vanished in a transaction.
    client.on('close', () => backend !== null && this.#drop(backend));
    client.resume();
  }
}
