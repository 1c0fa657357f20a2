// What the writer writes, our reader and another one read back: the same cells, the same types.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { initSync, readParquet } from 'parquet-wasm/esm';
import type { ArrowBatch, ArrowField, ArrowType } from '../../../src/model/index.ts';
import { ParquetWriter, type ParquetWriterOptions } from '../../../src/parquet/write/index.ts';
import { packLevels } from '../../../src/parquet/write/levels.ts';
import { MiB } from '../../../src/runtime/index.ts';
import { source } from '../../../src/sources/parquet/index.ts';
import { cellWords } from '../../support/arrow-words.ts';
import {
  batchOf,
  bigIntBytes,
  boolColumn,
  bytesColumn,
  dictionaryColumn,
  field,
  fixedColumn,
  listColumn,
} from '../../support/columns.ts';
import { readCells } from '../../support/read-cells.ts';
import { temporaryFolder } from '../../support/root.ts';
import { SHARED, sharedOrSkip } from '../../support/shared.ts';

const dir = temporaryFolder();

async function write(
  path: string,
  fields: readonly ArrowField[],
  batches: Iterable<ArrowBatch> | AsyncIterable<ArrowBatch>,
  options: Omit<ParquetWriterOptions, 'write'> = {},
): Promise<number> {
  const parts: Uint8Array[] = [];
  const writer = new ParquetWriter(
    { fields },
    {
      ...options,
      write: async (bytes) => {
        parts.push(bytes.slice());
      },
    },
  );
  for await (const batch of batches) await writer.add(batch);
  const bytes = await writer.finish();
  writeFileSync(path, Buffer.concat(parts));
  assert.equal(readFileSync(path).length, bytes);
  return writer.rows;
}

let wasmReady = false;
/** Rows as parquet-wasm counts them. */
function rowsByAnother(path: string): number {
  if (!wasmReady) {
    const entry = createRequire(import.meta.url).resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
    initSync({ module: readFileSync(entry) });
    wasmReady = true;
  }
  const table = readParquet(readFileSync(path));
  const rows = table.recordBatches().reduce((sum, batch) => sum + batch.numRows, 0);
  return rows;
}

describe('levels', () => {
  test('runs and packed groups, whatever the pattern', () => {
    for (const max of [1, 2, 3, 7, 8]) {
      for (let seed = 1; seed < 60; seed++) {
        const levels = Uint8Array.from({ length: seed * 3 }, (_, k) =>
          seed % 3 === 0 ? (k >> 4) % (max + 1) : (k * seed + (k >> 3)) % (max + 1),
        );
        assert.deepEqual(unpack(packLevels(levels, max), levels.length, max), [...levels]);
      }
    }
  });
});

/** By the format's words, not by our reader. */
function unpack(bytes: Uint8Array, count: number, max: number): number[] {
  const bits = 32 - Math.clz32(max);
  const out: number[] = [];
  for (let at = 0; out.length < count; ) {
    let head = 0;
    let shift = 0;
    for (;;) {
      const byte = bytes[at++]!;
      head |= (byte & 127) << shift;
      shift += 7;
      if (byte < 128) break;
    }
    if ((head & 1) === 0) {
      for (let k = 0; k < head >> 1; k++) out.push(bytes[at]!);
      at++;
      continue;
    }
    for (let k = 0; k < (head >> 1) * 8; k++) {
      const bit = k * bits;
      const word = bytes[at + (bit >> 3)]! | ((bytes[at + (bit >> 3) + 1] ?? 0) << 8);
      out.push((word >> (bit & 7)) & ((1 << bits) - 1));
    }
    at += (head >> 1) * bits;
  }
  return out.slice(0, count);
}

const INT = (bits: 8 | 16 | 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const valid = [true, false, true, true];
const ints = (bits: 8 | 16 | 32 | 64, signed = true) =>
  fixedColumn(
    INT(bits, signed),
    bigIntBytes([1n, null, signed ? -2n : 2n ** BigInt(bits) - 1n, 0n], bits),
    valid,
  );
const decimal = (bits: 32 | 64 | 128 | 256, precision: number, scale: number, values: (bigint | null)[]) =>
  fixedColumn({ id: 'decimal', bits, precision, scale }, bigIntBytes(values, bits), valid);

describe('types', () => {
  const text = bytesColumn({ id: 'utf8', large: false }, ['ä', null, '', 'abc']);
  const columns = {
    i8: ints(8),
    u8: ints(8, false),
    i16: ints(16),
    u16: ints(16, false),
    i32: ints(32),
    u32: ints(32, false),
    i64: ints(64),
    u64: ints(64, false),
    f64: fixedColumn({ id: 'float', bits: 64 }, new Float64Array([-0, 0, Number.NaN, 1e300]), valid),
    f32: fixedColumn({ id: 'float', bits: 32 }, new Float32Array([-0, 0, Number.NaN, 1.5]), valid),
    yes: boolColumn([true, null, false, true]),
    text,
    bytes: bytesColumn({ id: 'binary', large: true }, [
      Uint8Array.of(0, 255),
      null,
      new Uint8Array(0),
      Uint8Array.of(1),
    ]),
    d9: decimal(32, 9, 2, [-5n, null, 999999999n, 0n]),
    d18: decimal(64, 18, 2, [-5n, null, 10n ** 18n - 1n, 0n]),
    d18wide: decimal(128, 18, 0, [-5n, null, 10n ** 18n - 1n, 0n]),
    d38: decimal(128, 38, 10, [-5n, null, 10n ** 38n - 1n, 0n]),
    d76: decimal(256, 76, 38, [-5n, null, -(10n ** 76n) + 1n, 0n]),
    day: fixedColumn({ id: 'date', unit: 'day' }, new Int32Array([-1, 0, 20000, 5]), valid),
    clock: fixedColumn({ id: 'time', unit: 'us' }, new BigInt64Array([1n, 0n, 86399999999n, 5n]), valid),
    at: fixedColumn(
      { id: 'timestamp', unit: 'ns', timezone: null },
      new BigInt64Array([-1n, 0n, 2n ** 62n, 5n]),
      valid,
    ),
    atZone: fixedColumn(
      { id: 'timestamp', unit: 'us', timezone: 'Europe/Berlin' },
      new BigInt64Array([-1n, 0n, 2n ** 62n, 5n]),
      valid,
    ),
    span: fixedColumn({ id: 'duration', unit: 'ms' }, new BigInt64Array([-1n, 0n, 2n ** 62n, 5n]), valid),
    list: listColumn(field('item', INT(32)), [2, null, 0, 2], ints(32)),
    words: dictionaryColumn([2, null, 0, 0], bytesColumn({ id: 'utf8', large: false }, ['x', 'y', 'zz'])),
  };
  const fields = Object.entries(columns).map(([name, column]) => field(name, column.type));

  for (const codec of ['none', 'gzip'] as const) {
    test(`of all kinds, ${codec}, in pages and row groups of one batch each`, async () => {
      const path = join(dir, `kinds-${codec}.parquet`);
      const batch = batchOf(columns);
      const rows = await write(path, fields, [batch, batch, { ...batch, selection: Int32Array.of(1, 2) }], {
        codec,
        pageBytes: 1,
        rowGroupBytes: codec === 'none' ? 1 : MiB,
      });
      assert.equal(rows, 10);
      assert.equal(rowsByAnother(path), 10);
      const back = await readCells(path);
      fields.forEach((f, j) => {
        const [a, b, c, d] = cellWords(f, Object.values(columns)[j]!);
        assert.deepEqual(back.words[j], [a, b, c, d, a, b, c, d, b, c], f.name);
        if (f.type.id !== 'dictionary') assert.deepEqual(back.fields[j]!.type, expected(f.type), f.name);
      });
    });
  }
});

/** Readers give list items the name that Parquet has for them, and all decimals 128 bits or more. */
const expected = (type: ArrowType): ArrowType =>
  type.id === 'decimal'
    ? { ...type, bits: type.bits === 256 ? 256 : 128 }
    : type.id === 'list'
      ? { ...type, item: { ...type.item, name: 'element' } }
      : type;

test('a file without rows', async () => {
  const path = join(dir, 'none.parquet');
  assert.equal(await write(path, [field('a', INT(32))], []), 0);
  assert.equal(rowsByAnother(path), 0);
  assert.equal((await readCells(path)).rows, 0);
});

describe('files of others, written again', () => {
  const names =
    SHARED === null
      ? ['alltypes.parquet']
      : [
          'alltypes.parquet',
          ...readdirSync(join(SHARED, 'data', 'edge', 'variants')).map((n) => `variants/${n}`),
        ];
  for (const name of names) {
    test(name, async (t) => {
      const path = sharedOrSkip(t, 'data', 'edge', ...name.split('/'));
      if (path === null || !path.endsWith('.parquet')) return;
      const before = await readCells(path);
      const copy = join(dir, name.replaceAll('/', '-'));
      await write(copy, before.fields, batchesOf(path), { pageBytes: 8192, rowGroupBytes: 65_536 });
      const after = await readCells(copy);
      for (const [j, f] of before.fields.entries()) assert.deepEqual(after.words[j], before.words[j], f.name);
    });
  }
});

async function* batchesOf(path: string): AsyncGenerator<ArrowBatch> {
  const options = (await source.options()).parse({ paths: [path], hivePartitioning: 'off' });
  const shared = await source.share();
  const planner = await source.planner(options, shared);
  await planner.inspect();
  const memory = { workers: 1, bytesPerWorker: 128 * MiB, committed: {} };
  const plan = await planner.plan({ columns: null, pruner: null }, { slice: { kind: 'auto' }, ...memory });
  const read = { columns: null, batchRows: 77, batchBytes: MiB, memoryBytes: 128 * MiB };
  const reader = await source.reader(options, shared, planner.ticket(), read);
  for (const slice of plan.slices) {
    const batches = reader.open(slice, { shouldStop: () => false } as never);
    yield* batches;
    await batches.close();
  }
  await reader.close();
  await planner.close();
}
