// Requests that are repeated for as long as it makes sense.
import { setTimeout as pause } from 'node:timers/promises';
import type { ParloadError } from '../../errors/index.ts';
import { backoffMs, DEFAULT_RETRY, type RetryPolicy } from '../../runtime/index.ts';
import { type Answer, exchange, type Prepared, type Receiver } from './exchange.ts';
import { networkFailure } from './failure.ts';
import type { HttpClient } from './http-client.ts';

/** What is wanted, in the service's terms. */
export interface Call {
  readonly method: Prepared['method'];
  /** For messages, without secrets. */
  readonly uri: string;
  /** Bucket and key, or URL. */
  readonly target: string;
  /** Unencoded. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | null;
  /** Statuses that are an answer and no failure, besides 2xx. */
  readonly accepts?: readonly number[];
}

/** One kind of server: how it is addressed, and what its refusals mean. */
export interface Service {
  readonly client: HttpClient;
  /** Once an attempt: signatures grow old. */
  prepare(call: Call): Promise<Prepared>;
  /** A refusal from which something was learned, as the bucket's region: true, and the call is made again at once. */
  learn(call: Call, answer: Answer, turn: number): Promise<boolean>;
  /** The error for an answer that is a refusal; `retryable` decides whether the call is repeated. */
  explain(call: Call, answer: Answer): ParloadError;
}

/** Without progress; any byte that arrives starts the count again. */
const RETRY: RetryPolicy = { ...DEFAULT_RETRY, attempts: 6, baseMs: 150 };
const MOST_RETRY_AFTER_MS = 60_000;
/** How often `learn` may answer yes to one call. */
const MOST_TURNS = 10;

const BUSY = new Set([408, 425, 429, 500, 502, 503, 504, 509]);
export const isBusy = (status: number): boolean => BUSY.has(status);

/** Seconds or a date; null when there is none that can be used. */
export function retryAfterMs(value: string | undefined, now = Date.now()): number | null {
  if (value === undefined) return null;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.min(MOST_RETRY_AFTER_MS, Math.max(0, ms));
}

const isWanted = (call: Call, status: number): boolean =>
  (status >= 200 && status < 300) || call.accepts?.includes(status) === true;

interface Failure {
  readonly error: ParloadError;
  readonly waitMs: number | null;
}

export class Caller {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** `callOf` is asked before each attempt: what arrived already need not be asked for again. */
  async request(callOf: () => Call, receiver: Receiver | null = null): Promise<Answer> {
    let attempt = 0;
    for (let turn = 1; ; ) {
      const call = callOf();
      const before = receiver?.received ?? 0;
      const result = await this.#once(call, receiver);
      if ('answer' in result) {
        const { answer } = result;
        if (isWanted(call, answer.status)) return answer;
        if (turn < MOST_TURNS && (await this.#service.learn(call, answer, turn))) {
          turn++;
          continue;
        }
      }
      const failure = 'answer' in result ? this.#refusal(call, result.answer) : result;
      attempt = (receiver?.received ?? 0) > before ? 1 : attempt + 1;
      if (!failure.error.retryable || attempt >= RETRY.attempts) throw failure.error;
      await pause(Math.max(failure.waitMs ?? 0, backoffMs(RETRY, attempt)));
    }
  }

  #refusal(call: Call, answer: Answer): Failure {
    return {
      error: this.#service.explain(call, answer),
      waitMs: retryAfterMs(answer.headers['retry-after']),
    };
  }

  async #once(call: Call, receiver: Receiver | null): Promise<{ answer: Answer } | Failure> {
    const prepared = await this.#service.prepare(call);
    const dispatcher = await this.#service.client.dispatcher();
    try {
      return { answer: await exchange(dispatcher, prepared, receiver) };
    } catch (error) {
      return {
        error: networkFailure(error, prepared.origin.replace(/^https?:\/\//, ''), call.uri),
        waitMs: null,
      };
    }
  }
}
