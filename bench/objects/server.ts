// A store in a process of its own, so that its CPU is not the client's: SeaweedFS where it is installed, otherwise the tests'
// own. `server.js LATENCY_MS FILE COPIES` puts the file there (COPIES 0: once, as `bench/file.parquet`) and prints where: a
// URL without latency and one with it.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stores } from '../../src/storage/index.ts';
import { atOnce, FaultProxy } from '../../test/fakes/fault-proxy.ts';
import { S3_TEST_KEY, startS3 } from '../../test/fakes/objects/s3-server.ts';
import { Seaweed, weedBinary } from '../../test/fakes/objects/seaweed.ts';

const [latency = '0', file = '', copies = '0'] = process.argv.slice(2);
const latencyMs = Number(latency);
const bytes = readFileSync(file);
const names =
  copies === '0'
    ? ['file.parquet']
    : Array.from({ length: Number(copies) }, (_, i) => `many/part-${String(i).padStart(5, '0')}.parquet`);

process.env.AWS_ACCESS_KEY_ID = S3_TEST_KEY.id;
process.env.AWS_SECRET_ACCESS_KEY = S3_TEST_KEY.secret;
process.env.AWS_REGION = 'us-east-1';

async function bucketOf(url: string): Promise<void> {
  // the first request after the start may come too early for the filer behind the gateway
  for (let tries = 0; ; tries++) {
    const stores = new Stores({ endpointUrl: url });
    try {
      for (const name of names) {
        const sink = await stores.create(`s3://bench/${name}`);
        await sink.write(bytes);
        await sink.finish();
      }
      return;
    } catch (error) {
      if (tries > 20) throw error;
      await sleep(500);
    } finally {
      await stores.close();
    }
  }
}

interface Urls {
  readonly url: string;
  readonly slowUrl: string;
}

async function fake(): Promise<Urls> {
  const [server, slow] = [await startS3(), await startS3()];
  for (const one of [server, slow]) for (const name of names) one.put(`bench/${name}`, bytes);
  slow.latencyMs = latencyMs;
  return { url: server.url, slowUrl: slow.url };
}

async function weed(binary: string): Promise<Urls> {
  const server = await Seaweed.start(binary);
  process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
  await bucketOf(server.url);
  const proxy = await FaultProxy.start({ port: Number(new URL(server.url).port) });
  proxy.script(() => [{ on: 'up', when: atOnce, fault: { do: 'latency', downMs: latencyMs } }]);
  return { url: server.url, slowUrl: new URL(proxy.through(server.url)).origin };
}

const binary = process.env.PARLOAD_BENCH_STORE === 'fake' ? null : weedBinary();
const urls = binary === null ? await fake() : await weed(binary);
console.log(JSON.stringify({ kind: binary === null ? "the tests' own store" : 'SeaweedFS', ...urls }));
