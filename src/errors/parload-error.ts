import type { Where } from '../model/index.ts';
import { CODES, type ErrorCode } from './codes.ts';

const BRAND = Symbol.for('parload.error');

export interface ParloadErrorOptions {
  readonly where?: Where;
  readonly cause?: unknown;
  /** Replaces the hint of the code's table where the place knows better. */
  readonly hint?: string;
  /** Replaces the table's answer where the cause decides. */
  readonly retryable?: boolean;
}

/**
 * The one error class. `code` is stable and meant for programs; the message names things, never values of the data
 * and never secrets.
 */
export class ParloadError extends Error {
  override readonly name = 'ParloadError';
  readonly code: ErrorCode;
  readonly where: Where;
  readonly hint: string;
  readonly retryable: boolean;
  readonly [BRAND] = true;

  constructor(code: ErrorCode, message: string, options: ParloadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where ?? {};
    this.hint = options.hint ?? CODES[code].hint;
    this.retryable = options.retryable ?? CODES[code].retryable;
  }

  get exitCode(): number {
    return CODES[this.code].exit;
  }

  /** Holds across copies of this module, unlike instanceof. */
  static is(error: unknown): error is ParloadError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }

  /** The same error with more of the place filled in; what it already knows wins. */
  at(where: Where): ParloadError {
    const error = new ParloadError(this.code, this.message, {
      where: { ...where, ...this.where },
      cause: this.cause,
      hint: this.hint,
      retryable: this.retryable,
    });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }
}
