// A program for tests: starts a server, says where it is, and waits to be killed.
import { startCluster } from '../../scripts/pg/cluster.ts';

const cluster = await startCluster();
console.log(JSON.stringify({ pid: cluster.pid, dataDir: cluster.dataDir, socketDir: cluster.socketDir }));
setInterval(() => {}, 60_000);
