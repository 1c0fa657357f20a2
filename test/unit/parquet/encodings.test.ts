// DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY and BYTE_STREAM_SPLIT: values of any kind come back from
// files of another writer, wherever slices and batches begin; damaged pages are refused and never become long.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Binary, Decimal, FixedSizeBinary, Float32, Float64, Int32, Int64, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { ParloadError } from '../../../src/errors/index.ts';
import { DeltaInts } from '../../../src/parquet/stream/encodings/delta-ints.ts';
import { ThriftWriter } from '../../../src/parquet/thrift.ts';
import { jsonWord } from '../../support/arrow-words.ts';
import { type CraftedPage, ENCODING, element, oneColumn, PHYSICAL } from '../../support/craft.ts';
import { type ParquetColumn, writeParquetFile } from '../../support/parquet.ts';
import { type ReadCellsOptions, readCells } from '../../support/read-cells.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();
let files = 0;
const path = (): string => join(dir, `${files++}.parquet`);

const WAYS: readonly ReadCellsOptions[] = [
  {},
  { slice: { kind: 'rows', rows: 137 }, batchRows: 50 },
  { batchRows: 1 },
];

async function roundTrip(
  column: Omit<ParquetColumn, 'name' | 'value'>,
  values: readonly unknown[],
  words: readonly string[],
): Promise<void> {
  const file = path();
  writeParquetFile(file, {
    rows: values.length,
    columns: [{ name: 'a', value: (row) => values[row], ...column }],
    dictionary: false,
    pageBytes: 400,
    version: 2,
  });
  for (const way of WAYS) assert.deepEqual((await readCells(file, way)).words, [words], JSON.stringify(way));
}

const word = (value: bigint | number | null): string => (value === null ? 'null' : String(value));
const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 6 });
const many = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(
    fc.array(value, { minLength: 1, maxLength: 20 }),
    fc.array(value, { minLength: 300, maxLength: 700 }),
  );
const RUNS = { numRuns: 12 };

const near = fc.integer({ min: -3, max: 3 });
const int32 = fc.oneof(near, fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31), 0));
const int64 = fc.oneof(
  near.map(BigInt),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 31n, -(2n ** 32n)),
);

for (const encoding of ['DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'] as const) {
  test(`${encoding}: 32 bits`, () =>
    fc.assert(
      fc.asyncProperty(many(nullable(int32)), (values) =>
        roundTrip({ type: new Int32(), encoding }, values, values.map(word)),
      ),
      RUNS,
    ));

  test(`${encoding}: 64 bits`, () =>
    fc.assert(
      fc.asyncProperty(many(nullable(int64)), (values) =>
        roundTrip({ type: new Int64(), encoding }, values, values.map(word)),
      ),
      RUNS,
    ));
}

const bits = (width: 4 | 8) => (value: number | null) => {
  if (value === null) return 'null';
  if (Number.isNaN(value)) return '"nan"';
  const bytes = Buffer.alloc(width);
  if (width === 4) bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return `"${bytes.toString('hex')}"`;
};

test('BYTE_STREAM_SPLIT: floats', () =>
  fc.assert(
    fc.asyncProperty(many(nullable(fc.float())), many(nullable(fc.double())), async (floats, doubles) => {
      const encoding = 'BYTE_STREAM_SPLIT';
      await roundTrip({ type: new Float32(), encoding }, floats, floats.map(bits(4)));
      await roundTrip({ type: new Float64(), encoding }, doubles, doubles.map(bits(8)));
    }),
    RUNS,
  ));

const shared = fc
  .tuple(fc.constantFrom('', 'pre', 'prefix of some length '), fc.string())
  .map((p) => p.join(''));
const text = fc.oneof(shared, fc.string({ unit: 'grapheme', maxLength: 40 }));
const hexWord = (value: Uint8Array | null): string =>
  value === null ? 'null' : `"${Buffer.from(value).toString('hex')}"`;

for (const encoding of ['DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'] as const) {
  test(`${encoding}: text and bytes`, () =>
    fc.assert(
      fc.asyncProperty(many(nullable(text)), many(nullable(fc.uint8Array())), async (texts, bytes) => {
        const words = texts.map((value) => (value === null ? 'null' : jsonWord(value)));
        await roundTrip({ type: new Utf8(), encoding }, texts, words);
        await roundTrip({ type: new Binary(), encoding }, bytes, bytes.map(hexWord));
      }),
      RUNS,
    ));
}

test('FIXED_LEN_BYTE_ARRAY: DELTA_BYTE_ARRAY and BYTE_STREAM_SPLIT', () =>
  fc.assert(
    fc.asyncProperty(many(nullable(fc.uint8Array({ minLength: 5, maxLength: 5 }))), async (values) => {
      for (const encoding of ['DELTA_BYTE_ARRAY', 'BYTE_STREAM_SPLIT'] as const)
        await roundTrip({ type: new FixedSizeBinary(5), encoding }, values, values.map(hexWord));
    }),
    RUNS,
  ));

test('decimals in whole numbers of differences', async () => {
  const values = Array.from({ length: 200 }, (_, i) => (i % 9 === 4 ? null : Uint32Array.of(i * 7, 0, 0, 0)));
  const words = values.map((v) => (v === null ? 'null' : (v[0]! / 100).toFixed(2)));
  await roundTrip({ type: new Decimal(2, 9, 128), encoding: 'DELTA_BINARY_PACKED' }, values, words);
});

const ints = (numbers: readonly number[]): Uint8Array => {
  const w = new ThriftWriter();
  for (const n of numbers) w.varint(n);
  return w.finish();
};
/** A run of differences that are all alike: blocks of 128, 4 miniblocks of no bits. */
const steady = (count: number, first: number, step: number): Uint8Array => {
  const w = new ThriftWriter().varint(128).varint(4).varint(count).int(first);
  for (let left = count - 1; left > 0; left -= 128) w.int(step).raw(Uint8Array.of(0, 0, 0, 0));
  return w.finish();
};

test('more values than memory come a batch at a time', () => {
  const bytes = steady(1_000_000, 5, -3);
  const reader = new DeltaInts(64);
  reader.start(bytes, 0, bytes.length);
  const [low, high] = [new Int32Array(100_000), new Int32Array(100_000)];
  for (let i = 0; i < 10; i++) reader.read(low, high, 0, 100_000);
  assert.deepEqual([low[99_999], high[99_999], reader.left], [5 - 3 * 999_999, -1, 0]);
  reader.start(bytes, 0, bytes.length);
  assert.equal(reader.findEnd(), bytes.length);
});

async function refusedPage(page: CraftedPage, physical: number, message: RegExp, code = 'PARQUET_CORRUPT') {
  const file = path();
  const bytes = oneColumn(
    { pages: [page] },
    {
      rows: page.values,
      physical,
      element: element('a', {
        physical,
        repetition: 0,
        ...(physical === PHYSICAL.fixed ? { width: 3 } : {}),
      }),
    },
  );
  writeFileSync(file, bytes);
  await assert.rejects(readCells(file), (error) => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.equal(error.where.column, 'a');
    return true;
  });
}

test('damaged differences are refused', async () => {
  const encoding = ENCODING.deltaBinary;
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [ints([128, 4]), /in the middle of a number/],
    [ints([0, 0, 3, 0]), /impossible size/],
    [ints([128, 0, 3, 0]), /impossible size/],
    [ints([100, 3, 3, 0]), /impossible size/],
    [ints([2 ** 31, 4, 3, 0]), /impossible number/],
    [ints([128, 4, 2, 0]), /fewer values/],
    [ints([128, 4, 3, 0, 0]), /in the middle of a block/],
    [Uint8Array.of(...ints([128, 4, 3, 0, 0]), 65, 0, 0, 0), /65 bits in a type of 64/],
    [Uint8Array.of(...ints([128, 4, 3, 0, 0]), 60, 0, 0, 0, 1, 2, 3), /in the middle of a block/],
  ];
  for (const [body, message] of cases) {
    await refusedPage({ body, values: 3, encoding }, PHYSICAL.int64, message);
  }
  const wide = Uint8Array.of(...ints([128, 4, 3, 0, 0]), 33, 0, 0, 0, ...new Uint8Array(200));
  await refusedPage({ body: wide, values: 3, encoding }, PHYSICAL.int32, /33 bits in a type of 32/);
});

test('damaged lengths are refused', async () => {
  const encoding = ENCODING.deltaLength;
  const page = (lengths: Uint8Array, data: string): CraftedPage => ({
    body: Buffer.concat([lengths, Buffer.from(data)]),
    values: 3,
    encoding,
  });
  await refusedPage(page(steady(3, 2, 0), 'aabbc'), PHYSICAL.bytes, /longer than the page/);
  await refusedPage(page(steady(3, 2, -3), 'aabbc'), PHYSICAL.bytes, /negative/);
  await refusedPage(page(steady(2, 1, 0), 'aabbc'), PHYSICAL.bytes, /fewer values/);
  await refusedPage(page(ints([128, 4]), ''), PHYSICAL.bytes, /in the middle/);
});

test('values that take over more than there is are refused', async () => {
  const encoding = ENCODING.deltaBytes;
  const page = (prefixes: Uint8Array, suffixes: Uint8Array, data: string): CraftedPage => ({
    body: Buffer.concat([prefixes, suffixes, Buffer.from(data)]),
    values: 3,
    encoding,
  });
  await refusedPage(page(steady(3, 0, 2), steady(3, 1, 0), 'abc'), PHYSICAL.bytes, /takes over more/);
  await refusedPage(page(steady(3, 1, 0), steady(3, 1, 0), 'abc'), PHYSICAL.bytes, /takes over more/);
  await refusedPage(page(steady(3, 0, 1), steady(3, 1, 0), 'abc'), PHYSICAL.fixed, /1 bytes instead of 3/);
});

test('a short page of long values comes in small batches', async () => {
  // each value is the one before it and a byte more: 200,000 values of 20 GB
  const count = 200_000;
  const body = Buffer.concat([steady(count, 0, 1), steady(count, 1, 0), Buffer.alloc(count, 'a')]);
  const file = path();
  const page = { body, values: count, encoding: ENCODING.deltaBytes };
  writeFileSync(file, oneColumn({ pages: [page] }, { rows: count, physical: PHYSICAL.bytes }));
  const { words } = await readCells(file, { columns: ['a'], batchRows: 1000 }, 3000);
  assert.deepEqual(
    words[0]!.slice(2990, 2993).map((w) => w.length),
    [2991, 2992, 2993].map((n) => 2 * n + 2),
  );
});

test('bytes that are no whole number of values are refused', () =>
  refusedPage(
    { body: new Uint8Array(21), values: 3, encoding: ENCODING.split },
    PHYSICAL.int64,
    /no whole number of values/,
  ));

test('encodings that cannot be there are named', async () => {
  const page = (encoding: number): CraftedPage => ({ body: new Uint8Array(24), values: 3, encoding });
  await refusedPage(
    page(ENCODING.deltaLength),
    PHYSICAL.int64,
    /INT64 values cannot have the encoding DELTA_LENGTH/,
  );
  await refusedPage(page(ENCODING.bitPacked), PHYSICAL.int64, /cannot have the encoding BIT_PACKED/);
  await refusedPage(page(77), PHYSICAL.int64, /encoding 77/, 'PARQUET_UNSUPPORTED');
});

test('a footer that lists other encodings does not matter', async () => {
  const file = path();
  const page = { body: steady(3, 7, 1), values: 3, encoding: ENCODING.deltaBinary };
  writeFileSync(file, oneColumn({ pages: [page], encodings: [ENCODING.rle] }, { rows: 3 }));
  assert.deepEqual((await readCells(file)).words, [['7', '8', '9']]);
});
