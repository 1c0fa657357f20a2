// Columns streamed from their pages against the decoder library on the whole file: the same COPY bytes, wherever slices
// begin. Files of every codec, with and without dictionaries, and those of the shared data.
import assert from 'node:assert/strict';
import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bool, DateDay, Float64, Int16, Int32, Int64, TimestampMicrosecond, Utf8 } from 'apache-arrow';
import { typeName } from '../../../src/arrow/index.ts';
import { createPgCopyEncoder, defaultPgType } from '../../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowBatch, ArrowField, Encoder, Slice } from '../../../src/model/index.ts';
import { arrowSchema } from '../../../src/parquet/arrow-schema.ts';
import { compileZstd, PageCodecs } from '../../../src/parquet/codecs/index.ts';
import { parseMetadata, projectFooter, wholeFooter } from '../../../src/parquet/index.ts';
import { SliceDecoder } from '../../../src/sources/parquet/decode-slice.ts';
import type { OpenFile } from '../../../src/sources/parquet/open-files.ts';
import { libraryBatches, librarySchema } from '../../support/library.ts';
import { type ParquetOptions, parquetBytes } from '../../support/parquet.ts';
import { sharedOrSkip } from '../../support/shared.ts';

const codecs = new PageCodecs(await compileZstd());

class Bytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get sizeBytes(): number {
    return this.bytes.length;
  }
  read = async (start: number, end: number): Promise<Uint8Array> => this.bytes.slice(start, end);
  readInto = async (start: number, into: Uint8Array): Promise<void> => {
    into.set(this.bytes.subarray(start, start + into.length));
  };
}

function feed(encoder: Encoder, batch: ArrowBatch, hash: Hash): void {
  const out = new Uint8Array(1 << 20);
  for (let from = 0; from < batch.length; ) {
    let block = out;
    let { rows, end } = encoder.encode(batch, from, block, 0);
    if (rows === 0) {
      block = new Uint8Array(encoder.rowBytes(batch, from));
      ({ rows, end } = encoder.encode(batch, from, block, 0));
    }
    hash.update(block.subarray(0, end));
    from += rows;
  }
}

const canEncode = (field: ArrowField): boolean => {
  try {
    defaultPgType(field);
    return true;
  } catch {
    return false;
  }
};

/**
 * Hashes of the COPY bytes of all rows: by slices of `sliceRows`, and by the library at once. `joined`: slices that reach
 * over all row groups instead of one each.
 */
async function both(
  file: Uint8Array,
  sliceRows: number,
  batchRows: number,
  joined = false,
): Promise<[string, string]> {
  const object = new Bytes(file);
  const length = new DataView(file.buffer, file.byteOffset + file.length - 8).getUint32(0, true);
  const footer = file.slice(file.length - 8 - length, file.length - 8);
  const meta = parseMetadata(footer);
  const known = new Map(librarySchema(file).fields.map((f) => [f.name, typeName(f.type)]));
  const fields = arrowSchema(meta).fields.filter(
    (f) => canEncode(f) && known.get(f.name) === typeName(f.type),
  );
  const schema = { fields };
  const encoder = createPgCopyEncoder(
    schema,
    fields.map((f) => ({ name: f.name, type: defaultPgType(f) })),
  );
  const sliced = createHash('sha256');
  const reader = new SliceDecoder(codecs, fields, 256 << 20);
  const spans = joined
    ? [{ rowGroups: [0, meta.rowGroupCount - 1], rowCount: meta.rowCount, own: footer }]
    : Array.from({ length: meta.rowGroupCount }, (_, g) => {
        const { extent, rowCount } = meta.rowGroup(g);
        const bytes = footer.subarray(extent.start, extent.end);
        const own = projectFooter(wholeFooter(footer, meta.layout), { bytes, count: 1, rowCount });
        return { rowGroups: [g, g], rowCount, own };
      });
  for (const { rowGroups, rowCount: groupRows, own } of spans) {
    const opened = { object, footerFor: async () => own } as unknown as OpenFile;
    for (let offset = 0; offset < groupRows; offset += sliceRows) {
      const rowCount = Math.min(sliceRows, groupRows - offset);
      const detail = { rowGroups, footer: [0, 0], groupRows, offset };
      const slice = {
        id: '',
        inputId: String(rowGroups[0]),
        inputUri: 'test',
        rowStart: 0,
        rowCount,
        estBytes: rowCount * 64,
        detail,
      };
      for await (const batch of reader.read(opened, slice as Slice, batchRows)) feed(encoder, batch, sliced);
    }
  }
  const whole = createHash('sha256');
  for (const batch of libraryBatches(file)) {
    const columns = fields.map(
      (f) => batch.columns[batch.schema.fields.findIndex((b) => b.name === f.name)]!,
    );
    feed(encoder, { ...batch, schema, columns }, whole);
  }
  return [sliced.digest('hex'), whole.digest('hex')];
}

const nullEvery = (n: number, value: (row: number) => unknown) => (row: number) =>
  row % n === 0 ? null : value(row);

const COLUMNS: ParquetOptions['columns'] = [
  { name: 'i16', type: new Int16(), value: (row) => (row % 500) - 250 },
  { name: 'i32', type: new Int32(), value: nullEvery(7, (row) => row * 31 - 5) },
  { name: 'i64', type: new Int64(), value: nullEvery(1000, (row) => BigInt(row) * -3_000_000_019n) },
  { name: 'few', type: new Int64(), value: (row) => BigInt(row % 3) },
  {
    name: 'f64',
    type: new Float64(),
    value: nullEvery(11, (row) => (row % 97 === 0 ? Number.NaN : row / 7)),
  },
  { name: 'ts', type: new TimestampMicrosecond(), value: (row) => row * 1000 },
  { name: 'day', type: new DateDay(), value: nullEvery(2, (row) => new Date(86_400_000 * (row % 20_000))) },
  { name: 'flag', type: new Bool(), value: nullEvery(5, (row) => row % 3 === 0) },
  { name: 'name', type: new Utf8(), value: nullEvery(9, (row) => `имя ${row % 321}`) },
  { name: 'long', type: new Utf8(), value: (row) => (row % 50 === 0 ? 'x'.repeat(row % 5000) : '') },
  { name: 'none', type: new Int32(), value: () => null },
];

for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4_RAW'] as const) {
  for (const dictionary of [true, false]) {
    test(`${codec}, ${dictionary ? 'with' : 'without'} dictionaries: slices anywhere give the library's rows`, async () => {
      const options = {
        columns: COLUMNS,
        rows: 12_000,
        rowGroupRows: 7_000,
        codec,
        dictionary,
        pageBytes: 4096,
      };
      const file = parquetBytes(options);
      for (const [sliceRows, batchRows] of [
        [100_000, 4096],
        [1_111, 500],
        [37, 37],
      ] as const) {
        const [sliced, whole] = await both(file, sliceRows, batchRows);
        assert.equal(sliced, whole, `slices of ${sliceRows}`);
      }
    });
  }
}

for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'ZSTD', 'LZ4_RAW'] as const) {
  for (const dictionary of [true, false]) {
    test(`${codec}, ${dictionary ? 'with' : 'without'} dictionaries: joined row groups give the library's rows`, async () => {
      const options = { columns: COLUMNS, rows: 3000, rowGroupRows: 90, codec, dictionary, pageBytes: 512 };
      const file = parquetBytes(options);
      for (const [sliceRows, batchRows] of [
        [100_000, 4096],
        [1_111, 50],
        [700, 1],
      ] as const) {
        const [sliced, whole] = await both(file, sliceRows, batchRows, true);
        assert.equal(sliced, whole, `slices of ${sliceRows}`);
      }
    });
  }
}

for (const name of [
  'bss_all',
  'crc',
  'delta',
  'int96',
  'nodict',
  'page_index',
  'page_v2_snappy_tinypages',
  'page_v2_zstd',
  'tiny_pages',
]) {
  test(`shared edge/variants/${name}: the same`, async (t) => {
    const path = sharedOrSkip(t, 'data', 'edge', 'variants', `${name}.parquet`);
    if (path === null) return;
    const file = new Uint8Array(readFileSync(path));
    for (const joined of [false, true]) {
      const [sliced, whole] = await both(file, 37, 16, joined);
      assert.equal(sliced, whole, joined ? 'joined' : 'row group by row group');
    }
  });
}
