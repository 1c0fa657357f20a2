// A TCP proxy on loopback whose network fails as a test says: at once, or at a place in the stream, connection by
// connection. It knows bytes only; what they mean is in pg-triggers.ts.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Fault, FaultLink, type FaultRule } from './fault-link.ts';
import { hardReset } from './hard-reset.ts';

export type { Direction, Fault, FaultLink, FaultRule } from './fault-link.ts';
export { afterBytes, afterPattern, atOnce, type MakeTrigger } from './fault-trigger.ts';

/** What is armed on a connection when it is made. `index` counts from 0. */
export type Script = (index: number) => readonly FaultRule[];

export interface FaultProxyTarget {
  /** Loopback unless said. */
  readonly host?: string;
  readonly port: number;
}

export class FaultProxy {
  readonly #target: FaultProxyTarget;
  readonly #server: Server;
  readonly #live = new Set<FaultLink>();
  readonly #waiting = new Set<() => void>();
  #script: Script = () => [];
  #refusing = false;
  #made = 0;
  /** Every fault that happened, on any connection. */
  readonly happened: { readonly index: number; readonly fault: Fault }[] = [];
  port = 0;

  constructor(target: FaultProxyTarget) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async start(target: FaultProxyTarget): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((done, fail) => {
      proxy.#server.once('error', fail);
      proxy.#server.listen(0, '127.0.0.1', done);
    });
    proxy.port = (proxy.#server.address() as { port: number }).port;
    return proxy;
  }

  /** Connections that were accepted so far. */
  get connections(): number {
    return this.#made;
  }

  /** Those of which an end still lives, oldest first. */
  get links(): readonly FaultLink[] {
    return [...this.#live];
  }

  /** `url` with the host and port of the proxy. */
  through(url: string): string {
    const parsed = new URL(url);
    parsed.hostname = '127.0.0.1';
    parsed.port = String(this.port);
    return parsed.href;
  }

  /** For connections made from now on. */
  script(script: Script): void {
    this.#script = script;
  }

  /** The next connection has these rules, those after it none. */
  next(...rules: FaultRule[]): void {
    const index = this.#made;
    this.#script = (i) => (i === index ? rules : []);
  }

  /** To every connection there is; those made later work. */
  apply(fault: Fault): void {
    for (const link of this.#live) link.apply(fault);
  }

  arm(rule: FaultRule): void {
    for (const link of this.#live) link.arm(rule);
  }

  /** New connections are reset at once, as long as it is true. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** Resolves when so many faults have happened in all. */
  async reached(count: number): Promise<void> {
    while (this.happened.length < count) await new Promise<void>((go) => this.#waiting.add(go));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server.close(() => done()));
    for (const link of this.#live) link.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#refusing) {
      hardReset(client);
      return;
    }
    const { host = '127.0.0.1', port } = this.#target;
    const server = connect({ host, port, allowHalfOpen: true, noDelay: true });
    server.on('error', () => undefined);
    client.setNoDelay(true);
    const link = new FaultLink(this.#made++, { client, server }, (_, fault) => this.#note(link, fault));
    this.#live.add(link);
    const gone = (): void => {
      if (link.over) this.#live.delete(link);
    };
    client.once('close', gone);
    server.once('close', gone);
    for (const rule of this.#script(link.index)) link.arm(rule);
  }

  #note(link: FaultLink, fault: Fault): void {
    this.happened.push({ index: link.index, fault });
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }
}
