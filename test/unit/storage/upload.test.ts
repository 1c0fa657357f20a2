// Objects that are written: there when they are complete, and otherwise not at all. S3 and OSS alike.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import { Stores } from '../../../src/storage/index.ts';
import { partBytes } from '../../../src/storage/remote/upload.ts';
import type { BucketServer } from '../../fakes/objects/bucket-server.ts';
import { OSS_TEST_KEY, startOss } from '../../fakes/objects/oss-server.ts';
import { S3_TEST_KEY, startS3 } from '../../fakes/objects/s3-server.ts';
import { withEnvironment } from '../../support/environment.ts';

const MiB = 1024 * 1024;
const BIG = new Uint8Array(20 * MiB + 123);
for (let i = 0; i < BIG.length; i += 997) BIG[i] = i & 255;
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

withEnvironment({
  AWS_ACCESS_KEY_ID: S3_TEST_KEY.id,
  AWS_SECRET_ACCESS_KEY: S3_TEST_KEY.secret,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  OSS_ACCESS_KEY_ID: OSS_TEST_KEY.id,
  OSS_ACCESS_KEY_SECRET: OSS_TEST_KEY.secret,
  OSS_REGION: 'cn-hangzhou',
  OSS_CONFIG_FILE: '/dev/null',
});

const fails =
  (code: ErrorCode) =>
  (error: unknown): boolean => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };

for (const [scheme, start] of [
  ['s3', startS3],
  ['oss', startOss],
] as const) {
  describe(`writing to ${scheme}`, () => {
    let server: BucketServer;
    let stores: Stores;
    const uri = `${scheme}://bkt/out/part ü+1.parquet`;
    const key = 'bkt/out/part ü+1.parquet';
    before(async () => {
      server = await start();
      stores = new Stores({ endpointUrl: server.url, region: 'eu-west-1' });
    });
    after(async () => {
      await stores.close();
      await server.close();
    });
    beforeEach(() => {
      server.objects.clear();
      server.uploads.clear();
      server.buckets.add('bkt');
      server.faultOf = () => null;
      server.takeBytes();
    });
    const methods = (): string[] => server.seen.map(({ method }) => method);

    it('a small object goes with one request', async () => {
      const sink = await stores.create(uri);
      await sink.write(BIG.subarray(0, 1000));
      await sink.write(BIG.subarray(1000, 5000));
      assert.equal(server.objects.has(key), false);
      const { sizeBytes, version } = await sink.finish();
      assert.deepEqual(server.objects.get(key)?.bytes, Buffer.from(BIG.subarray(0, 5000)));
      assert.deepEqual([sizeBytes, version], [5000, server.objects.get(key)?.etag]);
      assert.deepEqual(methods(), ['PUT']);
    });

    it('an empty one too', async () => {
      await (await stores.create(uri)).finish();
      assert.equal(server.objects.get(key)?.bytes.length, 0);
    });

    it('a large one in parts, visible only when it is complete, and read back', async () => {
      const sink = await stores.create(uri);
      // written from one buffer that is used again
      const buffer = new Uint8Array(300_000);
      for (let at = 0; at < BIG.length; at += buffer.length) {
        const part = BIG.subarray(at, at + buffer.length);
        buffer.set(part);
        await sink.write(buffer.subarray(0, part.length));
        buffer.fill(0);
      }
      assert.equal(server.objects.has(key), false);
      const known = await sink.finish();
      assert.equal(digest(server.objects.get(key)!.bytes), digest(BIG));
      assert.equal(server.uploads.size, 0);
      assert.deepEqual(methods().sort(), ['POST', 'POST', 'PUT', 'PUT', 'PUT']);
      const object = await stores.open(uri, known);
      assert.equal(digest(await object.read(0, BIG.length)), digest(BIG));
      await object.close();
    });

    it('broken and busy answers change nothing', async () => {
      let asked = 0;
      server.faultOf = () => (asked++ % 2 === 0 ? { do: 'status', status: 503 } : null);
      const sink = await stores.create(uri);
      await sink.write(BIG);
      await sink.finish();
      assert.equal(digest(server.objects.get(key)!.bytes), digest(BIG));
    });

    it('an aborted one leaves nothing behind', async () => {
      const sink = await stores.create(uri);
      await sink.write(BIG);
      await sink.abort();
      assert.equal(server.uploads.size, 0);
      assert.equal(server.objects.size, 0);
      await assert.rejects(sink.write(BIG), fails('UNEXPECTED'));
      await assert.rejects(sink.finish(), fails('UNEXPECTED'));
    });

    it('a failing one is taken away, and says why', async () => {
      server.faultOf = ({ method, url }) =>
        method === 'PUT' && /partNumber=2/.test(url) ? { do: 'status', status: 403 } : null;
      const sink = await stores.create(uri);
      await assert.rejects(
        (async () => {
          await sink.write(BIG);
          await sink.finish();
        })(),
        fails('SINK_DENIED'),
      );
      await sink.abort();
      assert.equal(server.uploads.size, 0);
      assert.equal(server.objects.size, 0);
    });

    it('knows its own object when the last answer was lost', async () => {
      let lost = false;
      const sink = await stores.create(uri);
      await sink.write(BIG);
      server.faultOf = ({ method, url }) => {
        if (method !== 'POST' || !/uploadId=/.test(url) || lost) return null;
        lost = true;
        return { do: 'lost' };
      };
      const { version } = await sink.finish();
      assert.equal(lost, true);
      assert.equal(version, server.objects.get(key)?.etag);
    });

    it('does not take an upload that somebody ended for its own', async () => {
      const sink = await stores.create(uri);
      await sink.write(BIG);
      while ([...server.uploads.values()][0]?.parts.size !== 2) await pause(5);
      server.uploads.clear();
      server.put(key, BIG.subarray(0, 10));
      await assert.rejects(sink.finish(), fails('SINK_REJECTED'));
    });

    it('a folder is no object', async () => {
      await assert.rejects(stores.create(`${scheme}://bkt/out/`), fails('SINK_REJECTED'));
    });
  });
}

describe('parts', () => {
  it('are never too small, and 10,000 of them hold more than 1 TiB', () => {
    let sum = 0;
    for (let number = 1; number <= 10_000; number++) {
      assert.ok(partBytes(number) >= 5 * MiB && partBytes(number) <= 5 * 1024 * MiB);
      sum += partBytes(number);
    }
    assert.ok(sum > 1024 ** 4, `${sum}`);
  });

  it('web pages are only read', async () => {
    await assert.rejects(new Stores().create('https://example.com/x.parquet'), fails('CONNECTOR_UNKNOWN'));
  });
});
