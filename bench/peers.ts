// `make bench-peers`: cases/peers.yaml, when a Python environment with the peers is there.
import { fileURLToPath } from 'node:url';
import { toParloadError } from '../src/errors/index.ts';
import { bench } from './main.ts';
import { peersPython } from './tools.ts';

/** dist/bench/peers.js -> the checkout. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const HOW = `No Python environment with the peers: neither PARLOAD_PEERS_VENV nor .parload/peers has bin/python.
Make one, as bench/README.md shows:
  python3 -m venv .parload/peers
  .parload/peers/bin/pip install duckdb pgpq adbc-driver-postgresql pyarrow 'psycopg[binary]'`;

if (peersPython(ROOT) === null) {
  console.error(HOW);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await bench(['--cases', 'peers', ...process.argv.slice(2)]);
  } catch (error) {
    const known = toParloadError(error);
    console.error(`bench-peers: ${known.message}`);
    process.exitCode = known.exitCode;
  }
}
