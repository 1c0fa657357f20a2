// The same values in other files: one file a type, and every codec, encoding and page version. Each column must encode to
// the same bytes as in alltypes.parquet, whose cells test/e2e/edge.test.ts compares with pyarrow's.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSource } from '../../bench/source.ts';
import type { PgType } from '../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowBatch, ArrowField } from '../../src/model/index.ts';
import { encodeRows } from '../support/round-trip.ts';
import { sharedOrSkip } from '../support/shared.ts';

const target = (name: string): PgType => ({
  oid: 0,
  name,
  kind: 'base',
  typmod: -1,
  element: null,
  attributes: null,
  display: name,
});

/** Types that take every value: text by its bytes, everything else as text. */
function targetOf({ type, logical }: ArrowField): PgType {
  const { id } = type.id === 'dictionary' ? type.value : type;
  const isBytes = id === 'utf8' || id === 'binary' || (id === 'fixedBinary' && logical !== 'uuid');
  return target(isBytes ? 'bytea' : 'text');
}

const columnBatch = (batch: ArrowBatch, index: number, field: ArrowField): ArrowBatch => ({
  ...batch,
  schema: { fields: [field] },
  columns: [batch.columns[index]!],
});

/** Hash of each column's rows of COPY. */
async function columnHashes(path: string): Promise<Map<string, string>> {
  const source = await openSource([path], { kind: 'row-group' });
  const hashes = source.schema.fields.map(() => createHash('sha256'));
  try {
    const slices = [...source.slices].sort((a, b) => a.rowStart - b.rowStart);
    for (const slice of slices) {
      for await (const batch of source.batches(slice)) {
        source.schema.fields.forEach((field, i) => {
          hashes[i]!.update(encodeRows(columnBatch(batch, i, field), [targetOf(field)]));
        });
      }
    }
  } finally {
    await source.close();
  }
  return new Map(source.schema.fields.map(({ name }, i) => [name, hashes[i]!.digest('hex')]));
}

/** In no other file, because pyarrow cannot read it: a list of dictionary-encoded texts, as nested.test.ts has them. */
const ALONE = 'dict_in_list';

for (const folder of ['types', 'variants']) {
  test(`edge/${folder}: every column as in alltypes.parquet`, async (t) => {
    const all = sharedOrSkip(t, 'data', 'edge', 'alltypes.parquet');
    const files = sharedOrSkip(t, 'data', 'edge', folder);
    if (all === null || files === null) return;
    const expected = await columnHashes(all);
    const wrong: string[] = [];
    let columns = 0;
    for (const name of readdirSync(files)) {
      for (const [column, hash] of await columnHashes(join(files, name))) {
        if (column === ALONE) continue;
        columns++;
        if (expected.get(column) !== hash) wrong.push(`${name}: ${column}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(columns > 90, `${columns} columns`);
  });
}
