// What a page may claim before room is made for it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import type { Leaf } from '../../../src/parquet/stream/batch-column.ts';
import { PageBudget } from '../../../src/parquet/stream/page-budget.ts';
import type { RawPage } from '../../../src/parquet/stream/raw-page.ts';
import { KiB, MiB } from '../../../src/runtime/index.ts';

const page = (stored: number, bodyBytes: number, isCompressed = true): RawPage =>
  ({ body: { length: stored }, bodyBytes, isCompressed }) as unknown as RawPage;
const holding = (heldBytes: number): Leaf => ({ heldBytes }) as unknown as Leaf;

const codeOf = (work: () => void): string => {
  try {
    work();
    return 'ok';
  } catch (error) {
    assert.ok(ParloadError.is(error));
    return error.code;
  }
};

const check = (raw: RawPage, codec: string, most = 100 * MiB, others: readonly Leaf[] = []): string =>
  codeOf(() => new PageBudget(others, most).check(raw, codec));

describe('the budget of pages', () => {
  test('a size that the stored bytes cannot become is damage', () => {
    for (const [codec, ratio] of [
      ['SNAPPY', 22],
      ['LZ4', 255],
      ['LZ4_RAW', 255],
      ['GZIP', 1032],
    ] as const) {
      assert.equal(check(page(100, 100 * ratio), codec), 'ok', codec);
      assert.equal(check(page(100, 100 * ratio + 1), codec), 'PARQUET_CORRUPT', codec);
      assert.equal(check(page(0, 1), codec), 'PARQUET_CORRUPT', codec);
      assert.equal(check(page(0, 0), codec), 'ok', codec);
    }
    assert.equal(check(page(100, 101, false), 'ZSTD'), 'PARQUET_CORRUPT', 'not compressed');
    assert.equal(check(page(100, 100, false), 'ZSTD'), 'ok');
    assert.equal(check(page(100, 101), 'UNCOMPRESSED'), 'PARQUET_CORRUPT');
  });

  test('few bytes that become very many are a bomb, whatever the budget', () => {
    for (const codec of ['ZSTD', 'BROTLI']) {
      assert.equal(check(page(KiB, 64 * MiB), codec, 1000 * MiB), 'ok', 'a constant column');
      assert.equal(check(page(KiB, 65 * MiB), codec, 1000 * MiB), 'PARQUET_UNSUPPORTED');
      assert.equal(check(page(70 * KiB, 65 * MiB), codec, 1000 * MiB), 'ok', 'one large value');
    }
  });

  test('pages of all columns count together', () => {
    const others = [holding(30 * MiB), holding(40 * MiB)];
    assert.equal(check(page(30 * MiB, 30 * MiB), 'ZSTD', 100 * MiB, others), 'ok');
    assert.equal(check(page(30 * MiB, 31 * MiB), 'ZSTD', 100 * MiB, others), 'PARQUET_UNSUPPORTED');
  });

  test('a stored page that is larger than the budget is not read', () => {
    const budget = new PageBudget([], MiB);
    assert.equal(
      codeOf(() => budget.checkStored(MiB)),
      'ok',
    );
    assert.equal(
      codeOf(() => budget.checkStored(MiB + 1)),
      'PARQUET_UNSUPPORTED',
    );
  });
});
