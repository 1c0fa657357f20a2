import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import { type StorageOptions, Stores } from '../../../src/storage/index.ts';
import { type HttpFault, ObjectServer } from '../../fakes/objects/object-server.ts';
import { temporaryFolder } from '../../support/root.ts';

const request = { extensions: ['.parquet'] };
const SIZE = 300_000;
const DATA = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 8)) & 255);

let server: ObjectServer;
before(async () => {
  server = await ObjectServer.start();
});
after(() => server.close());
beforeEach(() => {
  server.faultOf = () => null;
  server.ranges = true;
  server.put('a.parquet', DATA);
  server.takeBytes();
});

const fails =
  (code: ErrorCode, words: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(`${error.message} ${error.hint}`, words);
    return true;
  };

async function withStores<T>(options: StorageOptions, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = new Stores(options);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

/** Lists, opens and reads one range. */
const readRange = (
  path: string,
  start: number,
  end: number,
  options: StorageOptions = {},
): Promise<Uint8Array> =>
  withStores(options, async (stores) => {
    const { objects } = await stores.list(`${server.url}/${path}`, request);
    const object = await stores.open(objects[0]!.uri, {
      sizeBytes: objects[0]!.sizeBytes,
      version: objects[0]!.version!,
    });
    return object.read(start, end);
  });

/** The first so many range requests behind the first go wrong. */
const faults = (list: readonly HttpFault[]): void => {
  let next = -1;
  server.faultOf = () => (next++ < 0 ? null : (list[next - 1] ?? null));
};

describe('http storage', () => {
  it('reads ranges, and asks for nothing else', async () => {
    const bytes = await readRange('a.parquet', 1000, 5000);
    assert.deepEqual(bytes, DATA.slice(1000, 5000));
    assert.deepEqual(
      server.seen.map(({ headers }) => headers.range),
      ['bytes=0-0', 'bytes=1000-4999'],
    );
    assert.equal(server.seen[1]?.headers['if-match'], server.objects.get('a.parquet')?.etag);
    assert.equal(server.takeBytes(), 4001);
  });

  it('opens in another thread with what the first one tells', async () => {
    const url = `${server.url}/a.parquet?X-Amz-Signature=secret&X-Amz-Date=1`;
    const stores = new Stores();
    const { objects } = await stores.list(url, request);
    const ticket = structuredClone(await stores.ticket());
    await stores.close();
    assert.equal(objects[0]?.uri, `${server.url}/a.parquet`);
    server.takeBytes();
    const other = new Stores({}, ticket);
    const object = await other.open(objects[0].uri, { sizeBytes: SIZE, version: objects[0].version! });
    assert.deepEqual(await object.read(5, 9), DATA.slice(5, 9));
    assert.match(server.seen[0]!.url, /X-Amz-Signature=secret/);
    assert.equal(server.seen.length, 1);
    await other.close();
  });

  it('tells files apart that differ in their query only, without showing it', async () => {
    await withStores({}, async (stores) => {
      const a = await stores.list(`${server.url}/a.parquet?id=1`, request);
      const b = await stores.list(`${server.url}/a.parquet?id=2`, request);
      assert.notEqual(a.objects[0]?.uri, b.objects[0]?.uri);
      assert.doesNotMatch(a.objects[0]!.uri, /id=/);
    });
  });

  for (const [name, list] of Object.entries<readonly HttpFault[]>({
    'a reset in mid-body': [{ do: 'reset', afterBytes: 50_000 }],
    'several resets': [0, 1, 60_000, 100].map((afterBytes) => ({ do: 'reset', afterBytes })),
    'a short body': [{ do: 'short', bytes: 1234 }],
    'a long body': [{ do: 'long', bytes: 10 }],
    'another place, said': [{ do: 'shifted', by: 8, honest: true }],
    'a burst of 503': [503, 503, 429].map((status) => ({ do: 'status', status })),
    'a pause that is asked for': [{ do: 'status', status: 503, headers: { 'retry-after': '1' } }],
  })) {
    it(`gets over ${name}`, async () => {
      faults(list);
      assert.deepEqual(await readRange('a.parquet', 100, 200_000), DATA.slice(100, 200_000));
    });
  }

  it('goes on from the byte that was reached', async () => {
    faults([{ do: 'reset', afterBytes: 65_536 }]);
    await readRange('a.parquet', 0, 200_000);
    assert.equal(server.seen.at(-1)?.headers.range, 'bytes=65536-199999');
  });

  it('gets over a body that stalls', async () => {
    faults([{ do: 'stall', afterBytes: 1000, forMs: 3000 }]);
    const bytes = await readRange('a.parquet', 0, 90_000, { readTimeoutMs: 500 });
    assert.deepEqual(bytes, DATA.slice(0, 90_000));
  });

  it('gives up on a server that stays broken', async () => {
    server.faultOf = ({ headers }) => (headers.range === 'bytes=0-0' ? null : { do: 'status', status: 500 });
    await assert.rejects(readRange('a.parquet', 0, 10), fails('SOURCE_UNREADABLE', /500/));
  });

  it('stops when the file changed', async () => {
    await withStores({}, async (stores) => {
      const object = await stores.open(`${server.url}/a.parquet`);
      server.put('a.parquet', DATA.slice().reverse());
      await assert.rejects(object.read(0, 10), fails('SOURCE_CHANGED', /replaced/));
      server.objects.delete('a.parquet');
      await assert.rejects(object.read(0, 10), fails('SOURCE_CHANGED', /removed/));
    });
  });

  it('compares what answers say where If-Match does nothing', async () => {
    await withStores({}, async (stores) => {
      server.put('weak.parquet', DATA, { etag: 'W/"1"' });
      const object = await stores.open(`${server.url}/weak.parquet`);
      assert.deepEqual(await object.read(0, 4), DATA.slice(0, 4));
      assert.equal(server.seen.at(-1)?.headers['if-match'], undefined);
      server.put('weak.parquet', DATA, { etag: 'W/"2"' });
      await assert.rejects(object.read(0, 10), fails('SOURCE_CHANGED', /replaced/));
    });
  });

  it('explains what is missing or forbidden', async () => {
    await assert.rejects(readRange('none.parquet', 0, 1), fails('SOURCE_NOT_FOUND', /does not exist/));
    server.faultOf = () => ({ do: 'status', status: 403, body: 'secret words' });
    await assert.rejects(readRange('a.parquet', 0, 1), fails('SOURCE_DENIED', /No credentials were sent/));
    await assert.rejects(
      readRange('a.parquet?X-Amz-Signature=s', 0, 1),
      fails('SOURCE_DENIED', /signed: has it expired/),
    );
    await assert.rejects(
      withStores({}, (stores) => stores.open('http://127.0.0.1:1/x.parquet')),
      fails('SOURCE_UNREACHABLE', /refuses connections/),
    );
  });

  it('sends user and password of the URL, and shows neither', async () => {
    await withStores({}, async (stores) => {
      const url = `${server.url}/a.parquet`.replace('//', '//me:p%40ss@');
      const { objects } = await stores.list(url, request);
      assert.equal(objects[0]?.uri, `${server.url}/a.parquet`);
      const sent = server.seen.at(-1)?.headers.authorization ?? '';
      assert.equal(Buffer.from(sent.slice(6), 'base64').toString(), 'me:p@ss');
    });
  });

  describe('redirects', () => {
    it('are followed, and followed again when what they led to is gone', async () => {
      let target = '/a.parquet?sig=1';
      server.faultOf = ({ url }) =>
        url === '/go.parquet'
          ? { do: 'status', status: 302, headers: { location: target } }
          : url !== target
            ? { do: 'status', status: 403 }
            : null;
      await withStores({}, async (stores) => {
        const object = await stores.open(`${server.url}/go.parquet`);
        assert.equal(object.uri, `${server.url}/go.parquet`);
        assert.deepEqual(await object.read(0, 4), DATA.slice(0, 4));
        target = '/a.parquet?sig=2';
        assert.deepEqual(await object.read(4, 8), DATA.slice(4, 8));
      });
    });

    it('do not go round for ever', async () => {
      server.faultOf = () => ({ do: 'status', status: 301, headers: { location: '/a.parquet' } });
      await assert.rejects(readRange('a.parquet', 0, 1), fails('SOURCE_UNREADABLE', /redirects too often/));
    });

    it('do not take the password elsewhere', async () => {
      const other = await ObjectServer.start();
      other.put('a.parquet', DATA);
      server.faultOf = () => ({ do: 'status', status: 307, headers: { location: `${other.url}/a.parquet` } });
      await withStores({}, async (stores) => {
        await stores.open(`${server.url}/a.parquet`.replace('//', '//me:pw@'));
        assert.equal(other.seen[0]?.headers.authorization, undefined);
        assert.notEqual(server.seen.at(-1)?.headers.authorization, undefined);
      });
      await other.close();
    });
  });

  describe('a server without ranges', () => {
    process.env.TMPDIR = temporaryFolder();
    const spoolFolders = (): string[] => readdirSync(process.env.TMPDIR!);

    it('is refused, without reading the file', async () => {
      server.ranges = false;
      server.put('big.parquet', new Uint8Array(40_000_000));
      await assert.rejects(readRange('big.parquet', 0, 10), fails('SOURCE_UNREADABLE', /--spool/));
    });

    it('that changes its mind in mid-load is refused too', async () => {
      faults([{ do: 'whole' }]);
      await assert.rejects(readRange('a.parquet', 10, 20), fails('SOURCE_UNREADABLE', /parts of files/));
    });

    it('is copied on request, to a file that leaves nothing behind', async () => {
      server.ranges = false;
      await withStores({ spool: true }, async (stores) => {
        const { objects } = await stores.list(`${server.url}/a.parquet`, request);
        assert.equal(objects[0]?.sizeBytes, SIZE);
        const other = new Stores({ spool: true }, structuredClone(await stores.ticket()));
        const object = await other.open(objects[0].uri, { sizeBytes: SIZE, version: objects[0].version! });
        assert.equal(object.uri, `${server.url}/a.parquet`);
        assert.equal(object.version, objects[0].version);
        assert.deepEqual(await object.read(100, 200_000), DATA.slice(100, 200_000));
        await object.verify();
        await object.close();
      });
      assert.deepEqual(spoolFolders(), []);
    });

    it('leaves nothing behind when copying fails either', async () => {
      server.ranges = false;
      let asked = 0;
      server.faultOf = () => (asked++ === 0 ? null : { do: 'status', status: 500 });
      await assert.rejects(readRange('a.parquet', 0, 10, { spool: true }), fails('SOURCE_UNREADABLE', /500/));
      assert.deepEqual(spoolFolders(), []);
    });
  });
});
