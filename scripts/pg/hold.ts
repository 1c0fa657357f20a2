// Holds the kept server of `make pg-up` until it is told to stop, or until the server ends by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from './cluster.ts';

const cluster = await startCluster({ persistent: true });
let told = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => (told = true));
while (!told && cluster.pid !== null) await sleep(200);
await cluster.close();
