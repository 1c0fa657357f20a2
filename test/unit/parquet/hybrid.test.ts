import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HybridReader } from '../../../src/parquet/stream/hybrid.ts';

/** Repeatable numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function varint(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))];
}

const run = (value: number, count: number, width: number): number[] => [
  ...varint(count * 2),
  ...Array.from({ length: (width + 7) >> 3 }, (_, k) => Math.floor(value / 256 ** k) % 256),
];

/** Bit by bit, as the format's page says; `values` in whole groups of eight. */
function packed(values: readonly number[], width: number): number[] {
  const bytes = new Array<number>((values.length / 8) * width).fill(0);
  values.forEach((value, i) => {
    for (let k = 0; k < width; k++) {
      const bit = i * width + k;
      if (Math.floor(value / 2 ** k) % 2 === 1) bytes[bit >> 3]! |= 1 << (bit & 7);
    }
  });
  return [...varint((values.length / 8) * 2 + 1), ...bytes];
}

/** Runs and packed groups in turn, and what they hold. */
function mixture(width: number, random: () => number): { bytes: Uint8Array; values: number[] } {
  const bytes: number[] = [];
  const values: number[] = [];
  const any = (): number => Math.floor(random() * 2 ** width);
  for (let part = 0; part < 12; part++) {
    if (random() < 0.5) {
      const [value, count] = [any(), 1 + Math.floor(random() * 40)];
      bytes.push(...run(value, count, width));
      for (let i = 0; i < count; i++) values.push(value);
    } else {
      const group = Array.from({ length: 8 * (1 + Math.floor(random() * 6)) }, any);
      bytes.push(...packed(group, width));
      values.push(...group);
    }
  }
  return { bytes: Uint8Array.from(bytes), values };
}

const signed = (values: readonly number[]): number[] => values.map((value) => value | 0);

describe('run-length and bit-packed values', () => {
  for (let width = 0; width <= 32; width++) {
    it(`${width} bits: in steps of any length, with some skipped`, () => {
      const random = randomFrom(width + 1);
      const { bytes, values } = mixture(width, random);
      // in the middle of other bytes, as a page's values are
      const page = new Uint8Array(bytes.length + 12).fill(0xa5);
      page.set(bytes, 5);
      const reader = new HybridReader();
      reader.reset(page, 5, 5 + bytes.length, width, 2 ** width - 1);
      for (let at = 0; at < values.length; ) {
        const count = Math.min(values.length - at, 1 + Math.floor(random() * 30));
        const out = new Int32Array(count + 2).fill(-7);
        if (random() < 0.2) reader.skip(count);
        else {
          reader.read(out, 1, count);
          assert.deepEqual([...out], [-7, ...signed(values.slice(at, at + count)), -7]);
        }
        at += count;
      }
      assert.throws(() => reader.read(new Int32Array(1), 0, 1), { code: 'PARQUET_CORRUPT' });
    });
  }

  it('the last group may lack its padding', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 0];
    const bytes = Uint8Array.from(packed(values, 3)).subarray(0, 3);
    const reader = new HybridReader();
    reader.reset(bytes, 0, bytes.length, 3, 7);
    const out = new Int32Array(5);
    reader.read(out, 0, 5);
    assert.deepEqual([...out], [1, 2, 3, 4, 5]);
  });

  it('a value beyond the dictionary is refused, in runs and in groups', () => {
    const group = Array.from({ length: 32 }, (_, i) => (i === 19 ? 9 : 3));
    for (const bytes of [run(9, 4, 4), packed(group, 4), packed(group.slice(16, 24), 4)]) {
      const reader = new HybridReader();
      const count = bytes.length > 8 ? 32 : 4;
      reader.reset(Uint8Array.from(bytes), 0, bytes.length, 4, 8);
      assert.throws(() => reader.read(new Int32Array(32), 0, count), { code: 'PARQUET_CORRUPT' });
    }
    const empty = new HybridReader();
    empty.reset(Uint8Array.from(run(0, 1, 0)), 0, 1, 0, -1);
    assert.throws(() => empty.read(new Int32Array(1), 0, 1), { code: 'PARQUET_CORRUPT' });
  });

  it('levels become a bitmap, wherever a step begins', () => {
    const random = randomFrom(99);
    const { bytes, values } = mixture(1, random);
    for (const from of [0, 1, 7, 8, 13]) {
      const reader = new HybridReader();
      reader.reset(bytes, 0, bytes.length, 1, 1);
      const bits = new Uint8Array((from + values.length + 7) >> 3);
      const half = values.length >> 1;
      const ones =
        reader.readBits(bits, from, half) + reader.readBits(bits, from + half, values.length - half);
      const found = values.map((_, i) => (bits[(from + i) >> 3]! >> ((from + i) & 7)) & 1);
      assert.deepEqual(found, values);
      assert.equal(ones, values.filter((v) => v === 1).length);
    }
  });
});
