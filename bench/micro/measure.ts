// How fast a kernel is by itself: some rounds to warm up, then the median of several.

export interface Kernel {
  /** `decode taxi`, `encode int64`: what is before the blank is the file it is in. */
  readonly name: string;
  /** What is counted: rows, values, bytes. */
  readonly unit: string;
  /** Data set that must be there before: making it is not part of it. */
  readonly data?: string;
  /** Makes what the rounds need; a round returns how many units it did. */
  readonly prepare: () => Promise<Prepared>;
}

export interface Prepared {
  readonly round: () => number | Promise<number>;
  readonly close?: () => Promise<void>;
}

export interface KernelResult {
  readonly name: string;
  readonly unit: string;
  /** Units a second. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const WARM_MS = 150;
const ROUND_MS = 60;
const ROUNDS = 7;

/** Calls `round` for about that long; returns units a second. */
async function rate(round: Prepared['round'], forMs: number): Promise<number> {
  const start = performance.now();
  let units = 0;
  let now = start;
  do {
    units += await round();
    now = performance.now();
  } while (now - start < forMs);
  return (units * 1000) / (now - start);
}

export async function measureKernel(kernel: Kernel): Promise<KernelResult> {
  const { round, close } = await kernel.prepare();
  try {
    await rate(round, WARM_MS);
    const rates: number[] = [];
    for (let i = 0; i < ROUNDS; i++) rates.push(await rate(round, ROUND_MS));
    rates.sort((a, b) => a - b);
    const { name, unit } = kernel;
    return { name, unit, median: rates[ROUNDS >> 1]!, min: rates[0]!, max: rates.at(-1)! };
  } finally {
    await close?.();
  }
}
