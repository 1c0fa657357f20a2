import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DateDay, Float64, Int32, Int64, TimestampMicrosecond, Uint32, Utf8 } from 'apache-arrow';
import type { ArrowType, ColumnStats } from '../../../src/model/index.ts';
import type { ColumnChunk, RawStatistics } from '../../../src/parquet/column-chunk.ts';
import { readFooter, readMetadata } from '../../../src/parquet/footer.ts';
import type { ParquetMetadata } from '../../../src/parquet/index.ts';
import { isTrusted } from '../../../src/parquet/known-writers.ts';
import { columnStats } from '../../../src/parquet/statistics.ts';
import { openObject } from '../../../src/storage/index.ts';
import { type ParquetColumn, parquetBytes } from '../../support/parquet.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();

async function metadataOf(columns: readonly ParquetColumn[], rows = 4): Promise<ParquetMetadata> {
  const path = join(dir, 'file.parquet');
  writeFileSync(path, parquetBytes({ rows, columns }));
  const object = await openObject(path);
  try {
    return readMetadata(object, (await readFooter(object)).bytes);
  } finally {
    await object.close();
  }
}

const int = (bits: 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const INT_COLUMN: ParquetColumn = { name: 'c', type: new Int32(), value: (i) => i };

describe('statistics', () => {
  const cases: readonly (readonly [
    string,
    ParquetColumn['type'],
    unknown[],
    ArrowType,
    Partial<ColumnStats>,
  ])[] = [
    ['int32', new Int32(), [3, null, -7, 5], int(32), { min: -7, max: 5, nullCount: 1 }],
    [
      'int64',
      new Int64(),
      [3n, -(2n ** 60n), 0n, null],
      int(64),
      { min: -(2n ** 60n), max: 3n, nullCount: 1 },
    ],
    ['uint32', new Uint32(), [1, 2 ** 32 - 1, 5, 9], int(32, false), { min: 1, max: 2 ** 32 - 1 }],
    ['float64', new Float64(), [0, Number.NaN, 1.5, null], { id: 'float', bits: 64 }, { min: -0, max: 1.5 }],
    [
      'timestamp',
      new TimestampMicrosecond(),
      [0, 1, 2, 3],
      { id: 'timestamp', unit: 'us', timezone: null },
      { min: 0n, max: 3000n },
    ],
    [
      'string',
      new Utf8(),
      ['b', 'é', 'a', 'z'],
      { id: 'utf8', large: false },
      { min: Uint8Array.of(0x61), max: Uint8Array.of(0xc3, 0xa9) },
    ],
    ['all null', new Int32(), [null, null, null, null], int(32), { min: null, max: null, nullCount: 4 }],
  ];
  for (const [name, type, values, arrowType, expected] of cases) {
    it(`have the column's own units: ${name}`, async () => {
      const meta = await metadataOf([{ name: 'c', type, value: (i) => values[i] }]);
      const stats = columnStats(meta, meta.columns(0)[0]!, arrowType, 4);
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(stats[key as keyof ColumnStats], value, key);
      }
    });
  }

  it('are unknown when the Arrow type is not what is stored', async () => {
    const date: ParquetColumn = { name: 'c', type: new DateDay(), value: () => new Date(0) };
    const meta = await metadataOf([date]);
    const chunk = meta.columns(0)[0]!;
    const min = (type: ArrowType): unknown => columnStats(meta, chunk, type, 4).min;
    assert.equal(min({ id: 'date', unit: 'day' }), 0);
    assert.equal(min({ id: 'date', unit: 'ms' }), null);
    assert.equal(min(int(32)), null);
    assert.equal(min({ id: 'timestamp', unit: 'ms', timezone: null }), null);
  });

  const raw = (more: Partial<RawStatistics>): RawStatistics => ({
    minValue: null,
    maxValue: null,
    oldMin: null,
    oldMax: null,
    nullCount: null,
    isMinExact: null,
    isMaxExact: null,
    nanCount: null,
    ...more,
  });
  const le32 = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

  /** Statistics as another writer might have left them. */
  async function withStats(
    more: Partial<RawStatistics>,
    order = 'type-defined',
    type = INT_COLUMN,
    arrow = int(32),
  ) {
    const meta = await metadataOf([type]);
    const chunk: ColumnChunk = { ...meta.columns(0)[0]!, statistics: raw(more) };
    const changed = Object.create(meta, { columnOrders: { value: [order] } }) as ParquetMetadata;
    // private fields stay with the original
    const view = {
      schema: changed.schema,
      columnOrders: changed.columnOrders,
      createdBy: meta.createdBy,
      keyValue: (key: string) => meta.keyValue(key),
    } as unknown as ParquetMetadata;
    const { min, max, nullCount } = columnStats(view, chunk, arrow, 4);
    return [min, max, nullCount];
  }

  it('of old writers are believed for signed numbers only', async () => {
    const old = { oldMin: le32(1), oldMax: le32(2) };
    assert.deepEqual(await withStats(old, 'undefined'), [1, 2, null]);
    const text: ParquetColumn = { name: 'c', type: new Utf8(), value: () => 'x' };
    assert.deepEqual(await withStats(old, 'undefined', text, { id: 'utf8', large: false }), [
      null,
      null,
      null,
    ]);
    const unsigned: ParquetColumn = { name: 'c', type: new Uint32(), value: () => 1 };
    assert.deepEqual(await withStats(old, 'undefined', unsigned, int(32, false)), [null, null, null]);
  });

  it('that contradict themselves are unknown', async () => {
    assert.deepEqual(await withStats({ minValue: le32(2), maxValue: le32(1), nullCount: 0 }), [
      null,
      null,
      0,
    ]);
    assert.deepEqual(await withStats({ minValue: new Uint8Array(3), maxValue: le32(1) }), [null, 1, null]);
    assert.deepEqual(await withStats({ nullCount: 99 }), [null, null, null]);
  });
});

describe('writers known to be wrong', () => {
  const chunk = (physical: 'BYTE_ARRAY' | 'INT32', encodings = ['RLE_DICTIONARY']): ColumnChunk =>
    ({ physical, encodings }) as unknown as ColumnChunk;
  const TEXT: ArrowType = { id: 'utf8', large: false };
  const DICTIONARY: ArrowType = { id: 'dictionary', index: int(32), value: TEXT };

  it('are not believed where they are wrong', () => {
    const old = 'parquet-cpp-arrow version 4.0.1';
    assert.equal(isTrusted(old, true, chunk('BYTE_ARRAY'), DICTIONARY), false);
    assert.equal(isTrusted(old, false, chunk('BYTE_ARRAY'), TEXT), false);
    assert.equal(isTrusted(old, true, chunk('BYTE_ARRAY'), TEXT), true);
    assert.equal(isTrusted(old, false, chunk('INT32'), int(32)), true);
    assert.equal(isTrusted('parquet-rs version 4.4.0', true, chunk('BYTE_ARRAY'), TEXT), false);
    assert.equal(isTrusted('Parquet.Net version 4.25.0 (build 687)', false, chunk('INT32'), int(32)), false);
  });

  it('are believed again where they are right', () => {
    assert.equal(isTrusted('parquet-cpp-arrow version 12.0.0', true, chunk('BYTE_ARRAY'), DICTIONARY), true);
    assert.equal(isTrusted('parquet-rs version 53.0.0', true, chunk('BYTE_ARRAY'), TEXT), true);
    assert.equal(
      isTrusted('parquet-mr version 1.13.1 (build db4183)', false, chunk('BYTE_ARRAY'), TEXT),
      true,
    );
    assert.equal(isTrusted(null, false, chunk('BYTE_ARRAY'), TEXT), true);
  });
});
