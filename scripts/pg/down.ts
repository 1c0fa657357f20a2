// `make pg-down`: stops what `make pg-up` left running.
import { setTimeout as sleep } from 'node:timers/promises';
import { runningServer } from './files.ts';
import { persistentDataDir } from './place.ts';

const WAIT_MS = 30_000;

const dataDir = persistentDataDir();
const server = runningServer(dataDir);
if (server === null) {
  console.log('No embedded Postgres is running.');
} else {
  process.kill(server.pid, 'SIGINT'); // fast shutdown: open connections are closed; the holder then ends by itself
  const deadline = Date.now() + WAIT_MS;
  while (runningServer(dataDir) !== null) {
    if (Date.now() > deadline) throw new Error(`process ${server.pid} did not stop in ${WAIT_MS / 1000} s`);
    await sleep(50);
  }
  console.log(`Stopped. The data stays in ${dataDir}; "make pg-up" starts it again.`);
}
