// A process of its own that answers like CrateDB's HTTP endpoint, counts rows and keeps nothing: what is left is the client.
// Prints its port; ends when stdin does.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import { RowCounter } from './row-counter.ts';

const total = { rows: 0, bytes: 0, requests: 0, bad: 0 };

const ONE = '{"rowcount":1},';
let ones = ONE;

function answer(response: ServerResponse, text: string, status = 200): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function sql(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const counter = new RowCounter();
  request.on('data', (chunk: Buffer) => {
    total.bytes += chunk.length;
  });
  const zipped = request.headers['content-encoding'] === 'gzip';
  for await (const chunk of zipped ? request.pipe(createGunzip()) : request) counter.add(chunk as Buffer);
  const { rows } = counter;
  if (!counter.isWhole) {
    total.bad++;
    return answer(response, '{"error":{"message":"a body without end","code":4000}}', 400);
  }
  total.requests++;
  total.rows += rows;
  if (rows === 0) return answer(response, '{"cols":[],"rows":[],"rowcount":1}');
  while (ones.length < rows * ONE.length) ones += ones;
  answer(response, `{"cols":[],"duration":0.1,"results":[${ones.slice(0, rows * ONE.length - 1)}]}`);
}

const server = createServer((request, response) => {
  if (request.url?.startsWith('/_sql') === true) {
    sql(request, response).catch(() => response.destroy());
  } else if (request.url === '/stats') {
    answer(response, JSON.stringify(total));
  } else if (request.url === '/reset') {
    Object.assign(total, { rows: 0, bytes: 0, requests: 0, bad: 0 });
    answer(response, '{}');
  } else {
    answer(response, '{"name":"counting","version":{"number":"5.10.0"}}');
  }
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
