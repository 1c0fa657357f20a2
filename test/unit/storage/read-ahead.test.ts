import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { BufferPool } from '../../../src/storage/remote/buffer-pool.ts';
import { ReadAhead, ReadAheadBudget } from '../../../src/storage/remote/read-ahead.ts';
import { planBlocks } from '../../../src/storage/remote/read-blocks.ts';

const KiB = 1024;
const DATA = Uint8Array.from({ length: 4096 * KiB }, (_, i) => (i * 31 + (i >> 11)) & 255);

interface Network {
  readonly ahead: ReadAhead;
  readonly fetched: [number, number][];
  mostAtOnce: number;
  fail: boolean;
}

function network(budgetBytes: number, budget = new ReadAheadBudget(budgetBytes)): Network {
  let underWay = 0;
  const self: Network = {
    ahead: new ReadAhead(async (start, into) => {
      self.fetched.push([start, start + into.length]);
      self.mostAtOnce = Math.max(self.mostAtOnce, ++underWay);
      await pause(Math.floor(start % 7));
      underWay--;
      if (self.fail) throw new Error('broken');
      into.set(DATA.subarray(start, start + into.length));
    }, budget),
    fetched: [],
    mostAtOnce: 0,
    fail: false,
  };
  return self;
}

async function read({ ahead }: Network, start: number, end: number): Promise<boolean> {
  const into = new Uint8Array(end - start);
  const taken = ahead.take(start, into);
  if (taken === null) return false;
  await taken;
  assert.ok(Buffer.from(into).equals(DATA.subarray(start, end)), `${start} to ${end}`);
  return true;
}

describe('blocks', () => {
  it('join neighbours, and little gaps, within limits', () => {
    const ranges = [
      { start: 100_000, end: 150_000 },
      { start: 0, end: 50_000 },
      { start: 50_000, end: 90_000 },
    ];
    const blocks = planBlocks(ranges, 1024 * KiB);
    assert.deepEqual(
      blocks.map(({ start, end, wanted, order }) => [start, end, wanted, order]),
      [
        [0, 90_000, 90_000, 1],
        [100_000, 150_000, 50_000, 0],
      ],
    );
    const near = planBlocks([...ranges, { start: 91_000, end: 100_000 }], 1024 * KiB);
    assert.deepEqual(
      near.map(({ start, end }) => [start, end]),
      [[0, 150_000]],
    );
  });

  it('hold a budget with many places at once', () => {
    const ranges = Array.from({ length: 400 }, (_, i) => ({
      start: (i % 20) * 200_000 + Math.floor(i / 20) * 10_000,
      end: (i % 20) * 200_000 + Math.floor(i / 20) * 10_000 + 10_000,
    }));
    for (const { start, end } of planBlocks(ranges, 1024 * KiB)) assert.ok(end - start <= 64 * KiB);
  });
});

describe('reading ahead', () => {
  const pages = Array.from({ length: 64 }, (_, i) => ({ start: i * 32 * KiB, end: (i + 1) * 32 * KiB }));

  it('fetches each byte once, several at a time, and gives it out right', async () => {
    const net = network(512 * KiB);
    net.ahead.expect(pages);
    for (const { start, end } of pages) assert.ok(await read(net, start, end));
    const sum = net.fetched.reduce((bytes, [start, end]) => bytes + end - start, 0);
    assert.equal(sum, 64 * 32 * KiB);
    assert.ok(net.mostAtOnce > 1);
  });

  it('holds its budget when nobody reads', async () => {
    const net = network(512 * KiB);
    net.ahead.expect(pages);
    await pause(50);
    const sum = net.fetched.reduce((bytes, [start, end]) => bytes + end - start, 0);
    assert.ok(sum > 0 && sum <= 512 * KiB, `${sum}`);
  });

  it('gives out what is needed first in any order, across blocks too', async () => {
    const net = network(256 * KiB);
    net.ahead.expect(pages);
    for (let i = 63; i > 0; i -= 2)
      assert.ok(await read(net, (i - 1) * 32 * KiB + 5, (i + 1) * 32 * KiB - 5));
    assert.equal(await read(net, 3000 * KiB, 3001 * KiB), false);
  });

  it('a failed block is fetched again when it is asked for again', async () => {
    const net = network(256 * KiB);
    net.fail = true;
    net.ahead.expect(pages.slice(0, 2));
    await assert.rejects(read(net, 0, 100), /broken/);
    net.fail = false;
    assert.ok(await read(net, 0, 100));
  });

  it('what is there stays when other ranges are announced', async () => {
    const net = network(1024 * KiB);
    net.ahead.expect([{ start: 0, end: 200 * KiB }]);
    await read(net, 0, 200 * KiB);
    net.ahead.expect(pages.slice(0, 4));
    for (const { start, end } of pages.slice(0, 4)) await read(net, start, end);
    assert.equal(net.fetched.length, 1);
  });

  it('a read under way is right though everything changes meanwhile', async () => {
    const budget = new ReadAheadBudget(512 * KiB);
    const [one, other] = [network(0, budget), network(0, budget)];
    for (let round = 0; round < 30; round++) {
      one.ahead.expect(pages);
      const reads = [read(one, 0, 200 * KiB), read(one, 90 * KiB, 400 * KiB)];
      if (round % 3 === 0) one.ahead.expect(pages.slice(20));
      other.ahead.expect(pages.slice(30));
      reads.push(read(other, 1000 * KiB, 1300 * KiB));
      await Promise.all(reads);
    }
  });

  it('buffers are used again, within their limit', () => {
    const pool = new BufferPool(128 * KiB);
    const first = pool.take(100 * KiB);
    assert.equal(first.length, 100 * KiB);
    pool.give(first);
    assert.equal(pool.take(90 * KiB).buffer, first.buffer);
    pool.give(new Uint8Array(256 * KiB));
    assert.notEqual(pool.take(256 * KiB).byteLength, 0);
    pool.give(first);
    assert.notEqual(pool.take(10).buffer, first.buffer);
  });
});
