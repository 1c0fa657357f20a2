// Schema metadata that is damaged or of another file is not followed, and the user is told: in the plan and in the result.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Int32 } from 'apache-arrow';
import { copy, plan } from '../../../src/index.ts';
import { parseMetadata } from '../../../src/parquet/index.ts';
import { T } from '../../../src/parquet/thrift.ts';
import { binary, craft, element, int64s, list, oneColumn, PHYSICAL, struct } from '../../support/craft.ts';
import { parquetBytes } from '../../support/parquet.ts';
import { temporaryFolder } from '../../support/root.ts';

const dir = temporaryFolder();
const KEY = 'ARROW:schema';
const PAGE = { body: int64s([1, 2]), values: 2 };

/** A file of the column "a" with this metadata. */
function fileWith(name: string, schema: string): string {
  const path = join(dir, name);
  const pairs = list(T.struct, [struct({ 1: binary(KEY), 2: binary(schema) })]);
  writeFileSync(path, oneColumn({ pages: [PAGE] }, { rows: 2, more: { 5: pairs } }));
  return path;
}

/** What a writer left in a file with a column of this name. */
function schemaOf(column: string): string {
  const bytes = Buffer.from(
    parquetBytes({ rows: 1, columns: [{ name: column, type: new Int32(), value: () => 1 }] }),
  );
  const end = bytes.length - 8;
  const text = parseMetadata(bytes.subarray(end - bytes.readUInt32LE(end), end)).keyValue(KEY);
  assert.ok(text !== null);
  return text;
}

const notesOf = async (path: string): Promise<readonly string[]> => {
  const job = { source: path, sink: 'null:' };
  const planned = (await plan(job)).notes.filter((note) => note.includes(KEY));
  const { notes } = await copy({ ...job, workers: 1 });
  assert.deepEqual(
    notes.filter((note) => note.includes(KEY)),
    planned,
    'plan and result say the same',
  );
  return planned;
};

test('damaged', async () => {
  const path = fileWith('damaged.parquet', 'no flatbuffer');
  const [note, ...more] = await notesOf(path);
  assert.match(note ?? '', /cannot be read and is ignored/);
  assert.ok(note?.includes(path));
  assert.deepEqual(more, []);
});

test('of other columns', async () => {
  const [note] = await notesOf(fileWith('other.parquet', schemaOf('b')));
  assert.match(note ?? '', /is of other columns than the file has and is ignored/);
});

test('what fits is not spoken of', async () => {
  assert.deepEqual(await notesOf(fileWith('fits.parquet', schemaOf('a'))), []);
});

test('a group without any value is left out', async () => {
  const path = join(dir, 'empty-group.parquet');
  const schema = [
    element('root', { children: 2 }),
    element('nothing', { children: 0, repetition: 1 }),
    element('a', { physical: PHYSICAL.int64, repetition: 0 }),
  ];
  const columns = [{ path: ['a'], physical: PHYSICAL.int64, pages: [PAGE] }];
  writeFileSync(path, craft({ schema, rowGroups: [{ rows: 2, columns }] }));
  const { notes } = await plan({ source: path, sink: 'null:' });
  assert.ok(notes.some((note) => note.startsWith('left out') && note.includes('"nothing"')));
});
