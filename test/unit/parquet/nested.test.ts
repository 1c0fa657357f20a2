// Nested columns of odd shapes, as pyarrow writes them, cell by cell against what it reads (scripts/golden/nested.py): rows that
// go over pages, lists of structs of maps, maps with null values, in every way that slices and batches can begin.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestOf, type FileDigest } from '../../corpora/golden.ts';
import { type ReadCellsOptions, readCells } from '../../support/read-cells.ts';
import { ROOT } from '../../support/root.ts';

const FOLDER = join(ROOT, 'test', 'golden', 'nested');
const { files } = JSON.parse(readFileSync(join(FOLDER, 'nested.json'), 'utf8')) as {
  files: Record<string, FileDigest>;
};

const WAYS: readonly ReadCellsOptions[] = [
  {},
  { batchRows: 1 },
  { slice: { kind: 'row-group' }, batchRows: 3 },
  { slice: { kind: 'rows', rows: 7 } },
  { slice: { kind: 'rows', rows: 50 }, batchRows: 16 },
];

for (const [name, golden] of Object.entries(files)) {
  for (const options of WAYS) {
    test(`${name}, ${JSON.stringify(options)}`, async () => {
      const { fields, rows, words } = await readCells(join(FOLDER, `${name}.parquet`), options);
      const digests = fields.map((field, k) => digestOf(field.name, words[k]!));
      assert.equal(rows, golden.rows);
      assert.deepEqual(digests, golden.columns.split(' '));
    });
  }
}
