// When a failed slice is tried again, and how long to wait for that. Pure: the caller has the clock.

export interface RetryPolicy {
  /** Attempts in all, the first one included; 1: nothing is ever tried again. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
  /** How long in a row the target may be away; such failures do not use attempts up. */
  readonly budgetMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, baseMs: 200, maxMs: 10_000, budgetMs: 120_000 };

/** Longest pause while the target is away: a server that is back should not be kept waiting. */
const MOST_AWAY_MS = 5_000;

/** Exponential with jitter, so that workers that failed together do not return together. */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** failed: the attempt itself did. away: the target could not even be asked. */
export type FailureKind = 'failed' | 'away';

/** The failures of one slice in one run. */
export class Patience {
  readonly #policy: RetryPolicy;
  readonly #random: () => number;
  #failures = 0;
  #awaySinceMs: number | null = null;
  #awayInRow = 0;

  constructor(policy: RetryPolicy, random: () => number = Math.random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt; null: there is none. `nowMs` from a clock that never goes back. */
  after(kind: FailureKind, nowMs: number): number | null {
    return kind === 'away' ? this.#away(nowMs) : this.#failed();
  }

  #failed(): number | null {
    this.#awaySinceMs = null;
    this.#awayInRow = 0;
    this.#failures += 1;
    if (this.#failures >= this.#policy.attempts) return null;
    return backoffMs(this.#policy, this.#failures, this.#random);
  }

  #away(nowMs: number): number | null {
    this.#awaySinceMs ??= nowMs;
    this.#awayInRow += 1;
    const leftMs = this.#policy.budgetMs - (nowMs - this.#awaySinceMs);
    if (this.#policy.attempts <= 1 || leftMs <= 0) return null;
    const policy = { ...this.#policy, maxMs: Math.min(this.#policy.maxMs, MOST_AWAY_MS) };
    // The last attempt comes when the budget ends, not before.
    return Math.min(leftMs, backoffMs(policy, this.#awayInRow, this.#random));
  }
}
