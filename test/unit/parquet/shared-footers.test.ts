// Footers of every file in the shared data, against what another reader found in them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import { readFooter, readMetadata } from '../../../src/parquet/footer.ts';
import { checkReadable, type ParquetMetadata } from '../../../src/parquet/index.ts';
import { openObject } from '../../../src/storage/index.ts';
import { sharedOrSkip } from '../../support/shared.ts';

interface IndexedFile {
  readonly file: string;
  readonly rows?: number;
  readonly row_groups?: number;
  /** ok, or the other reader's error. */
  readonly pyarrow?: string;
  readonly null_counts?: Readonly<Record<string, number>>;
  readonly compression?: readonly string[];
}

async function metadataOf(path: string): Promise<ParquetMetadata> {
  const object = await openObject(path);
  try {
    const meta = readMetadata(object, (await readFooter(object)).bytes);
    for (let g = 0; g < meta.rowGroupCount; g++) {
      checkReadable(meta.columns(g), { rowGroup: g }, object.sizeBytes);
    }
    return meta;
  } finally {
    await object.close();
  }
}

/** Null counts of flat columns where every row group has them. */
function nullCounts(meta: ParquetMetadata): Map<string, number | null> {
  const counts = new Map<string, number | null>();
  for (let g = 0; g < meta.rowGroupCount; g++) {
    for (const chunk of meta.columns(g)) {
      const leaf = chunk === null ? undefined : meta.schema.leaves[chunk.leaf];
      if (chunk === null || leaf?.path.length !== 1 || leaf.maxRepetition > 0) continue;
      const known = counts.get(leaf.name);
      const more = chunk.statistics?.nullCount ?? null;
      counts.set(leaf.name, known === null || more === null ? null : (known ?? 0) + more);
    }
  }
  return counts;
}

const REFUSED_THOUGH_READ_ELSEWHERE: readonly string[] = [];
/** The file itself says 0; see src/parquet/known-writers.ts. */
const WRONG_NULL_COUNTS = /h2oai_group_small/;

describe('footers of the shared data', () => {
  it('say what another reader found, or are refused with a typed error', async (t) => {
    const folder = sharedOrSkip(t, 'data');
    if (folder === null) return;
    const { files } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
      files: IndexedFile[];
    };
    const refused: string[] = [];
    let compared = 0;
    for (const file of files) {
      let meta: ParquetMetadata;
      try {
        meta = await metadataOf(join(folder, file.file));
      } catch (error) {
        assert.ok(ParloadError.is(error), `${file.file}: ${String(error)}`);
        if (file.pyarrow === 'ok') refused.push(file.file);
        continue;
      }
      if (file.rows === undefined || file.pyarrow !== 'ok') continue;
      compared++;
      assert.equal(meta.rowCount, file.rows, file.file);
      assert.equal(meta.rowGroupCount, file.row_groups, file.file);
      if (WRONG_NULL_COUNTS.test(file.file)) continue;
      for (const [column, count] of nullCounts(meta)) {
        const expected = file.null_counts?.[column];
        if (count !== null && expected !== undefined) assert.equal(count, expected, `${file.file} ${column}`);
      }
    }
    assert.deepEqual(refused, REFUSED_THOUGH_READ_ELSEWHERE);
    t.diagnostic(`${compared} of ${files.length} files compared`);
  });

  it('of damaged files are refused where the damage is in the footer', async (t) => {
    const folder = sharedOrSkip(t, 'data', 'corrupt');
    if (folder === null) return;
    const text = readFileSync(join(folder, 'corrupt.expected.dev.json'), 'utf8');
    for (const [name, { pyarrow }] of Object.entries(
      JSON.parse(text) as Record<string, { pyarrow: string }>,
    )) {
      const found: string = await metadataOf(join(folder, name)).then(
        (meta) => `reads ${meta.rowCount} rows`,
        (error: unknown) => {
          assert.ok(ParloadError.is(error), `${name}: ${String(error)}`);
          assert.match(error.code, /^(NOT_PARQUET|PARQUET_CORRUPT|PARQUET_UNSUPPORTED)$/);
          return 'error';
        },
      );
      // damage in the pages shows when they are read
      if (!pyarrow.startsWith('error')) assert.equal(found, pyarrow, name);
    }
  });
});
