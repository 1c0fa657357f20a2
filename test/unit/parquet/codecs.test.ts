import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { compileZstd, PageCodecs } from '../../../src/parquet/codecs/index.ts';

const codecs = new PageCodecs(await compileZstd());
const text = Buffer.from('one page, another page, and one more page. '.repeat(50));

/** A Zstandard frame (RFC 8878) of one raw block: single segment, content size in two bytes. */
function zstdFrame(content: Uint8Array): Uint8Array {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x60, 0, 0, 0, 0, 0]);
  // two-byte sizes count from 256
  head.writeUInt16LE(content.length - 256, 5);
  head.writeUIntLE((content.length << 3) | 1, 7, 3);
  return Buffer.concat([head, content]);
}

/** One literal behind the size. */
function snappyBlock(content: Uint8Array): Uint8Array {
  const size = [(content.length & 127) | 128, content.length >> 7];
  const literal = [61 << 2, (content.length - 1) & 255, (content.length - 1) >> 8];
  return Uint8Array.from([...size, ...literal, ...content]);
}

const BODIES: readonly [string, Uint8Array][] = [
  ['ZSTD', zstdFrame(text)],
  ['SNAPPY', snappyBlock(text)],
  ['GZIP', gzipSync(text)],
  ['BROTLI', brotliCompressSync(text)],
];

describe('page codecs', () => {
  for (const [name, body] of BODIES) {
    const inflate = (bytes: Uint8Array, size = text.length): Uint8Array => {
      const out = new Uint8Array(size + 16).fill(7);
      codecs.inflate(name, bytes, out, size);
      assert.deepEqual([...out.subarray(size)], new Array(16).fill(7), 'wrote behind the page');
      return out.subarray(0, size);
    };

    it(`${name}: gives the page back, again and again`, () => {
      for (let i = 0; i < 3; i++) assert.deepEqual(Buffer.from(inflate(body)), text);
    });

    it(`${name}: a page of another size than it says is refused`, () => {
      const refused = { code: 'PARQUET_CORRUPT' };
      assert.throws(() => inflate(body, text.length - 1), refused);
      assert.throws(() => inflate(body, text.length + 1), refused);
    });

    it(`${name}: damaged, cut off or empty bodies are refused, and the next page is read all the same`, () => {
      const damaged = Uint8Array.from(body);
      damaged.set([255, 255, 255, 255, 255, 255], 0);
      for (const bad of [damaged, body.subarray(0, body.length - 9), new Uint8Array(0)]) {
        assert.throws(() => inflate(bad), { code: 'PARQUET_CORRUPT' });
      }
      assert.deepEqual(Buffer.from(inflate(body)), text);
    });
  }

  it('ZSTD: a page of many MiB between small ones', () => {
    // an RLE block: one byte again and again, 128 KiB at most each
    const blocks = 160;
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
    head.writeUInt32LE(blocks * 0x20000, 5);
    const bodies = Array.from({ length: blocks }, (_, i) => {
      const block = Buffer.alloc(4, 0x61);
      block.writeUIntLE((0x20000 << 3) | 2 | (i === blocks - 1 ? 1 : 0), 0, 3);
      return block;
    });
    const size = blocks * 0x20000;
    const out = new Uint8Array(size);
    codecs.inflate('ZSTD', Buffer.concat([head, ...bodies]), out, size);
    assert.ok(out.every((b) => b === 0x61));
    codecs.inflate('ZSTD', BODIES[0]![1], out, text.length);
    assert.deepEqual(Buffer.from(out.subarray(0, text.length)), text);
  });
});
