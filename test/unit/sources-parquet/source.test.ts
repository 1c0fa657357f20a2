import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Int32, Utf8 } from 'apache-arrow';
import { int32Values } from '../../../src/arrow/index.ts';
import { type ErrorCode, ParloadError } from '../../../src/errors/index.ts';
import type { PlanHints, ReadOptions, ReadRequest, Slice, SourcePlan } from '../../../src/model/index.ts';
import { MiB } from '../../../src/runtime/index.ts';
import { source } from '../../../src/sources/parquet/index.ts';
import { inspectParquet } from '../../../src/sources/parquet/inspect.ts';
import { writeParquetFile } from '../../support/parquet.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();
const shared = await source.share();
const optionsSchema = await source.options();

const hints = (more: Partial<PlanHints> = {}): PlanHints => ({
  slice: { kind: 'auto' },
  workers: 2,
  bytesPerWorker: 64 * MiB,
  committed: {},
  ...more,
});
const ALL: ReadRequest = { columns: null, pruner: null };
const READ: ReadOptions = { columns: null, batchRows: 64, batchBytes: MiB, memoryBytes: 64 * MiB };

const failsWith =
  (code: ErrorCode, message = /./) =>
  (error: unknown): boolean =>
    ParloadError.is(error) && error.code === code && message.test(error.message);

const file = (name: string, rows: number, rowGroupRows = 300, first = 0): string => {
  const path = join(dir, name);
  mkdirSync(join(path, '..'), { recursive: true });
  return writeParquetFile(path, {
    rows,
    rowGroupRows,
    columns: [
      { name: 'id', type: new Int32(), value: (i) => first + i, nullable: false },
      { name: 'text', type: new Utf8(), value: (i) => (i % 4 === 0 ? null : `row ${i}`) },
    ],
  });
};

const planner = (paths: string[], more: object = {}) =>
  source.planner(optionsSchema.parse({ paths, ...more }), shared);

interface Row {
  readonly input: string;
  readonly row: number;
  readonly id: number;
}

/** Reads slices in a reader of its own, with everything passed as it passes through threads. */
async function readAll(plan: SourcePlan, ticket: unknown, read: ReadOptions = READ): Promise<Row[]> {
  const options = optionsSchema.parse({ paths: ['unused'] });
  const reader = await source.reader(options, shared, structuredClone(ticket) as never, read);
  const rows: Row[] = [];
  try {
    for (const slice of plan.slices) {
      const batches = reader.open(structuredClone(slice) as Slice, {
        stop: { level: () => 0 },
        progress: () => {},
      });
      for await (const batch of batches) {
        const at = batch.schema.fields.findIndex((f) => f.name === 'id');
        const ids = at < 0 ? null : int32Values(batch.columns[at]!);
        for (let i = 0; i < batch.length; i++) {
          const id = ids === null ? -1 : ids[batch.columns[at]!.offset + i]!;
          rows.push({ input: slice.inputId, row: batch.rowStart + i, id });
        }
      }
      await batches.close();
    }
  } finally {
    await reader.close();
  }
  return rows;
}

describe('parquet source', () => {
  const path = file('plain.parquet', 1000);

  it('knows identity and schema without reading rows', async () => {
    const { inputs, schema } = await (await planner([path])).inspect();
    assert.equal(inputs.length, 1);
    assert.match(inputs[0]!.id, /^[0-9a-f]{24}$/);
    assert.deepEqual([inputs[0]!.uri, inputs[0]!.rowCount, inputs[0]!.partCount], [path, 1000, 4]);
    assert.deepEqual(
      schema.fields.map((f) => [f.name, f.type.id, f.nullable]),
      [
        ['id', 'int', false],
        ['text', 'utf8', true],
      ],
    );
    const again = await (await planner([path])).inspect();
    assert.equal(again.inputs[0]!.id, inputs[0]!.id);
  });

  for (const slice of [
    { kind: 'auto' },
    { kind: 'row-group' },
    { kind: 'rows', rows: 70 },
    { kind: 'rows', rows: 450 },
  ] as const) {
    it(`delivers every row once and in its place, slices ${JSON.stringify(slice)}`, async () => {
      const p = await planner([path]);
      await p.inspect();
      const plan = await p.plan(ALL, hints({ slice }));
      const rows = await readAll(plan, p.ticket());
      assert.deepEqual(
        rows.map(({ row, id }) => [row, id]),
        Array.from({ length: 1000 }, (_, i) => [i, i]),
      );
    });
  }

  it('leaves out what is committed and what cannot pass', async () => {
    const p = await planner([path]);
    const { inputs } = await p.inspect();
    const committed = { [inputs[0]!.id]: [{ start: 250, end: 320 }] };
    const pruner: ReadRequest['pruner'] = (statsOf) => {
      const stats = statsOf('id');
      return stats !== null && typeof stats.max === 'number' && stats.max < 300;
    };
    const plan = await p.plan({ columns: null, pruner }, hints({ committed }));
    assert.equal(plan.rowsCommitted, 70);
    assert.equal(plan.rowsPruned, 250);
    const rows = await readAll(plan, p.ticket());
    assert.deepEqual(
      rows.map(({ id }) => id),
      Array.from({ length: 680 }, (_, i) => i + 320),
    );
  });

  it('reads only the wanted columns', async () => {
    const p = await planner([path]);
    await p.inspect();
    const columns = ['id'];
    const plan = await p.plan({ columns, pruner: null }, hints());
    const rows = await readAll(plan, p.ticket(), { ...READ, columns });
    assert.equal(rows.at(-1)?.id, 999);
    await assert.rejects(
      p.plan({ columns: ['nope'], pruner: null }, hints()),
      failsWith('COLUMN_UNKNOWN', /"nope"/),
    );
  });

  it('stops when a file changes after it was planned', async () => {
    const changing = file('changing.parquet', 500);
    const p = await planner([changing]);
    await p.inspect();
    const plan = await p.plan(ALL, hints());
    file('changing.parquet', 500, 300, 7);
    await assert.rejects(readAll(plan, p.ticket()), failsWith('SOURCE_CHANGED'));
  });

  it('gives no slices for files without rows', async () => {
    const p = await planner([file('none.parquet', 0)]);
    await p.inspect();
    assert.deepEqual((await p.plan(ALL, hints())).slices, []);
  });

  it('says how much memory a slice needs', async () => {
    const p = await planner([path]);
    await p.inspect();
    const plan = await p.plan(ALL, hints());
    assert.ok(plan.bytesPerWorker > 1000 * 4 && plan.bytesPerWorker < MiB, String(plan.bytesPerWorker));
  });
});

describe('parquet source with several files', () => {
  it('makes columns of partition folders and prunes by them', async () => {
    for (const [year, first] of [
      ['2023', 0],
      ['2024', 100],
    ] as const) {
      file(`set/year=${year}/a.parquet`, 100, 300, first);
    }
    const p = await planner([join(dir, 'set')]);
    const { schema, inputs } = await p.inspect();
    assert.deepEqual(
      schema.fields.map((f) => f.name),
      ['id', 'text', 'year'],
    );
    const pruner: ReadRequest['pruner'] = (statsOf) => statsOf('year')?.max === 2023n;
    const plan = await p.plan({ columns: null, pruner }, hints());
    assert.equal(plan.rowsPruned, 100);
    const rows = await readAll(plan, p.ticket());
    assert.deepEqual([rows.length, rows[0]?.id, rows[0]?.input], [100, 100, inputs[1]!.id]);
    // only the path is wanted, so the file need not be decoded
    const columns = ['year'];
    const few = await p.plan({ columns, pruner: null }, hints());
    assert.equal((await readAll(few, p.ticket(), { ...READ, columns })).length, 200);
  });

  it('refuses files that do not agree', async () => {
    const other = writeParquetFile(join(dir, 'other.parquet'), {
      rows: 1,
      columns: [{ name: 'id', type: new Utf8(), value: () => 'x' }],
    });
    const p = await planner([file('one.parquet', 1), other]);
    await assert.rejects(p.inspect(), failsWith('SCHEMA_MISMATCH', /"id"/));
  });

  it('reports empty files of a folder and takes a file named twice once', async () => {
    file('mixed/a.parquet', 10);
    writeFileSync(join(dir, 'mixed/b.parquet'), '');
    const p = await planner([join(dir, 'mixed'), join(dir, 'mixed/a.parquet')]);
    assert.equal((await p.inspect()).inputs.length, 1);
    assert.match((await p.plan(ALL, hints())).notes.join(), /1 file of 0 bytes/);
  });
});

describe('inspect', () => {
  it('tells columns, row groups and bounds as plain data', async () => {
    const report = await inspectParquet(file('seen.parquet', 1000));
    assert.deepEqual(structuredClone(report), report);
    assert.equal(report.rows, 1000);
    assert.deepEqual(
      report.rowGroups.map((group) => group.rows),
      [300, 300, 300, 100],
    );
    const [id, text] = report.columns;
    assert.deepEqual([id?.type, id?.min, id?.max, id?.nulls], ['int32', '0', '999', 0]);
    assert.deepEqual([text?.type, text?.min, text?.nulls], ['string', 'row 1', 250]);
    assert.deepEqual(text?.codecs, ['SNAPPY']);
  });
});
