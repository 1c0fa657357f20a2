import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteRange, layOut } from '../../../src/runtime/index.ts';

/** Reads as the layout says and looks whether every range finds its bytes. */
function check(ranges: readonly ByteRange[]): { reads: number; size: number } {
  const file = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251);
  const { size, reads, offsets } = layOut(ranges);
  const buffer = new Uint8Array(size);
  for (const { start, end, at } of reads) buffer.set(file.subarray(start, end), at);
  ranges.forEach(({ start, end }, i) => {
    const found = buffer.subarray(offsets[i]!, offsets[i]! + end - start);
    assert.deepEqual([...found], [...file.subarray(start, end)], `range ${i}`);
  });
  return { reads: reads.length, size };
}

test('neighbours are read in one go, in whatever order they are wanted', () => {
  const ranges = [
    { start: 300, end: 400 },
    { start: 100, end: 200 },
    { start: 200, end: 300 },
  ];
  assert.deepEqual(check(ranges), { reads: 1, size: 300 });
});

test('small gaps are read along, large ones are not', () => {
  const ranges = [
    { start: 0, end: 10 },
    { start: 1000, end: 1010 },
    { start: 90_000, end: 90_010 },
  ];
  assert.deepEqual(check(ranges), { reads: 2, size: 1020 });
});

test('ranges that overlap, are empty or the same', () => {
  check([
    { start: 50, end: 500 },
    { start: 60, end: 70 },
    { start: 400, end: 600 },
    { start: 50, end: 500 },
    { start: 80_000, end: 80_000 },
  ]);
  assert.deepEqual(check([]), { reads: 0, size: 0 });
});
