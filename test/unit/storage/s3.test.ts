import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import { type StorageOptions, Stores } from '../../../src/storage/index.ts';
import type { BucketServer } from '../../fakes/objects/bucket-server.ts';
import { S3_TEST_KEY, startS3 } from '../../fakes/objects/s3-server.ts';
import { withEnvironment } from '../../support/environment.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();
const request = { extensions: ['.parquet', '.pq'] };
const DATA = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 13 + (i >> 9)) & 255);

withEnvironment({
  AWS_ACCESS_KEY_ID: S3_TEST_KEY.id,
  AWS_SECRET_ACCESS_KEY: S3_TEST_KEY.secret,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: undefined,
  AWS_ENDPOINT_URL: undefined,
  AWS_ENDPOINT_URL_S3: undefined,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: join(dir, 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(dir, 'credentials'),
});
writeFileSync(
  join(dir, 'config'),
  '[default]\nregion = eu-west-1\n[profile work]\nregion = eu-north-1\n[profile tool]\ncredential_process = /bin/sh -c \'echo "{\\"Version\\":1,\\"AccessKeyId\\":\\"TESTKEY\\",\\"SecretAccessKey\\":\\"test/secret+key\\"}"\'\n',
);
writeFileSync(
  join(dir, 'credentials'),
  `[work]\naws_access_key_id = WORKKEY\naws_secret_access_key = work-secret\naws_session_token = work/token==\n`,
);

let server: BucketServer;
before(async () => {
  server = await startS3();
});
after(() => server.close());
beforeEach(() => {
  server.objects.clear();
  server.open.clear();
  server.requesterPays.clear();
  server.regions.clear();
  server.pageKeys = 1000;
  server.clock = () => Date.now();
  server.faultOf = () => null;
  server.accounts.set(S3_TEST_KEY.id, { secret: S3_TEST_KEY.secret });
  server.accounts.set('WORKKEY', { secret: 'work-secret', sessionToken: 'work/token==' });
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

const names = (uri: string, options?: StorageOptions): Promise<string[]> =>
  withStores(
    async (stores) => (await stores.list(uri, request)).objects.map((o) => o.uri.replace('s3://b/', '')),
    options,
  );

const readFirst = (uri: string, options?: StorageOptions): Promise<Uint8Array> =>
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
    assert.doesNotMatch(
      `${error.message} ${error.hint} ${error.cause}`,
      /secret words|test\/secret|work-secret/,
    );
    return true;
  };

describe('s3 storage', () => {
  it('reads ranges of a pinned version with signed requests', async () => {
    server.put('b/x=1/a b+c/ü.parquet', DATA);
    assert.deepEqual(await readFirst('s3://b/x=1/a b+c/ü.parquet'), DATA.slice(10, 5000));
    assert.deepEqual(
      server.seen.map(({ method }) => method),
      ['HEAD', 'GET'],
    );
    assert.equal(server.seen[1]?.headers['if-match'], server.objects.get('b/x=1/a b+c/ü.parquet')?.etag);
    assert.match(
      server.seen[1]?.headers.authorization ?? '',
      /\/eu-west-1\/s3\/.*SignedHeaders=[^,]*if-match[^,]*range/,
    );
  });

  it('keeps odd keys as they are', async () => {
    for (const key of ['a//b/../c/./d.parquet', "q?x&y=%20~!*'().parquet", '日本/ü.parquet']) {
      server.put(`b/${key}`, DATA);
      assert.deepEqual(await readFirst(`s3://b/${key}`), DATA.slice(10, 5000), key);
    }
  });

  describe('listing', () => {
    beforeEach(() => {
      for (const key of [
        'set/b.parquet',
        'set/a.parquet',
        'set/deep/er/c.PARQUET',
        'set/notes.txt',
        'set/_temporary/x.parquet',
        'set/.a.parquet',
        'set/_kind=1/e.parquet',
        'y/year=2024/month=1/p q.parquet',
        'y/year=2024/month=2/p+q.parquet',
        'y/year=2025/month=1/p.parquet',
        'y/year=2025/_SUCCESS',
      ])
        server.put(`b/${key}`, DATA);
      for (const key of ['set/', 'set/_SUCCESS', 'set/empty.parquet'])
        server.put(`b/${key}`, new Uint8Array(0));
    });

    it('takes the data of a prefix, with or without a slash', async () => {
      const all = ['set/_kind=1/e.parquet', 'set/a.parquet', 'set/b.parquet', 'set/deep/er/c.PARQUET'];
      assert.deepEqual(await names('s3://b/set/'), all);
      assert.deepEqual(await names('s3://b/set'), all);
      assert.equal((await names('s3://b')).length, 7);
      const { skippedEmpty } = await withStores((stores) => stores.list('s3://b/set', request));
      assert.deepEqual(skippedEmpty, ['s3://b/set/empty.parquet']);
    });

    it('knows globs, and asks for no more than their literal part', async () => {
      assert.deepEqual(await names('s3://b/y/year=2024/**/*.parquet'), [
        'y/year=2024/month=1/p q.parquet',
        'y/year=2024/month=2/p+q.parquet',
      ]);
      assert.match(server.seen[0]!.url, /prefix=y%2Fyear%3D2024%2F(&|$)/);
      assert.deepEqual(await names('s3://b/y/year={2025,2026}/*/*.parquet'), [
        'y/year=2025/month=1/p.parquet',
      ]);
      assert.deepEqual(await names('s3://b/set/[ab].parquet'), ['set/a.parquet', 'set/b.parquet']);
    });

    it('takes a folder that a glob ends on as a whole', async () => {
      assert.equal((await names('s3://b/y/year=*')).length, 3);
      assert.equal((await names('s3://b/s?t')).length, 4);
    });

    it('finds partition folders', async () => {
      const partitions = async (uri: string): Promise<string[]> =>
        withStores(async (stores) =>
          (await stores.list(uri, request)).objects.map((o) => o.partitions.join('/')),
        );
      const expected = ['year=2024/month=1', 'year=2024/month=2', 'year=2025/month=1'];
      assert.deepEqual(await partitions('s3://b/y'), expected);
      assert.deepEqual(await partitions('s3://b/y/year=2024'), expected.slice(0, 2));
      assert.deepEqual(await partitions('s3://b/y/year=*/**/*.parquet'), expected);
      assert.deepEqual(await partitions('s3://b/y/year=2025/month=1/p.parquet'), expected.slice(2));
    });

    it('goes on where a page ends', async () => {
      server.pageKeys = 2;
      assert.equal((await names('s3://b/y/')).length, 3);
      assert.equal(server.seen.length, 2);
    });

    it('tells the version, so that opening asks for nothing', async () => {
      await withStores(async (stores) => {
        const { objects } = await stores.list('s3://b/y', request);
        server.takeBytes();
        const { uri, sizeBytes, version = '' } = objects[0]!;
        const object = await stores.open(uri, { sizeBytes, version });
        assert.deepEqual(await object.read(0, 10), DATA.slice(0, 10));
        assert.equal(server.seen.length, 1);
      });
    });

    it('says that nothing is there', async () => {
      await assert.rejects(names('s3://b/none'), fails('SOURCE_NOT_FOUND', /no object s3:\/\/b\/none/));
      await assert.rejects(names('s3://b/none/*.parquet'), fails('SOURCE_NOT_FOUND', /nothing matches/));
      await assert.rejects(
        names('s3://nobucket/x/*'),
        fails('SOURCE_NOT_FOUND', /bucket nobucket does not exist/),
      );
      await assert.rejects(names('s3:///x'), fails('SOURCE_NOT_FOUND', /names no bucket/));
    });
  });

  it('notices another version', async () => {
    server.put('b/v.parquet', DATA, { versionId: 'one' });
    await withStores(async (stores) => {
      const object = await stores.open('s3://b/v.parquet');
      assert.match(object.version, /one/);
      server.put('b/v.parquet', DATA, { versionId: 'two' });
      await assert.rejects(object.read(0, 10), fails('SOURCE_CHANGED', /replaced/));
      server.put('b/v.parquet', DATA.slice(1));
      await assert.rejects(object.read(0, 10), fails('SOURCE_CHANGED', /replaced/));
    });
  });

  describe('who we are', () => {
    beforeEach(() => {
      server.put('b/a.parquet', DATA);
    });
    const read = (options?: StorageOptions): Promise<Uint8Array> => readFirst('s3://b/a.parquet', options);

    it('a profile, with its region and session token', async () => {
      await read({ profile: 'work' });
      const { authorization = '', 'x-amz-security-token': token } = server.seen[0]!.headers;
      assert.match(authorization, /Credential=WORKKEY\/\d+\/eu-north-1\//);
      assert.equal(token, 'work/token==');
    });

    it('credential_process of a profile', async () => {
      await read({ profile: 'tool' });
      assert.match(server.seen[0]!.headers.authorization ?? '', /Credential=TESTKEY/);
    });

    it('a profile that is not there', async () => {
      await assert.rejects(read({ profile: 'nobody' }), fails('CONFIG_INVALID', /no AWS profile "nobody"/));
    });

    it('nobody', async () => {
      server.open.add('b');
      await read({ signRequest: false });
      assert.equal(server.seen[0]?.headers.authorization, undefined);
      server.open.clear();
      await assert.rejects(
        read({ signRequest: false }),
        fails('SOURCE_DENIED', /anonymous.*--no-sign-request/),
      );
    });

    it('another thread signs with what the first one found', async () => {
      await withStores(async (stores) => {
        const { objects } = await stores.list('s3://b/a.parquet', request);
        const ticket = structuredClone(await stores.ticket());
        server.takeBytes();
        delete process.env.AWS_ACCESS_KEY_ID;
        const other = new Stores({ endpointUrl: server.url }, ticket);
        const object = await other.open(objects[0]!.uri, {
          sizeBytes: DATA.length,
          version: objects[0]!.version!,
        });
        assert.deepEqual(await object.read(0, 5), DATA.slice(0, 5));
        process.env.AWS_ACCESS_KEY_ID = S3_TEST_KEY.id;
        await other.close();
      });
    });

    it('wrong secrets, unknown keys and tokens that expired are told apart', async () => {
      server.accounts.set(S3_TEST_KEY.id, { secret: 'another' });
      await assert.rejects(
        read(),
        fails('SOURCE_DENIED', /SignatureDoesNotMatch.*environment.*does not fit/),
      );
      server.accounts.delete(S3_TEST_KEY.id);
      await assert.rejects(read(), fails('SOURCE_DENIED', /InvalidAccessKeyId.*does not know/));
      server.accounts.set('WORKKEY', { secret: 'work-secret', sessionToken: 'work/token==', expired: true });
      await assert.rejects(
        read({ profile: 'work' }),
        fails('SOURCE_DENIED', /ExpiredToken.*profile in the shared.*sign in again/),
      );
    });

    it('with a clock that is wrong', async () => {
      server.clock = () => Date.now() + 3_600_000;
      assert.equal((await read()).length, 4990);
    });

    it('requester pays', async () => {
      server.requesterPays.add('b');
      await assert.rejects(read(), fails('SOURCE_DENIED', /--request-payer requester/));
      assert.equal((await read({ requestPayer: 'requester' })).length, 4990);
    });
  });

  it('finds the region of a bucket', async () => {
    server.put('b/a.parquet', DATA);
    server.regions.set('b', 'ap-south-1');
    assert.equal((await readFirst('s3://b/a.parquet')).length, 4990);
    assert.match(server.seen.at(-1)?.headers.authorization ?? '', /ap-south-1/);
  });

  it('puts the bucket into the host name on request', async () => {
    server.put('bucket/a.parquet', DATA);
    const endpointUrl = `http://localhost:${server.port}`;
    const result = await readFirst('s3://bucket/a.parquet', { endpointUrl, pathStyle: false }).catch(
      (error: unknown) => error,
    );
    // not every machine resolves bucket.localhost
    if (ParloadError.is(result)) assert.equal(result.code, 'SOURCE_UNREACHABLE');
    else assert.match(server.seen.at(-1)?.headers.host ?? '', /^bucket\.localhost:/);
  });

  it('gets over SlowDown, and stops in the end', async () => {
    server.put('b/a.parquet', DATA);
    let left = 2;
    server.faultOf = () =>
      left-- > 0 ? { do: 'status', status: 503, body: '<Error><Code>SlowDown</Code></Error>' } : null;
    assert.equal((await readFirst('s3://b/a.parquet')).length, 4990);
    server.faultOf = () => ({ do: 'status', status: 503, body: '<Error><Code>SlowDown</Code></Error>' });
    await assert.rejects(readFirst('s3://b/*.parquet'), fails('SOURCE_UNREADABLE', /503 SlowDown/));
  });
});
