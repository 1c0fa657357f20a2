// Loads of numbered rows into the fake CrateDB, and what must be in it then.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Float64, Int64, TimestampMillisecond, Utf8 } from 'apache-arrow';
import { FakeCrate, type FakeCrateOptions } from '../fakes/crate/server.ts';
import type { Row } from '../fakes/crate/store.ts';
import { canonical } from './exact-json.ts';
import { writeParquetFile } from './parquet.ts';
import { temporaryFolder } from './root.ts';

const textOf = (id: number): string | null => (id % 7 === 3 ? null : `row "${id}" äöü \\ ${id % 13}`);
const numberOf = (id: number): number | null => (id % 11 === 5 ? null : id / 8);
const bigOf = (id: number): bigint => 9_007_199_254_740_993n + BigInt(id);

export interface CrateFile {
  readonly path: string;
  readonly rows: number;
}

/** Columns id, big (beyond 2^53), value, text, at. */
export function writeCrateFile(
  path: string,
  rows: number,
  { rowGroupRows = 2000, first = 0 } = {},
): CrateFile {
  writeParquetFile(path, {
    rows,
    rowGroupRows,
    columns: [
      { name: 'id', type: new Int64(), value: (row) => BigInt(first + row), nullable: false },
      { name: 'big', type: new Int64(), value: (row) => bigOf(first + row) },
      { name: 'value', type: new Float64(), value: (row) => numberOf(first + row) },
      { name: 'text', type: new Utf8(), value: (row) => textOf(first + row) },
      { name: 'at', type: new TimestampMillisecond(), value: (row) => 1_700_000_000_000 + first + row },
    ],
  });
  return { path, rows };
}

const bits = (x: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(x);
  return bytes.toString('hex');
};

/** As `lineOf` a row of the table. */
const expectedLine = (id: number): string => {
  const [value, text] = [numberOf(id), textOf(id)];
  return [
    `i${id}`,
    `i${bigOf(id)}`,
    value === null ? 'n' : `d${bits(value)}`,
    text === null ? 'n' : `s${Buffer.byteLength(text)}:${text}`,
    `i${1_700_000_000_000 + id}`,
  ].join('|');
};

const lineOf = (row: Row): string =>
  ['id', 'big', 'value', 'text', 'at'].map((name) => canonical(row.get(name) ?? null)).join('|');

/** Each row of the file is in the table `times` times, with every value as it was; and nothing else. */
export function assertExact(fake: FakeCrate, table: string, rows: number, times = 1, first = 0): void {
  const found = fake.rows(table).map(lineOf).sort();
  const wanted = Array.from(
    { length: rows },
    (_, k) => Array(times).fill(expectedLine(first + k)) as string[],
  )
    .flat()
    .sort();
  assert.equal(found.length, wanted.length, `${found.length} rows in ${table}`);
  assert.deepEqual(found, wanted);
}

/** A fake and a file for the tests of one file. */
export function withCrate(
  rows: number,
  options: FakeCrateOptions = {},
): { readonly fake: FakeCrate; readonly file: CrateFile } {
  const dir = temporaryFolder();
  let fake: FakeCrate | null = null;
  let file: CrateFile | null = null;
  before(async () => {
    fake = await FakeCrate.start(options);
    file = writeCrateFile(join(dir, 'rows.parquet'), rows);
  });
  after(() => fake?.stop());
  return {
    get fake() {
      return fake!;
    },
    get file() {
      return file!;
    },
  };
}
