// One connection through the proxy: a pipe each way, and the faults that a test may let happen to it.
import type { Socket } from 'node:net';
import { FaultPipe } from './fault-pipe.ts';
import type { MakeTrigger } from './fault-trigger.ts';
import { hardReset } from './hard-reset.ts';

/** up: from the client to the server; down: from the server to the client. */
export type Direction = 'up' | 'down';

export type Fault =
  /** A FIN to both sides, after what went on before. */
  | { readonly do: 'cut' }
  /** A RST to both sides. */
  | { readonly do: 'reset' }
  /** Nothing moves for so long, in one direction or both; then all of it goes on. Infinity: for ever. */
  | { readonly do: 'stall'; readonly forMs: number; readonly only?: Direction }
  /** Bytes vanish for ever, and nobody is told of the other's end. */
  | { readonly do: 'black-hole'; readonly only?: Direction }
  /** What has passed in this direction is all that its receiver gets, and a FIN. The sender notices nothing. */
  | { readonly do: 'truncate'; readonly only: Direction }
  /** The server's bytes vanish. `ending`: what happens to the client when the first of them did. */
  | { readonly do: 'lose-reply'; readonly ending: 'silence' | 'cut' | 'reset' }
  | { readonly do: 'latency'; readonly upMs?: number; readonly downMs?: number }
  | { readonly do: 'rate'; readonly bytesPerSecond: number; readonly only?: Direction };

export interface FaultRule {
  /** In which direction the place is looked for. */
  readonly on: Direction;
  readonly when: MakeTrigger;
  readonly fault: Fault;
}

export class FaultLink {
  /** 0 for the proxy's first connection. */
  readonly index: number;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly up: FaultPipe;
  readonly down: FaultPipe;
  /** Faults that happened, in their order. */
  readonly happened: Fault[] = [];
  readonly #onFault: (link: FaultLink, fault: Fault) => void;

  constructor(
    index: number,
    sockets: { readonly client: Socket; readonly server: Socket },
    onFault: (link: FaultLink, fault: Fault) => void,
  ) {
    this.index = index;
    this.#client = sockets.client;
    this.#server = sockets.server;
    this.#onFault = onFault;
    this.up = new FaultPipe(sockets.client, sockets.server);
    this.down = new FaultPipe(sockets.server, sockets.client);
  }

  /** Both ends are gone. */
  get over(): boolean {
    return this.#client.destroyed && this.#server.destroyed;
  }

  arm({ on, when, fault }: FaultRule): void {
    this[on].arm(when(), () => this.apply(fault));
  }

  /** Now. */
  apply(fault: Fault): void {
    this.happened.push(fault);
    this.#do(fault);
    this.#onFault(this, fault);
  }

  #do(fault: Fault): void {
    const both = [this.up, this.down];
    const pipes = 'only' in fault && fault.only !== undefined ? [this[fault.only]] : both;
    switch (fault.do) {
      case 'cut':
        for (const pipe of both) pipe.finish();
        return;
      case 'reset':
        this.reset();
        return;
      case 'stall':
        for (const pipe of pipes) pipe.stall(fault.forMs);
        return;
      case 'black-hole':
        for (const pipe of pipes) pipe.swallow(true);
        return;
      case 'truncate':
        this[fault.only].finish();
        return;
      case 'lose-reply':
        this.#loseReply(fault.ending);
        return;
      case 'latency':
        this.up.latencyMs = fault.upMs ?? 0;
        this.down.latencyMs = fault.downMs ?? 0;
        return;
      case 'rate':
        for (const pipe of pipes) pipe.bytesPerSecond = fault.bytesPerSecond;
    }
  }

  #loseReply(ending: 'silence' | 'cut' | 'reset'): void {
    if (ending === 'silence') this.down.swallow(true);
    else this.down.swallow(true, () => (ending === 'cut' ? this.down.finish() : this.reset()));
  }

  /** Ends a stall that would last for ever. */
  resume(): void {
    this.up.resume();
    this.down.resume();
  }

  reset(): void {
    for (const pipe of [this.up, this.down]) pipe.swallow(true);
    for (const socket of [this.#client, this.#server]) hardReset(socket);
  }

  destroy(): void {
    for (const pipe of [this.up, this.down]) pipe.swallow(true);
    this.#client.destroy();
    this.#server.destroy();
  }
}
