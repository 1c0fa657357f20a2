// `make pg-up`: the embedded Postgres of `make ingest`, left running until `make pg-down`.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runningServer, tailOf } from './files.ts';
import { persistentDataDir } from './place.ts';

const WAIT_MS = 60_000;

const dataDir = persistentDataDir();
const urlOf = (port: number): string => `postgres://postgres@127.0.0.1:${port}/postgres`;

async function waitUntilReady(holder: { exitCode: number | null }): Promise<number> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline) {
    const server = runningServer(dataDir);
    if (server?.ready === true) return server.port;
    if (holder.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`Postgres did not start:\n${tailOf(`${dataDir}.log`)}`);
}

const already = runningServer(dataDir);
if (already !== null) {
  console.log(`Already running: ${urlOf(already.port)}`);
} else {
  // A process of its own holds the server, because a server ends with the process that started it.
  const holder = spawn(process.execPath, [fileURLToPath(new URL('./hold.js', import.meta.url))], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: '/',
  });
  holder.unref();
  const port = await waitUntilReady(holder);
  console.log(
    `Postgres is running, with its data in ${dataDir}\n\n  ${urlOf(port)}\n\nStop it with: make pg-down`,
  );
}
