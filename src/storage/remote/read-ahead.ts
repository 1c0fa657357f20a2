// Bytes that are fetched before they are asked for, several requests at a time, within a budget. Whoever reads says what
// comes next; what was fetched is dropped when it was read and room is needed.
import type { ByteRange } from '../../runtime/index.ts';
import { BufferPool } from './buffer-pool.ts';
import { planBlocks } from './read-blocks.ts';

/** Fills `into` from `start` of the object on. */
export type Fetch = (start: number, into: Uint8Array) => Promise<void>;

const MOST_IN_FLIGHT = 8;

interface Block extends ByteRange {
  order: number;
  /** Bytes that were announced and not yet read; at 0 it may go. */
  left: number;
  /** Null: not asked for yet. */
  bytes: Promise<Uint8Array> | null;
  /** What `bytes` resolves to, once it is filled. */
  filled: Uint8Array | null;
  /** Reads that copy from it. */
  readers: number;
}

/** Bytes held by the objects of one thread: they share it, and the one that is read has all of it. */
export class ReadAheadBudget {
  readonly bytes: number;
  readonly pool: BufferPool;
  #owner: ReadAhead | null = null;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.pool = new BufferPool(bytes / 2);
  }

  take(owner: ReadAhead): void {
    if (this.#owner !== owner) this.#owner?.clear();
    this.#owner = owner;
  }
}

export class ReadAhead {
  readonly #fetch: Fetch;
  readonly #budget: ReadAheadBudget;
  /** By `start`; they do not overlap. */
  #blocks: Block[] = [];
  /** Those that are not asked for yet, the most urgent last. */
  #queue: Block[] = [];
  #held = 0;
  #inFlight = 0;

  constructor(fetch: Fetch, budget: ReadAheadBudget) {
    this.#fetch = fetch;
    this.#budget = budget;
  }

  /** Replaces what was expected; what of it is there already stays. */
  expect(ranges: readonly ByteRange[]): void {
    this.#budget.take(this);
    for (const block of this.#blocks) block.left = 0;
    const missing: ByteRange[] = [];
    for (const range of ranges) {
      const block = this.#blockAt(range.start);
      if (block?.bytes != null && block.end >= range.end) block.left += range.end - range.start;
      else missing.push(range);
    }
    for (const block of this.#blocks) if (block.bytes === null || block.left === 0) this.#drop(block);
    const kept = this.#blocks.filter((block) => block.bytes !== null && block.left > 0);
    const planned = planBlocks(missing, this.#budget.bytes)
      .filter((plan) => !kept.some((block) => block.start < plan.end && plan.start < block.end))
      .map(
        (plan): Block => ({
          start: plan.start,
          end: plan.end,
          order: plan.order,
          left: plan.wanted,
          bytes: null,
          filled: null,
          readers: 0,
        }),
      );
    this.#blocks = [...kept, ...planned].sort((a, b) => a.start - b.start);
    this.#queue = planned.sort((a, b) => b.order - a.order);
    this.#pump();
  }

  /** Null: not all of it was announced; then it is read by itself. */
  take(start: number, into: Uint8Array): Promise<void> | null {
    const end = start + into.length;
    const blocks: Block[] = [];
    for (let at = start; at < end; ) {
      const block = this.#blockAt(at);
      if (block === undefined) return null;
      blocks.push(block);
      at = block.end;
    }
    return blocks.length === 0 ? null : this.#copy(blocks, start, into);
  }

  clear(): void {
    for (const block of this.#blocks) this.#drop(block);
    this.#blocks = [];
    this.#queue = [];
  }

  async #copy(blocks: readonly Block[], start: number, into: Uint8Array): Promise<void> {
    const end = start + into.length;
    for (const block of blocks) if (block.bytes === null) this.#start(block);
    for (const block of blocks) block.readers++;
    // taken now: what is expected may change meanwhile
    const filled = blocks.map((block) => block.bytes!);
    try {
      for (const [i, block] of blocks.entries()) {
        const bytes = await filled[i]!;
        const from = Math.max(start, block.start);
        const to = Math.min(end, block.end);
        into.set(bytes.subarray(from - block.start, to - block.start), from - start);
        block.left -= to - from;
      }
    } finally {
      for (const block of blocks) block.readers--;
    }
    this.#pump();
  }

  #blockAt(at: number): Block | undefined {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.#blocks[mid]!.end <= at) low = mid + 1;
      else high = mid;
    }
    const block = this.#blocks[low];
    return block !== undefined && block.start <= at ? block : undefined;
  }

  /** Starts what fits; one that is needed now starts in any case, see `#copy`. */
  #pump(): void {
    while (this.#inFlight < MOST_IN_FLIGHT) {
      const next = this.#queue.at(-1);
      if (next === undefined) return;
      if (next.bytes !== null) this.#queue.pop();
      else if (this.#makeRoom(next.end - next.start)) this.#start(next);
      else return;
    }
  }

  #makeRoom(bytes: number): boolean {
    const most = this.#budget.bytes;
    for (const block of this.#blocks) {
      if (this.#held + bytes <= most) break;
      if (block.bytes !== null && block.left <= 0) this.#forget(block);
    }
    return this.#held + bytes <= most || this.#held === 0;
  }

  #forget(block: Block): void {
    this.#drop(block);
    this.#blocks = this.#blocks.filter((other) => other !== block);
  }

  #drop(block: Block): void {
    if (block.bytes === null) return;
    block.bytes = null;
    this.#held -= block.end - block.start;
    // one that is still being filled or read is left to the collector
    if (block.filled !== null && block.readers === 0) this.#budget.pool.give(block.filled);
    block.filled = null;
  }

  #start(block: Block): void {
    const into = this.#budget.pool.take(block.end - block.start);
    this.#held += into.length;
    this.#inFlight++;
    const bytes = this.#fetch(block.start, into).then(
      () => {
        if (block.bytes === bytes) block.filled = into;
        return into;
      },
      (error: unknown) => {
        // asked for again it is fetched again
        if (block.bytes === bytes) this.#drop(block);
        throw error;
      },
    );
    block.bytes = bytes;
    // who reads it hears of the error; nobody may
    bytes
      .catch(() => undefined)
      .finally(() => {
        this.#inFlight--;
        this.#pump();
      });
  }
}
