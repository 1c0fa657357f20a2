// Requests on their way: at most as many as the pace allows, each until every one of its rows is known to be there.

import { setTimeout as pause } from 'node:timers/promises';
import { ParloadError } from '../../errors/index.ts';
import type { StopFlag } from '../../model/index.ts';
import { backoffMs, DEFAULT_RETRY } from '../../runtime/index.ts';
import { type BulkOutcome, readBulk } from './bulk-answer.ts';
import type { BulkBody } from './bulk-body.ts';
import type { CrateConnection } from './connection.ts';
import {
  type CrateFailure,
  DUPLICATE_KEY,
  isOverload,
  isRefusal,
  rowsError,
  UNKNOWN_TABLE,
} from './failure.ts';
import type { Pace } from './pace.ts';

/** Times that the server may be too busy for one request, or not answer it, before its slice fails. */
const MOST_BUSY = 8;
/** Rounds of sending rows again whose outcome nobody told; 2^17 rows are one row by then. */
const MOST_ROUNDS = 24;
/** Times that one row by itself is sent without a word what is wrong with it. */
const MOST_ALONE = 3;
const TOO_LARGE = 413;

export interface SenderOptions {
  readonly connection: CrateConnection;
  readonly pace: Pace;
  readonly stop: StopFlag;
  readonly table: string;
  /** 0 in a result means that the key is there, and that is fine. */
  readonly zeroIsFine: boolean;
  /**
   * Of rows whose key is there, or that nobody knows of: which are in the table and are not ours or not there. Null: no
   * need, because sending a row again cannot do harm and its result tells.
   */
  readonly missing: ((rows: readonly number[]) => Promise<ReadonlySet<number>>) | null;
}

export class BulkSender {
  readonly #options: SenderOptions;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;
  #cancelled = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Waits until another request may start. */
  async turn(): Promise<void> {
    for (;;) {
      this.#check();
      if (this.#running.size < this.#options.pace.inFlight) return;
      await Promise.race(this.#running);
    }
  }

  /** Starts it; `done` is called when its bytes are free, however it ended. */
  start(body: BulkBody, done: () => void): void {
    const work = this.#deliver(body, 1)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(work);
        done();
      });
    this.#running.add(work);
  }

  /** Every row that was started is there. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) {
      this.#check();
      await Promise.race(this.#running);
    }
    this.#check();
  }

  /** Waits for what is on its way and forgets how it ended. */
  async cancel(): Promise<void> {
    this.#cancelled = true;
    await Promise.all(this.#running);
    this.#cancelled = false;
    this.#failure = null;
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error;
    this.#checkStop();
  }

  #checkStop(): void {
    if (this.#options.stop.level() === 2) {
      throw new ParloadError('INTERRUPTED', 'stopped in the middle of a slice');
    }
    if (this.#cancelled) throw new ParloadError('SINK_CONFLICT', 'the slice was given up');
  }

  async #deliver(body: BulkBody, round: number, alone = 1): Promise<void> {
    if (round > MOST_ROUNDS) {
      throw this.#error('SINK_BUSY', body, 0, `no answer tells what became of ${body.rows} rows`);
    }
    const outcome = await this.#post(body);
    if (outcome.kind === 'done') return;
    if (outcome.kind === 'partial') return this.#settle(body, outcome, round, alone);
    const { failure } = outcome;
    if (failure.code === DUPLICATE_KEY && this.#options.missing !== null) {
      return this.#settle(body, { kind: 'partial', rows: all(body), failures: new Map() }, round, alone);
    }
    // one value that cannot be cast fails all rows of its request, which nothing was written of
    const splits = isRefusal(failure) || failure.status === TOO_LARGE;
    if (!splits || body.rows === 1) throw this.#refused(body, 0, failure);
    await this.#halves(body, round);
  }

  async #halves(body: BulkBody, round: number): Promise<void> {
    const rows = all(body);
    const middle = Math.ceil(rows.length / 2);
    await this.#deliver(body.part(rows.slice(0, middle)), round);
    await this.#deliver(body.part(rows.slice(middle)), round);
  }

  /** Rows that the answer does not count as written. Such a row may be in the table all the same. */
  async #settle(
    body: BulkBody,
    { rows, failures }: Extract<BulkOutcome, { kind: 'partial' }>,
    round: number,
    alone: number,
  ): Promise<void> {
    const { missing } = this.#options;
    for (const [index, failure] of failures) {
      const ours = missing !== null && failure.code === DUPLICATE_KEY;
      if (isRefusal(failure) && !ours) throw this.#refused(body, index, failure);
      if (failure.code === UNKNOWN_TABLE) throw this.#refused(body, index, failure);
    }
    let left = rows;
    if (missing !== null) {
      const numbers = await missing(rows.map((k) => body.rowOf(k)));
      left = rows.filter((k) => numbers.has(body.rowOf(k)));
      const duplicate = left.find((k) => failures.get(k)?.code === DUPLICATE_KEY);
      if (duplicate !== undefined) throw this.#refused(body, duplicate, failures.get(duplicate)!);
    }
    if (left.length === 0) return;
    if ([...failures.values()].some(isOverload)) {
      this.#options.pace.overloaded();
      await this.#wait(round);
    }
    const again = body.part(left);
    // the same rows again and no word why: fewer at a time, down to one, which is told why
    if (left.length === body.rows && body.rows > 1 && round > 1) return this.#halves(again, round + 1);
    if (body.rows > 1) return this.#deliver(again, round + 1);
    if (alone >= MOST_ALONE) throw this.#refused(body, 0, failures.get(0) ?? NO_WORD);
    await this.#wait(alone);
    return this.#deliver(again, round + 1, alone + 1);
  }

  /** Until the server answers and has not too much to do. */
  async #post(body: BulkBody): Promise<BulkOutcome> {
    const { connection, pace, zeroIsFine } = this.#options;
    for (let attempt = 1; ; attempt++) {
      this.#checkStop();
      try {
        const answer = await connection.post(body.request(), pace.zipped);
        const outcome = readBulk(answer, body.rows, zeroIsFine);
        if (outcome.kind !== 'failed' || !isOverload(outcome.failure)) {
          if (outcome.kind === 'done') pace.delivered(body.rows, performance.now());
          return outcome;
        }
        pace.overloaded();
        if (attempt >= MOST_BUSY) throw this.#refused(body, 0, outcome.failure);
      } catch (error) {
        if (!ParloadError.is(error) || !error.retryable || attempt >= MOST_BUSY) throw error;
        if (error.code === 'SINK_STALLED') pace.overloaded();
      }
      await this.#wait(attempt);
    }
  }

  async #wait(attempt: number): Promise<void> {
    this.#checkStop();
    await pause(backoffMs(DEFAULT_RETRY, Math.min(attempt, MOST_BUSY)));
  }

  #refused(body: BulkBody, index: number, failure: CrateFailure): ParloadError {
    const one = failure.status === 0 || body.rows === 1;
    const row = one ? { row: body.rowOf(index) } : {};
    const what =
      failure.code === DUPLICATE_KEY
        ? `the key of a row is in "${this.#options.table}" already`
        : `"${this.#options.table}" did not take ${one ? 'a row' : `${body.rows} rows`}`;
    return rowsError(failure, what, { table: this.#options.table, ...row });
  }

  #error(code: 'SINK_BUSY', body: BulkBody, index: number, message: string): ParloadError {
    return new ParloadError(code, message, {
      where: { table: this.#options.table, row: body.rowOf(index) },
    });
  }
}

const NO_WORD: CrateFailure = { status: 0, code: 4000, message: '' };

const all = (body: BulkBody): number[] => Array.from({ length: body.rows }, (_, k) => k);
