import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RowRange } from '../../../src/model/index.ts';
import { countRows, MiB, mergeRanges, subtractRanges } from '../../../src/runtime/index.ts';
import {
  type CutSlice,
  cutSlices,
  neededBytes,
  type Part,
  type SlicingInput,
  type SlicingRules,
} from '../../../src/sources/parquet/slicing.ts';

const K = 1024;

/** Row groups of these sizes, one behind the other. */
const partsOf = (rows: readonly number[], rowBytes: number, pruned: readonly boolean[] = []): Part[] => {
  let rowStart = 0;
  return rows.map((rowCount, i) => {
    const part = {
      rowStart,
      rowCount,
      estBytes: rowCount * rowBytes,
      fixedBytes: (rowCount * rowBytes) / 10,
      pageBytes: 1024,
      pruned: pruned[i] ?? false,
    };
    rowStart += rowCount;
    return part;
  });
};

const input = (rows: readonly number[], rowBytes = 100, committed: RowRange[] = []): SlicingInput => ({
  parts: partsOf(rows, rowBytes),
  committed,
});

const rules = (more: Partial<SlicingRules> = {}): SlicingRules => ({
  slice: { kind: 'auto' },
  workers: 2,
  bytesPerWorker: 512 * MiB,
  ...more,
});

const rowsOf = (slices: readonly CutSlice[]): number[] => slices.map((slice) => slice.rowCount);

describe('auto slices', () => {
  it('are row groups when these fit and are enough', () => {
    const slices = cutSlices([input(Array(20).fill(131_072))], rules());
    assert.deepEqual(rowsOf(slices), Array(20).fill(131_072));
  });

  it('cut few big row groups so that all workers end together', () => {
    const slices = cutSlices([input([1_000_000, 1_000_000, 964_624])], rules());
    assert.equal(slices.length % 2, 0);
    assert.ok(slices.length >= 6, String(slices.length));
    const sizes = rowsOf(slices);
    assert.ok(Math.max(...sizes) <= 2 * Math.min(...sizes));
    assert.ok(Math.max(...sizes) <= 512 * K);
  });

  it('cut for memory whatever the number of workers', () => {
    const budget = 64 * MiB;
    const slices = cutSlices([input([5_174_400])], rules({ workers: 1, bytesPerWorker: budget + 50 * MiB }));
    for (const slice of slices) assert.ok(neededBytes(slice) <= budget + 50 * MiB);
    assert.ok(slices.length > 1);
  });

  it('leave a small file alone', () => {
    assert.equal(cutSlices([input([5_000])], rules({ workers: 4 })).length, 1);
  });

  it('leave a row group that is only a little too big whole with one worker', () => {
    assert.equal(cutSlices([input([180_000])], rules({ workers: 1 })).length, 1);
  });

  it('never hold no rows, even where a row is bigger than the memory', () => {
    const slices = cutSlices([input([3], 400 * MiB)], rules({ workers: 2, bytesPerWorker: MiB }));
    assert.deepEqual(rowsOf(slices), [1, 1, 1]);
  });

  it('cut wide rows by bytes and not by rows', () => {
    const slices = cutSlices([input([200], MiB)], rules({ bytesPerWorker: 64 * MiB }));
    for (const slice of slices) assert.ok(neededBytes(slice) <= 64 * MiB, String(neededBytes(slice)));
  });

  it('join tiny row groups, and still keep every worker busy', () => {
    const slices = cutSlices([input(Array(5_000).fill(100))], rules());
    assert.ok(slices.length >= 6 && slices.length <= 100, String(slices.length));
  });

  it('join over empty row groups', () => {
    const slices = cutSlices([input([10, 0, 10])], rules());
    assert.deepEqual(
      slices.map(({ first, last, rowCount }) => [first, last, rowCount]),
      [[0, 2, 20]],
    );
  });

  it('do not exist for files without rows', () => {
    assert.deepEqual(cutSlices([input([]), input([0, 0])], rules()), []);
  });
});

describe('other slices', () => {
  it('row-group neither cuts nor joins', () => {
    const rows = [10, 5_000_000, 0, 10];
    const slices = cutSlices([input(rows)], rules({ slice: { kind: 'row-group' }, bytesPerWorker: MiB }));
    assert.deepEqual(rowsOf(slices), [10, 5_000_000, 10]);
  });

  it('rows:N gives at most N', () => {
    const slices = cutSlices([input([1_000, 1_000, 50, 50])], rules({ slice: { kind: 'rows', rows: 300 } }));
    assert.deepEqual(rowsOf(slices), [250, 250, 250, 250, 250, 250, 250, 250, 100]);
  });

  it('start in the middle of a row group when rows before are committed', () => {
    const slices = cutSlices(
      [input([100, 100], 100, [{ start: 30, end: 120 }])],
      rules({ slice: { kind: 'row-group' } }),
    );
    assert.deepEqual(
      slices.map(({ rowStart, rowCount, first }) => [rowStart, rowCount, first]),
      [
        [0, 30, 0],
        [120, 80, 1],
      ],
    );
  });
});

describe('slices of any input', () => {
  const anyInput = fc
    .record({
      rows: fc.array(
        fc.oneof(fc.nat(50), fc.nat(200_000), fc.constant(0), fc.integer({ min: 1, max: 1_000_000 })),
        { maxLength: 12 },
      ),
      rowBytes: fc.integer({ min: 1, max: 2_000 }),
      pruned: fc.array(fc.boolean(), { maxLength: 12 }),
      committed: fc.array(fc.tuple(fc.nat(3_000_000), fc.nat(1_000_000)), { maxLength: 5 }),
    })
    .map(({ rows, rowBytes, pruned, committed }) => ({
      parts: partsOf(rows, rowBytes, pruned),
      committed: mergeRanges(committed.map(([start, length]) => ({ start, end: start + length }))),
    }));
  const anySlice: fc.Arbitrary<SlicingRules['slice']> = fc.oneof(
    fc.constant({ kind: 'auto' } as const),
    fc.constant({ kind: 'row-group' } as const),
    fc.record({ kind: fc.constant('rows' as const), rows: fc.integer({ min: 1_000, max: 2_000_000 }) }),
  );

  it('are disjoint and cover exactly what is neither committed nor pruned', () => {
    fc.assert(
      fc.property(
        fc.array(anyInput, { maxLength: 3 }),
        anySlice,
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 4 * MiB, max: 1024 * MiB }),
        (inputs, slice, workers, bytesPerWorker) => {
          const slices = cutSlices(inputs, { slice, workers, bytesPerWorker });
          inputs.forEach(({ parts, committed }, i) => {
            const wanted = parts
              .filter((part) => !part.pruned)
              .flatMap((part) =>
                subtractRanges({ start: part.rowStart, end: part.rowStart + part.rowCount }, committed),
              );
            const own = slices.filter((s) => s.input === i);
            const covered = own.map((s) => ({ start: s.rowStart, end: s.rowStart + s.rowCount }));
            // equal counts and equal unions: nothing twice, nothing missing
            assert.equal(countRows(covered), countRows(wanted));
            assert.deepEqual(mergeRanges(covered), mergeRanges(wanted));
            for (const s of own) {
              const first = parts[s.first]!;
              const last = parts[s.last]!;
              assert.ok(s.rowCount > 0);
              assert.ok(s.rowStart >= first.rowStart && s.rowStart < first.rowStart + first.rowCount);
              const end = s.rowStart + s.rowCount;
              assert.ok(end > last.rowStart && end <= last.rowStart + last.rowCount);
              if (slice.kind === 'rows') assert.ok(s.rowCount <= slice.rows);
            }
          });
        },
      ),
    );
  });
});
