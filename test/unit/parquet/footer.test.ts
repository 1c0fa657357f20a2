import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Int32, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import { readFooter, readMetadata } from '../../../src/parquet/footer.ts';
import {
  checkReadable,
  NO_GROUPS,
  type ParquetMetadata,
  parseMetadata,
  projectFooter,
  wholeFooter,
} from '../../../src/parquet/index.ts';
import { openObject } from '../../../src/storage/index.ts';
import { parquetBytes } from '../../support/parquet.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();

const good = parquetBytes({
  rows: 1000,
  rowGroupRows: 300,
  columns: [
    { name: 'id', type: new Int32(), value: (i) => i, nullable: false },
    { name: 'name', type: new Utf8(), value: (i) => (i % 3 === 0 ? null : `name ${i}`) },
  ],
});

async function metadataOf(bytes: Uint8Array | string): Promise<ParquetMetadata> {
  const path = join(dir, 'file');
  writeFileSync(path, bytes);
  const object = await openObject(path);
  try {
    const footer = await readFooter(object);
    const meta = readMetadata(object, footer.bytes);
    for (let g = 0; g < meta.rowGroupCount; g++) {
      checkReadable(meta.columns(g), { rowGroup: g }, object.sizeBytes);
    }
    return meta;
  } finally {
    await object.close();
  }
}

describe('footer', () => {
  it('is read without looking at the data', async () => {
    const meta = await metadataOf(good);
    assert.equal(meta.rowCount, 1000);
    assert.equal(meta.rowGroupCount, 4);
    assert.deepEqual(
      [0, 1, 2, 3].map((g) => [meta.rowGroup(g).rowStart, meta.rowGroup(g).rowCount]),
      [
        [0, 300],
        [300, 300],
        [600, 300],
        [900, 100],
      ],
    );
    assert.deepEqual(
      meta.schema.leaves.map((leaf) => [leaf.name, leaf.physical, leaf.maxDefinition]),
      [
        ['id', 'INT32', 0],
        ['name', 'BYTE_ARRAY', 1],
      ],
    );
    const [id, name] = meta.columns(1);
    assert.equal(id?.codec, 'SNAPPY');
    assert.equal(name?.statistics?.nullCount, 100);
    assert.deepEqual(
      meta.columns(1, (leaf) => leaf === 1).map((chunk) => chunk?.path ?? null),
      [null, ['name']],
    );
  });

  const withLength = (length: number): Uint8Array => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(bytes.length - 8, length, true);
    return bytes;
  };
  const withMagic = (magic: string): Uint8Array => {
    const bytes = good.slice();
    bytes.set(new TextEncoder().encode(magic), bytes.length - 4);
    return bytes;
  };

  const bad: Record<string, [Uint8Array | string, ErrorCode, RegExp]> = {
    'an empty file': ['', 'NOT_PARQUET', /0 bytes/],
    'a few letters': ['abc', 'NOT_PARQUET', /text/],
    'a web page': ['<!DOCTYPE html><html>not found</html>', 'NOT_PARQUET', /HTML/],
    'an error of an object store': ['<?xml version="1.0"?><Error/>', 'NOT_PARQUET', /XML/],
    JSON: ['{"error":"no such key"}', 'NOT_PARQUET', /JSON/],
    CSV: ['id,name\n1,a\n2,b\n', 'NOT_PARQUET', /CSV/],
    'a gzipped file': [gzipSync(good), 'NOT_PARQUET', /gzip/],
    'a file without its last byte': [good.subarray(0, -1), 'PARQUET_CORRUPT', /cut off/],
    'half of a file': [good.subarray(0, good.length / 2), 'PARQUET_CORRUPT', /cut off/],
    'only the magic': ['PAR1', 'PARQUET_CORRUPT', /cut off/],
    'the magic twice': ['PAR1PAR1', 'PARQUET_CORRUPT', /footer has/],
    'a footer of no bytes': [withLength(0), 'PARQUET_CORRUPT', /footer has 0/],
    'a footer of 4 GiB': [withLength(0xffffffff), 'PARQUET_CORRUPT', /footer has 4294967295/],
    'a footer length off by one': [
      withLength(new DataView(good.buffer).getUint32(good.length - 8, true) - 1),
      'PARQUET_CORRUPT',
      /footer/,
    ],
    'an encrypted footer': [withMagic('PARE'), 'PARQUET_UNSUPPORTED', /encrypted/],
  };
  for (const [what, [bytes, code, message]] of Object.entries(bad)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(metadataOf(bytes), (error) => {
        assert.ok(ParloadError.is(error), String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.equal(error.where.input, join(dir, 'file'));
        return true;
      });
    });
  }

  it('gives a typed error, or something consistent, for any damage', async () => {
    const meta = await metadataOf(good);
    const { footer } = meta;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(footer.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (edits) => {
          const bytes = footer.slice();
          for (const [at, value] of edits) bytes[at] = value;
          try {
            const damaged = parseMetadata(bytes);
            let rows = 0;
            for (let g = 0; g < damaged.rowGroupCount; g++) {
              rows += damaged.rowGroup(g).rowCount;
              checkReadable(damaged.columns(g), {}, good.length);
            }
            assert.equal(rows, damaged.rowCount);
          } catch (error) {
            assert.ok(ParloadError.is(error), String(error));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('projected footer', () => {
  it('keeps the row groups it is told to and everything else', async () => {
    const meta = await metadataOf(good);
    const { start } = meta.rowGroup(1).extent;
    const { end } = meta.rowGroup(2).extent;
    const projected = parseMetadata(
      projectFooter(wholeFooter(meta.footer, meta.layout), {
        bytes: meta.footer.subarray(start, end),
        count: 2,
        rowCount: 600,
      }),
    );
    assert.equal(projected.rowCount, 600);
    assert.deepEqual(projected.schema, meta.schema);
    assert.deepEqual(projected.keyValues, meta.keyValues);
    assert.equal(projected.createdBy, meta.createdBy);
    assert.deepEqual(projected.columnOrders, meta.columnOrders);
    const offsets = (m: ParquetMetadata, g: number): unknown => m.columns(g).map((chunk) => chunk?.start);
    assert.deepEqual(offsets(projected, 1), offsets(meta, 2));
  });

  it('can have no row groups at all', async () => {
    const meta = await metadataOf(good);
    const none = parseMetadata(projectFooter(wholeFooter(meta.footer, meta.layout), NO_GROUPS));
    assert.equal(none.rowCount, 0);
    assert.equal(none.rowGroupCount, 0);
    assert.equal(none.schema.leaves.length, 2);
  });
});
