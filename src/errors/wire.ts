// Errors as values: a thread never throws across its border, because structured clone drops an error's fields.
import type { WireError } from '../model/index.ts';
import { CODES, type ErrorCode } from './codes.ts';
import { ParloadError } from './parload-error.ts';

const MAX_CAUSES = 5;

const causeLine = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as { code?: unknown }).code;
  const label = typeof code === 'string' ? code : cause.name;
  return `${label}: ${cause.message}`;
};

const causesOf = (error: unknown): string[] => {
  const lines: string[] = [];
  let current = error instanceof Error ? error.cause : undefined;
  while (current !== undefined && lines.length < MAX_CAUSES) {
    lines.push(causeLine(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines;
};

/** Anything thrown, as a ParloadError; what is not one of ours is a bug and says so. */
export function toParloadError(error: unknown): ParloadError {
  if (ParloadError.is(error)) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const wrapped = new ParloadError('UNEXPECTED', message, { cause: error });
  if (error instanceof Error && error.stack !== undefined) wrapped.stack = error.stack;
  return wrapped;
}

export function toWire(error: unknown): WireError {
  const e = toParloadError(error);
  return {
    code: e.code,
    message: e.message,
    hint: e.hint,
    retryable: e.retryable,
    exitCode: e.exitCode,
    where: { ...e.where },
    stack: e.stack ?? null,
    causes: causesOf(e),
  };
}

/** The other way, on the main thread: the causes survive as text. */
export function fromWire(wire: WireError): ParloadError {
  const code = (wire.code in CODES ? wire.code : 'UNEXPECTED') as ErrorCode;
  let cause: Error | undefined;
  for (const line of wire.causes.toReversed())
    cause = new Error(line, cause === undefined ? undefined : { cause });
  const error = new ParloadError(code, wire.message, {
    where: wire.where,
    retryable: wire.retryable,
    ...(wire.hint === null ? {} : { hint: wire.hint }),
    ...(cause === undefined ? {} : { cause }),
  });
  if (wire.stack !== null) error.stack = wire.stack;
  return error;
}
