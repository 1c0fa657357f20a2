import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import { listObjects, openObject } from '../../../src/storage/index.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();
const request = { extensions: ['.parquet', '.pq'] };

const put = (path: string, text = 'data'): string => {
  const full = join(dir, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return full;
};

const failsWith =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    ParloadError.is(error) && error.code === code;

const names = async (uri: string): Promise<string[]> =>
  (await listObjects(uri, request)).objects.map((object) => object.uri.slice(dir.length + 1));

describe('local listing', () => {
  put('set/b.parquet');
  put('set/a.parquet');
  put('set/deep/er/c.PARQUET');
  put('set/deep/d.pq');
  put('set/notes.txt');
  put('set/_SUCCESS', '');
  put('set/_temporary/x.parquet');
  put('set/.a.parquet.crc');
  put('set/empty.parquet', '');
  put('set/_kind=1/e.parquet');

  it('takes the data files of a folder, sorted, without what writers left behind', async () => {
    const listing = await listObjects(join(dir, 'set'), request);
    assert.deepEqual(
      listing.objects.map((object) => object.uri.slice(dir.length + 5)),
      ['_kind=1/e.parquet', 'a.parquet', 'b.parquet', 'deep/d.pq', 'deep/er/c.PARQUET'],
    );
    assert.equal(listing.kind, 'many');
    assert.deepEqual(listing.skippedEmpty, [join(dir, 'set/empty.parquet')]);
  });

  it('knows file URIs, globs, and paths without an ending', async () => {
    const uri = pathToFileURL(join(dir, 'set/a.parquet')).href;
    assert.deepEqual(await names(uri), ['set/a.parquet']);
    assert.deepEqual(await names(join(dir, 'set/*.parquet')), ['set/a.parquet', 'set/b.parquet']);
    assert.deepEqual(await names(join(dir, 'set/{a,b,a}.parquet')), ['set/a.parquet', 'set/b.parquet']);
    assert.deepEqual(await names(join(dir, '**/c.*')), ['set/deep/er/c.PARQUET']);
    assert.deepEqual(await names(join(dir, 'set/notes.txt')), ['set/notes.txt']);
  });

  it('takes a folder that a glob leads to as a whole', async () => {
    assert.deepEqual(await names(join(dir, 's*/dee?')), ['set/deep/d.pq', 'set/deep/er/c.PARQUET']);
  });

  it('prefers a file to the pattern that its name looks like', async () => {
    put('odd[1].parquet');
    put('odd1.parquet');
    assert.deepEqual(await names(join(dir, 'odd[1].parquet')), ['odd[1].parquet']);
  });

  it('finds partition folders below the root, and right above it', async () => {
    put('hive/year=2024/month=01/f.parquet');
    put('hive/other/k=v/g.parquet');
    const partitions = async (uri: string): Promise<unknown> =>
      (await listObjects(join(dir, uri), request)).objects.map((object) => object.partitions);
    assert.deepEqual(await partitions('hive/year=2024'), [['year=2024', 'month=01']]);
    assert.deepEqual(await partitions('hive/year=*/**/*.parquet'), [['year=2024', 'month=01']]);
    assert.deepEqual(await partitions('hive/year=2024/month=01/f.parquet'), [['year=2024', 'month=01']]);
    assert.deepEqual(await partitions('hive/other'), [['k=v']]);
  });

  it('does not run in circles', async () => {
    put('loop/x.parquet');
    symlinkSync('..', join(dir, 'loop/up'));
    await assert.rejects(listObjects(join(dir, 'loop'), request), failsWith('SOURCE_UNREADABLE'));
  });

  it('says that nothing is there', async () => {
    for (const uri of ['nothing', 'nothing/*.parquet', 'set/a.parquet/x', '']) {
      await assert.rejects(
        listObjects(uri === '' ? '' : join(dir, uri), request),
        failsWith('SOURCE_NOT_FOUND'),
      );
    }
    mkdirSync(join(dir, 'bare'));
    await assert.rejects(listObjects(join(dir, 'bare'), request), failsWith('SOURCE_NOT_FOUND'));
    await assert.rejects(listObjects('file://elsewhere/x', request), failsWith('SOURCE_NOT_FOUND'));
    await assert.rejects(listObjects('gopher://x/y', request), failsWith('CONNECTOR_UNKNOWN'));
  });
});

describe('local objects', () => {
  it('reads exactly what is asked for', async () => {
    const object = await openObject(put('o/digits', '0123456789'));
    try {
      assert.equal(object.sizeBytes, 10);
      assert.equal(new TextDecoder().decode(await object.read(2, 5)), '234');
      assert.equal((await object.read(10, 10)).length, 0);
      await assert.rejects(object.read(5, 11), failsWith('PARQUET_CORRUPT'));
      await assert.rejects(object.read(-1, 1), failsWith('PARQUET_CORRUPT'));
      await object.verify();
    } finally {
      await object.close();
    }
  });

  const changes: Record<string, (path: string) => void> = {
    'rewritten in place': (path) => writeFileSync(path, 'another content'),
    'replaced by another file': (path) => {
      writeFileSync(`${path}.new`, '0123456789');
      renameSync(`${path}.new`, path);
    },
    removed: (path) => rmSync(path),
  };
  for (const [how, change] of Object.entries(changes)) {
    it(`notices that a file was ${how}`, async () => {
      const path = put(`o/changing-${how.length}`, '0123456789');
      const object = await openObject(path);
      try {
        await object.verify();
        change(path);
        await assert.rejects(object.verify(), failsWith('SOURCE_CHANGED'));
      } finally {
        await object.close();
      }
    });
  }

  it('does not take a short read for data', async () => {
    const path = put('o/shrinking', '0123456789');
    const object = await openObject(path);
    try {
      truncateSync(path, 4);
      await assert.rejects(object.read(0, 10), failsWith('SOURCE_CHANGED'));
    } finally {
      await object.close();
    }
  });

  it('gives missing, forbidden and odd files their own codes', async (t) => {
    await assert.rejects(openObject(join(dir, 'no/such')), failsWith('SOURCE_NOT_FOUND'));
    await assert.rejects(openObject(dir), failsWith('SOURCE_UNREADABLE'));
    await assert.rejects(openObject('/dev/null'), failsWith('SOURCE_UNREADABLE'));
    if (process.getuid?.() === 0) return t.diagnostic('root may read everything');
    const path = put('o/secret');
    chmodSync(path, 0);
    await assert.rejects(openObject(path), failsWith('SOURCE_DENIED'));
  });
});
