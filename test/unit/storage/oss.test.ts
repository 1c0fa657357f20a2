import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import { type StorageOptions, Stores } from '../../../src/storage/index.ts';
import { ossSettings, parseSections } from '../../../src/storage/oss/settings.ts';
import type { BucketServer } from '../../fakes/objects/bucket-server.ts';
import { OSS_TEST_KEY, startOss } from '../../fakes/objects/oss-server.ts';
import { withEnvironment } from '../../support/environment.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();
const config = join(dir, 'ossutilconfig');
const request = { extensions: ['.parquet'] };
const DATA = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 17 + (i >> 7)) & 255);

withEnvironment({
  OSS_ACCESS_KEY_ID: OSS_TEST_KEY.id,
  OSS_ACCESS_KEY_SECRET: OSS_TEST_KEY.secret,
  OSS_SESSION_TOKEN: undefined,
  OSS_REGION: 'cn-hangzhou',
  OSS_ENDPOINT: undefined,
  OSS_CONFIG_FILE: config,
  ALIBABA_CLOUD_ACCESS_KEY_ID: undefined,
});
writeFileSync(
  config,
  '[Credentials]\nlanguage=EN\naccessKeyID=FILEKEY\naccessKeySecret=file=secret\n; note\n[profile b]\naccess-key-id = BKEY\naccess-key-secret = b\nsts-token = tok/en==\nregion = oss-cn-beijing\n',
);

let server: BucketServer;
before(async () => {
  server = await startOss();
});
after(() => server.close());
beforeEach(() => {
  server.objects.clear();
  server.pageKeys = 1000;
  server.clock = () => Date.now();
  server.accounts.set(OSS_TEST_KEY.id, { secret: OSS_TEST_KEY.secret });
  server.accounts.set('BKEY', { secret: 'b', sessionToken: 'tok/en==' });
  for (const key of ['d/x=1/ü a+b.parquet', 'd/x=2/b.parquet', 'd/_SUCCESS']) server.put(`bkt/${key}`, DATA);
  server.takeBytes();
});

async function withStores<T>(work: (stores: Stores) => Promise<T>, options: StorageOptions = {}): Promise<T> {
  const stores = new Stores({ endpointUrl: server.url, ...options });
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

const read = (uri: string, options?: StorageOptions): Promise<Uint8Array> =>
  withStores(async (stores) => {
    const { objects } = await stores.list(uri, request);
    const { sizeBytes, version = '' } = objects[0]!;
    return (await stores.open(objects[0]!.uri, { sizeBytes, version })).read(10, 5000);
  }, options);

const fails =
  (code: ErrorCode, words: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, `${error.message} ${error.hint}`);
    assert.match(`${error.message} ${error.hint}`, words);
    return true;
  };

describe('oss storage', () => {
  it('reads ranges with signed requests, range and version signed too', async () => {
    assert.deepEqual(await read('oss://bkt/d/x=1/ü a+b.parquet'), DATA.slice(10, 5000));
    const { authorization = '', 'if-match': match } = server.seen.at(-1)!.headers;
    assert.match(authorization, /^OSS4-HMAC-SHA256 .*,AdditionalHeaders=host;if-match;range,Signature=/);
    assert.equal(match, server.objects.get('bkt/d/x=1/ü a+b.parquet')?.etag);
  });

  it('lists prefixes and globs, page by page', async () => {
    server.pageKeys = 1;
    await withStores(async (stores) => {
      const { objects } = await stores.list('oss://bkt/d/*/*.parquet', request);
      assert.deepEqual(
        objects.map(({ uri, partitions }) => [uri, partitions]),
        [
          ['oss://bkt/d/x=1/ü a+b.parquet', ['x=1']],
          ['oss://bkt/d/x=2/b.parquet', ['x=2']],
        ],
      );
      assert.equal((await stores.list('oss://bkt/d', request)).objects.length, 2);
    });
  });

  it('uses a section of the file, with its security token', async () => {
    await read('oss://bkt/d/x=2/b.parquet', { profile: 'b' });
    const { authorization = '', 'x-oss-security-token': token } = server.seen[0]!.headers;
    assert.match(authorization, /Credential=BKEY\/\d+\/cn-beijing|Credential=BKEY\/\d+\/cn-hangzhou/);
    assert.equal(token, 'tok/en==');
  });

  it('another thread needs nothing of the environment', async () => {
    await withStores(async (stores) => {
      const { objects } = await stores.list('oss://bkt/d', request);
      const ticket = structuredClone(await stores.ticket());
      delete process.env.OSS_ACCESS_KEY_ID;
      const other = new Stores({}, ticket);
      const { uri, sizeBytes, version = '' } = objects[0]!;
      assert.equal((await (await other.open(uri, { sizeBytes, version })).read(0, 3)).length, 3);
      await other.close();
      process.env.OSS_ACCESS_KEY_ID = OSS_TEST_KEY.id;
    });
  });

  it('explains what is refused or missing', async () => {
    server.accounts.set(OSS_TEST_KEY.id, { secret: 'another' });
    await assert.rejects(
      read('oss://bkt/d/*.parquet'),
      fails('SOURCE_DENIED', /SignatureDoesNotMatch.*environment \(OSS_ACCESS_KEY_ID\)/),
    );
    await assert.rejects(
      read('oss://bkt/d/x=2/b.parquet', { signRequest: false }),
      fails('SOURCE_DENIED', /anonymous/),
    );
    server.accounts.set(OSS_TEST_KEY.id, { secret: OSS_TEST_KEY.secret });
    await assert.rejects(read('oss://bkt/none'), fails('SOURCE_NOT_FOUND', /no object/));
    await assert.rejects(read('oss://nobucket/x/*'), fails('SOURCE_NOT_FOUND', /bucket nobucket/));
  });

  it('gets over a clock that is wrong', async () => {
    server.clock = () => Date.now() - 7_200_000;
    assert.equal((await read('oss://bkt/d/x=2/b.parquet')).length, 4990);
  });

  it('notices another version', async () => {
    await withStores(async (stores) => {
      const object = await stores.open('oss://bkt/d/x=2/b.parquet');
      server.put('bkt/d/x=2/b.parquet', DATA.slice(1));
      await assert.rejects(object.read(0, 10), fails('SOURCE_CHANGED', /replaced/));
    });
  });
});

describe('settings of OSS', () => {
  it('the cloud by region, and hosts that tell theirs', () => {
    const plain = ossSettings({ region: 'oss-us-west-1' });
    assert.deepEqual(
      [plain.region, plain.endpoint, plain.pathStyle],
      ['us-west-1', 'https://oss-us-west-1.aliyuncs.com', false],
    );
    delete process.env.OSS_REGION;
    const internal = ossSettings({ endpointUrl: 'oss-cn-beijing-internal.aliyuncs.com' });
    assert.deepEqual(
      [internal.region, internal.endpoint, internal.pathStyle],
      ['cn-beijing', 'https://oss-cn-beijing-internal.aliyuncs.com', false],
    );
    assert.equal(ossSettings({ endpointUrl: 'http://127.0.0.1:1', region: 'x' }).pathStyle, true);
    assert.throws(() => ossSettings({}), fails('CONFIG_INVALID', /needs the region/));
    process.env.OSS_REGION = 'cn-hangzhou';
  });

  it('the file, when the environment has no key', () => {
    delete process.env.OSS_ACCESS_KEY_ID;
    assert.equal(ossSettings({}).identity?.accessKeySecret, 'file=secret');
    assert.equal(ossSettings({ profile: 'B' }).region, 'cn-hangzhou');
    assert.throws(() => ossSettings({ profile: 'none' }), fails('CONFIG_INVALID', /no section "none"/));
    writeFileSync(config, '');
    assert.throws(() => ossSettings({}), fails('SOURCE_DENIED', /no OSS credentials/));
    process.env.OSS_ACCESS_KEY_ID = OSS_TEST_KEY.id;
  });

  it('sections', () => {
    assert.deepEqual(parseSections('[A b]\r\nX = y=z \n#n=1\n[profile c]\nq=\n'), {
      'a b': { x: 'y=z' },
      c: { q: '' },
    });
  });
});
