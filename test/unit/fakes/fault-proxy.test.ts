// The proxy itself: what passes, what does not, and where exactly it ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  afterBytes,
  afterPattern,
  atOnce,
  type Fault,
  FaultProxy,
  type FaultRule,
} from '../../fakes/fault-proxy.ts';
import { hardReset } from '../../fakes/hard-reset.ts';

/** What one side of a connection saw. */
class Heard {
  readonly socket: Socket;
  readonly #parts: Buffer[] = [];
  ended = false;
  /** Code of the error that ended it. */
  error: string | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.#parts.push(bytes));
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? 'unknown';
    });
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('latin1');
  }

  get bytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }
}

const until = async (what: string, look: () => boolean): Promise<void> => {
  const deadline = Date.now() + 20_000;
  while (!look()) {
    assert.ok(Date.now() < deadline, `still not: ${what}`);
    await sleep(5);
  }
};
/** Long enough for bytes on loopback that should not come. */
const quiet = (): Promise<void> => sleep(80);

let backend: Server;
let accepted: Heard[] = [];
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  accepted = [];
  backend = createServer({ allowHalfOpen: true }, (socket) => accepted.push(new Heard(socket)));
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  proxy = await FaultProxy.start({ port: (backend.address() as { port: number }).port });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  for (const { socket } of accepted) socket.destroy();
  backend.close();
});

async function open(...rules: FaultRule[]): Promise<{ client: Heard; server: Heard }> {
  if (rules.length > 0) proxy.next(...rules);
  const nth = accepted.length;
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  const client = new Heard(socket);
  await once(socket, 'connect');
  await until('the server has it', () => accepted.length > nth);
  return { client, server: accepted[nth]! };
}

const rule = (fault: Fault, when = afterBytes(5), on: 'up' | 'down' = 'up'): FaultRule => ({
  on,
  when,
  fault,
});

describe('without faults', () => {
  test('bytes, half-closed ends and ends pass both ways', async () => {
    const { client, server } = await open();
    const big = Buffer.alloc(3_000_000, 'x');
    client.socket.end(big);
    await until('all of it, and the end', () => server.ended);
    assert.equal(server.bytes, big.length);
    server.socket.end('answer');
    await until('the answer', () => client.ended);
    assert.equal(client.text, 'answer');
    await until('the proxy forgot it', () => proxy.links.length === 0);
    assert.equal(proxy.connections, 1);
  });

  test('a sender is slowed when nobody reads', async () => {
    const { client, server } = await open();
    server.socket.pause();
    const block = Buffer.alloc(1 << 20);
    let blocked = false;
    for (let i = 0; i < 64 && !blocked; i++) {
      blocked = !client.socket.write(block);
      await sleep(2);
    }
    assert.ok(blocked);
    await quiet();
    const { received, forwarded } = proxy.links[0]!.up;
    assert.ok(received - forwarded < 1 << 20, `${received - forwarded} bytes in the proxy`);
    server.socket.resume();
  });

  test('a reset is passed on as a reset', async () => {
    const { client, server } = await open();
    hardReset(server.socket);
    await until('it', () => client.error !== null);
    assert.equal(client.error, 'ECONNRESET');
  });

  test('a server that is not there', async () => {
    backend.close();
    const socket = connect(proxy.port, '127.0.0.1');
    const heard = new Heard(socket);
    await new Promise((done) => socket.once('close', done));
    assert.equal(heard.bytes, 0);
  });
});

describe('where it begins', () => {
  test('after bytes, however they come', async () => {
    const { client, server } = await open(rule({ do: 'cut' }));
    for (const part of ['abc', 'd', 'efg']) {
      client.socket.write(part);
      await sleep(10);
    }
    await until('the cut', () => server.ended && client.ended);
    assert.equal(server.text, 'abcde');
  });

  test('after a pattern over two chunks, the second time', async () => {
    const { client, server } = await open(rule({ do: 'cut' }, afterPattern('aXa', 2)));
    for (const part of ['..aX', 'aXa..a', 'Xa after']) {
      client.socket.write(part);
      await sleep(10);
    }
    await until('the cut', () => server.ended);
    assert.equal(server.text, '..aXaXa..aXa');
  });

  test('in the other direction, and before the first byte', async () => {
    const { client, server } = await open(rule({ do: 'cut' }, atOnce, 'down'));
    client.socket.write('hello');
    await until('hello', () => server.text === 'hello');
    server.socket.write('answer');
    await until('the cut', () => client.ended);
    assert.equal(client.text, '');
  });

  test('several rules on one connection, each at its place', async () => {
    const { client, server } = await open(
      rule({ do: 'cut' }, afterBytes(9)),
      rule({ do: 'stall', forMs: 30, only: 'up' }, afterBytes(3)),
      rule({ do: 'latency', upMs: 1 }, afterPattern('cd')),
    );
    client.socket.write('abcdefghijkl');
    await until('the cut', () => server.ended);
    assert.equal(server.text, 'abcdefghi');
    assert.deepEqual(
      proxy.happened.map((h) => h.fault.do),
      ['stall', 'latency', 'cut'],
    );
  });

  test('only the connection that was meant; a script sees their numbers', async () => {
    proxy.script((index) => (index === 1 ? [rule({ do: 'cut' }, afterBytes(1))] : []));
    for (const index of [0, 1, 2]) {
      const { client, server } = await open();
      client.socket.write('abc');
      await until('it', () => server.text === (index === 1 ? 'a' : 'abc'));
      assert.equal(server.ended, index === 1);
    }
    assert.deepEqual(
      proxy.happened.map((h) => h.index),
      [1],
    );
  });

  test('armed on a connection that has run for a while', async () => {
    const { client, server } = await open();
    client.socket.write('STOP early');
    await until('it', () => server.bytes === 10);
    proxy.arm(rule({ do: 'cut' }, afterPattern('STOP')));
    client.socket.write('more STOP rest');
    await until('the cut', () => server.ended);
    assert.equal(server.text, 'STOP earlymore STOP');
  });
});

describe('what happens', () => {
  test('reset', async () => {
    const { client, server } = await open(rule({ do: 'reset' }));
    client.socket.write('abcdefg');
    // A side that still had bytes to read may see them and an end instead.
    await until('both', () => client.error !== null && (server.error !== null || server.ended));
    assert.equal(client.error, 'ECONNRESET');
    assert.equal(server.text.length <= 5, true);
  });

  test('stall: nothing moves, then everything', async () => {
    const { client, server } = await open(rule({ do: 'stall', forMs: 150 }));
    const startedAt = performance.now();
    client.socket.write('abcdefg');
    await proxy.reached(1);
    server.socket.write('down');
    await sleep(20);
    assert.equal(server.text, 'abcde');
    assert.equal(client.text, '');
    await until('the rest', () => server.text === 'abcdefg' && client.text === 'down');
    assert.ok(performance.now() - startedAt >= 140);
  });

  test('stall for ever blocks the sender, until it is ended', async () => {
    const { client, server } = await open(rule({ do: 'stall', forMs: Number.POSITIVE_INFINITY }));
    client.socket.write(Buffer.alloc(32 << 20, 'y'));
    await proxy.reached(1);
    await quiet();
    assert.equal(server.bytes, 5);
    assert.ok(client.socket.writableLength > 0, 'the sender waits');
    proxy.links[0]!.resume();
    await until('the rest', () => server.bytes === 32 << 20);
  });

  test('black hole: takes everything, tells nobody', async () => {
    const { client, server } = await open(rule({ do: 'black-hole' }));
    client.socket.write('abcdefg');
    await proxy.reached(1);
    let taken = false;
    client.socket.write(Buffer.alloc(8 << 20), () => {
      taken = true;
    });
    server.socket.write('down');
    client.socket.end();
    await until('the sender got rid of it', () => taken);
    await quiet();
    assert.deepEqual([server.text, client.text], ['abcde', '']);
    assert.deepEqual([server.ended, server.error], [false, null]);
    client.socket.destroy();
    await quiet();
    assert.deepEqual([server.ended, server.error], [false, null]);
  });

  test('black hole in one direction: the other lives', async () => {
    const { client, server } = await open(rule({ do: 'black-hole', only: 'up' }));
    client.socket.write('abcdefg');
    await proxy.reached(1);
    server.socket.write('down');
    await until('down', () => client.text === 'down');
    assert.equal(server.text, 'abcde');
  });

  test('truncate: a whole end too early; the sender is not told', async () => {
    const { client, server } = await open(rule({ do: 'truncate', only: 'down' }, afterBytes(4), 'down'));
    client.socket.write('ask');
    await until('ask', () => server.text === 'ask');
    server.socket.write('answer');
    await until('the end', () => client.ended);
    assert.equal(client.text, 'answ');
    assert.deepEqual([server.ended, server.error], [false, null]);
    client.socket.write(' more');
    await until('up still works', () => server.text === 'ask more');
  });

  for (const ending of ['silence', 'cut', 'reset'] as const) {
    test(`lose the reply, then ${ending}`, async () => {
      const { client, server } = await open(rule({ do: 'lose-reply', ending }, afterPattern('COMMIT')));
      client.socket.write('COMMIT');
      await until('it', () => server.text === 'COMMIT');
      await quiet();
      assert.deepEqual([client.ended, client.error], [false, null], 'not before the server has answered');
      server.socket.write('done');
      if (ending === 'cut') await until('the end', () => client.ended);
      else if (ending === 'reset') await until('the reset', () => client.error === 'ECONNRESET');
      else await quiet();
      assert.equal(client.text, '');
    });
  }

  test('latency each way', async () => {
    const { client, server } = await open();
    proxy.apply({ do: 'latency', upMs: 60, downMs: 90 });
    const startedAt = performance.now();
    client.socket.write('ping');
    await until('ping', () => server.text === 'ping');
    const upMs = performance.now() - startedAt;
    server.socket.write('pong');
    await until('pong', () => client.text === 'pong');
    assert.ok(upMs >= 58, `${upMs} ms up`);
    assert.ok(performance.now() - startedAt >= 145);
  });

  test('a limited rate', async () => {
    const { client, server } = await open();
    proxy.apply({ do: 'rate', bytesPerSecond: 10_000, only: 'up' });
    const startedAt = performance.now();
    client.socket.write(Buffer.alloc(2000));
    await until('all of it', () => server.bytes === 2000);
    assert.ok(performance.now() - startedAt >= 150, 'too fast');
  });

  test('refuse: connections are reset, and later accepted again', async () => {
    proxy.refuse(true);
    const socket = connect(proxy.port, '127.0.0.1');
    const heard = new Heard(socket);
    await new Promise((done) => socket.once('close', done));
    assert.equal(heard.bytes, 0);
    assert.equal(accepted.length, 0);
    proxy.refuse(false);
    const { client, server } = await open();
    client.socket.write('x');
    await until('x', () => server.text === 'x');
  });
});
