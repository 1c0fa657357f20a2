// Footers that other readers accept and parquet-wasm does not, and footers that contradict themselves.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import { T } from '../../../src/parquet/thrift.ts';
import {
  binary,
  CODEC,
  craft,
  ENCODING,
  element,
  i32,
  i64,
  int32s,
  int64s,
  levels,
  list,
  oneColumn,
  PHYSICAL,
  struct,
  type Thrift,
} from '../../support/craft.ts';
import { readCells } from '../../support/read-cells.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();
let files = 0;

const read = (bytes: Uint8Array) => {
  const path = join(dir, `${files++}.parquet`);
  writeFileSync(path, bytes);
  return readCells(path);
};

const refused = async (bytes: Uint8Array, message: RegExp, where: object = {}): Promise<void> => {
  await assert.rejects(read(bytes), (error) => {
    assert.ok(ParloadError.is(error), String(error));
    assert.equal(error.code, 'PARQUET_CORRUPT');
    assert.match(error.message, message);
    for (const [key, value] of Object.entries(where))
      assert.equal(error.where[key as keyof typeof error.where], value);
    return true;
  });
};

const PAGE = { body: int64s([1, -2]), values: 2 };
const WORDS = [['1', '-2']];
const int64 = (more: Record<number, Thrift | undefined>): Thrift =>
  element('a', { physical: PHYSICAL.int64, repetition: 0, more });
const two = (options: Partial<Parameters<typeof oneColumn>[1]>): Uint8Array =>
  oneColumn({ pages: [PAGE] }, { rows: 2, ...options });

test('an annotation that nobody knows means nothing', async () => {
  assert.deepEqual((await read(two({ element: int64({ 6: i32(24) }) }))).words, WORDS);
  assert.deepEqual((await read(two({ element: int64({ 10: struct({ 99: struct({}) }) }) }))).words, WORDS);
});

test('a column without repetition is required', async () => {
  const element = int64({ 3: undefined });
  assert.deepEqual((await read(two({ element }))).words, WORDS);
});

test('keys with values that are no text are passed over', async () => {
  const pairs = list(T.struct, [struct({ 1: binary('n'), 2: i64(7) }), struct({ 1: i32(1) })]);
  assert.deepEqual((await read(two({ more: { 5: pairs } }))).words, WORDS);
});

test('Arrow types that do not fit the file are advice that is not taken', async () => {
  for (const text of ['no base64 at all!', 'AAAA', '/////3gAAAAQAAAA']) {
    const pairs = list(T.struct, [struct({ 1: binary('ARROW:schema'), 2: binary(text) })]);
    assert.deepEqual((await read(two({ more: { 5: pairs } }))).words, WORDS, text);
  }
});

test('decimals of more digits than their bytes hold are read as they are', async () => {
  const digits = (precision: number): Uint8Array => {
    const type = { 6: i32(5), 7: i32(2), 8: i32(precision) };
    const page = { body: Uint8Array.of(0, 0, 1, 0xff, 0xff, 0xfe), values: 2 };
    return oneColumn(
      { pages: [page] },
      {
        rows: 2,
        physical: PHYSICAL.fixed,
        element: element('a', { physical: PHYSICAL.fixed, width: 3, repetition: 0, more: type }),
      },
    );
  };
  const narrow = await read(digits(20));
  assert.deepEqual(narrow.words, [['0.01', '-0.02']]);
  assert.deepEqual(narrow.fields[0]!.type, { id: 'decimal', bits: 128, precision: 20, scale: 2 });
  assert.deepEqual((await read(digits(45))).words, [['0.01', '-0.02']]);
  await assert.rejects(read(digits(77)), { code: 'PARQUET_UNSUPPORTED' });
});

test('damaged page indexes are passed over', async () => {
  const chunk = { 4: i64(4), 5: i32(9), 6: i64(5), 7: i32(9) };
  assert.deepEqual((await read(oneColumn({ pages: [PAGE], chunk }, { rows: 2 }))).words, WORDS);
});

test('pages without values need no compressed bytes', async () => {
  for (const codec of [CODEC.snappy, CODEC.gzip, CODEC.brotli, CODEC.zstd, CODEC.lz4raw]) {
    const v2 = {
      kind: 'data-v2',
      body: Uint8Array.of(4, 0),
      values: 2,
      definitionBytes: 2,
      nulls: 2,
    } as const;
    const bytes = oneColumn(
      { pages: [v2], codec },
      { rows: 2, element: element('a', { physical: PHYSICAL.int64, repetition: 1 }) },
    );
    assert.deepEqual((await read(bytes)).words, [['null', 'null']], String(codec));
  }
});

test('a chunk must have as many values as its row group has rows', async () => {
  for (const values of [0, 1, 3]) {
    await refused(
      oneColumn({ pages: [PAGE], values }, { rows: 2 }),
      /has \d values, but the row group has 2 rows/,
      {
        rowGroup: 0,
        column: 'a',
      },
    );
  }
});

test('row groups keep their numbers in errors of any slice', async () => {
  const good = { rows: 2, columns: [{ path: ['a'], physical: PHYSICAL.int64, pages: [PAGE] }] };
  const bad = { rows: 3, columns: [{ path: ['a'], physical: PHYSICAL.int64, pages: [PAGE], values: 2 }] };
  const schema = [element('schema', { children: 1 }), int64({})];
  await refused(craft({ schema, rowGroups: [good, good, bad] }), /row group 2/, { rowGroup: 2 });
  // the planner looks at 32 of them; the 100th is found when it is read
  const many = Array.from({ length: 200 }, (_, i) => (i === 101 ? bad : good));
  await refused(craft({ schema, rowGroups: many }), /row group 101/, { rowGroup: 101 });
});

test('columns of nulls may have a type that nobody reads', async () => {
  const page = { body: levels([0, 0]), values: 2, encoding: ENCODING.plainDictionary };
  const dictionary = { kind: 'dictionary', body: int32s([]), values: 0 } as const;
  const bytes = oneColumn(
    { pages: [dictionary, page] },
    {
      rows: 2,
      physical: PHYSICAL.int32,
      element: element('a', { physical: PHYSICAL.int32, repetition: 1, more: { 6: i32(24) } }),
    },
  );
  assert.deepEqual((await read(bytes)).words, [['null', 'null']]);
});

test('values wider than can be set aside: refused by name, whatever the pages have', async () => {
  const page = { body: new Uint8Array(8), values: 2 };
  const decimal = { 6: i32(5), 7: i32(2), 8: i32(9) };
  for (const [width, more] of [
    [2 ** 30, {}],
    [2 ** 24 + 1, {}],
    [2 ** 31 - 1, {}],
    [257, decimal],
  ] as const) {
    const wide = element('wide', { physical: PHYSICAL.fixed, width, repetition: 0, more });
    const bytes = oneColumn(
      { path: ['wide'], pages: [page] },
      { rows: 2, physical: PHYSICAL.fixed, element: wide },
    );
    await assert.rejects(read(bytes), (error) => {
      assert.ok(ParloadError.is(error), String(error));
      assert.equal(error.code, 'PARQUET_UNSUPPORTED');
      assert.match(error.message, new RegExp(`has ${width} bytes`));
      assert.equal(error.where.column, 'wide');
      return true;
    });
  }
});
