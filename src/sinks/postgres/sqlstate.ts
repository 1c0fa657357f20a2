// What the server or the socket said, as a ParloadError. By SQLSTATE and errno only: texts are translated and change.

import type { ErrorCode } from '../../errors/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { Where } from '../../model/index.ts';

/** Fields of an ErrorResponse that cannot hold data. `detail` and, for data errors, `message` can. */
interface ServerError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly position?: string;
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly dataType?: string;
  readonly constraint?: string;
}

interface Verdict {
  readonly code: ErrorCode;
  readonly retryable?: boolean;
  readonly hint?: string;
}

const BY_STATE: Readonly<Record<string, Verdict>> = {
  '28P01': { code: 'SINK_AUTH' },
  '28000': { code: 'SINK_AUTH' },
  '3D000': { code: 'SINK_DATABASE_MISSING' },
  '42501': { code: 'SINK_DENIED' },
  '25006': {
    code: 'SINK_DENIED',
    hint: 'The server or this user is read-only; connect to the primary (target_session_attrs=primary).',
  },
  '42P01': { code: 'TABLE_MISSING' },
  '53100': { code: 'SINK_FULL' },
  // Others may give memory back; a full disk stays full.
  '53200': { code: 'SINK_FULL', retryable: true },
  '53300': { code: 'SINK_CONNECTIONS' },
  '57P03': { code: 'SINK_BUSY' },
  '40001': { code: 'SINK_CONFLICT' },
  '40P01': { code: 'SINK_CONFLICT' },
  '57P01': { code: 'SINK_LOST' },
  '57P02': { code: 'SINK_LOST' },
  '57P04': { code: 'SINK_DATABASE_MISSING' },
  '57P05': { code: 'SINK_LOST' },
  '25P03': { code: 'SINK_LOST' },
  '25P04': { code: 'SINK_TIMEOUT' },
  '55P03': { code: 'SINK_TIMEOUT' },
  '57014': { code: 'SINK_TIMEOUT' },
};

const BY_CLASS: Readonly<Record<string, Verdict>> = {
  '08': { code: 'SINK_LOST' },
  '22': { code: 'SINK_REJECTED' },
  '23': { code: 'SINK_REJECTED' },
  '40': { code: 'SINK_CONFLICT' },
  '53': { code: 'SINK_FULL' },
};

const BY_ERRNO: Readonly<Record<string, Verdict>> = {
  ECONNRESET: { code: 'SINK_LOST' },
  EPIPE: { code: 'SINK_LOST' },
  ECONNABORTED: { code: 'SINK_LOST' },
  ENETRESET: { code: 'SINK_LOST' },
  ECONNREFUSED: { code: 'SINK_UNREACHABLE' },
  ETIMEDOUT: { code: 'SINK_UNREACHABLE' },
  EHOSTUNREACH: { code: 'SINK_UNREACHABLE' },
  EHOSTDOWN: { code: 'SINK_UNREACHABLE' },
  ENETUNREACH: { code: 'SINK_UNREACHABLE' },
  ENETDOWN: { code: 'SINK_UNREACHABLE' },
  EADDRNOTAVAIL: { code: 'SINK_UNREACHABLE' },
  ENOENT: { code: 'SINK_UNREACHABLE', hint: 'The unix socket does not exist: is the server running there?' },
  EACCES: { code: 'SINK_DENIED', hint: 'This user may not open the unix socket.' },
  ENOTFOUND: { code: 'SINK_HOST_UNKNOWN' },
  EAI_AGAIN: { code: 'SINK_HOST_UNKNOWN' },
  EMFILE: { code: 'SINK_BUSY', hint: 'This process has too many open files; raise its limit (ulimit -n).' },
};

/** Names of the SQLSTATEs that rows provoke; their messages are withheld, because they may quote a value. */
const STATE_NAMES: Readonly<Record<string, string>> = {
  '22001': 'string too long',
  '22003': 'numeric value out of range',
  '22007': 'invalid date or time format',
  '22008': 'date or time out of range',
  '22021': 'character not in the encoding',
  '22026': 'string length mismatch',
  '22P02': 'invalid text representation',
  '22P03': 'invalid binary representation',
  '22P04': 'bad COPY format',
  '22P05': "a character that the database's encoding lacks",
  '23502': 'null in a not-null column',
  '23503': 'foreign key violated',
  '23505': 'unique constraint violated',
  '23514': 'check constraint violated',
  '23P01': 'exclusion constraint violated',
  P0001: 'raised by a trigger or function',
};

export interface Context {
  /** What was being done: `COPY into "t"`; starts the message. */
  readonly doing: string;
  readonly where?: Where;
  /** Input row of the nth row of the COPY (from 1), when it is still known. */
  readonly rowOfLine?: (line: number) => number | undefined;
  /** Relation as COPY's error context names it. */
  readonly relation?: string;
  /** What to do when a privilege is missing. */
  readonly deniedHint?: string;
  /** Connecting before anything is known of the target: what fails now stays so, nobody retries. */
  readonly initial?: boolean;
}

export const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error &&
  typeof (error as { severity?: unknown }).severity === 'string' &&
  typeof (error as { code?: unknown }).code === 'string';

export const stateOf = (error: unknown): string | null => (isServerError(error) ? error.code : null);

export function classify(error: unknown, context: Context): ParloadError {
  if (ParloadError.is(error)) return context.where === undefined ? error : error.at(context.where);
  return isServerError(error) ? fromServer(error, context) : fromSocket(error, context);
}

const isData = (state: string): boolean => /^(22|23|P0)/.test(state);

function fromServer(error: ServerError, context: Context): ParloadError {
  const state = error.code;
  const inCopy = context.rowOfLine !== undefined;
  const verdict: Verdict =
    BY_STATE[state] ??
    BY_CLASS[state.slice(0, 2)] ??
    (inCopy && isData(state) ? { code: 'SINK_REJECTED' } : { code: 'SINK_SQL' });
  const hint = verdict.hint ?? (verdict.code === 'SINK_DENIED' ? context.deniedHint : undefined);
  const withheld = isData(state);
  const place = copyPlace(error, context);
  const column = error.column ?? place.column;
  const row = place.line === undefined ? undefined : context.rowOfLine?.(place.line);
  const parts = [
    column === undefined ? '' : `column "${column}"`,
    error.constraint === undefined ? '' : `constraint "${error.constraint}"`,
    error.dataType === undefined ? '' : `type ${error.dataType}`,
    row === undefined ? '' : `row ${row} of the input`,
    error.position === undefined ? '' : `at character ${error.position}`,
  ].filter((part) => part !== '');
  const said = withheld ? (STATE_NAMES[state] ?? 'data error') : error.message;
  const message = `${context.doing}: ${said} (SQLSTATE ${state}${parts.length === 0 ? '' : `; ${parts.join(', ')}`})`;
  return new ParloadError(verdict.code, message, {
    where: {
      ...context.where,
      ...(column === undefined ? {} : { column }),
      ...(row === undefined ? {} : { row }),
    },
    // The server's own text may quote a value, and causes are printed.
    ...(withheld ? {} : { cause: Object.assign(new Error(error.message), { code: state }) }),
    ...(hint === undefined ? {} : { hint }),
    ...retryableOf(verdict, context),
  });
}

function fromSocket(error: unknown, context: Context): ParloadError {
  const code = (error as { code?: unknown } | null)?.code;
  const errno = typeof code === 'string' ? code : '';
  const verdict: Verdict = /^(ERR_SSL|ERR_TLS)/.test(errno)
    ? { code: 'SINK_TLS' }
    : // pg ends queries of a closed connection with errors without any code.
      (BY_ERRNO[errno] ?? { code: 'SINK_LOST' });
  const said = error instanceof Error ? error.message || errno : String(error);
  return new ParloadError(verdict.code, `${context.doing}: ${said}`, {
    ...(context.where === undefined ? {} : { where: context.where }),
    cause: error,
    ...(verdict.hint === undefined ? {} : { hint: verdict.hint }),
    ...retryableOf(verdict, context),
  });
}

function retryableOf(verdict: Verdict, context: Context): { retryable?: boolean } {
  if (context.initial === true) return { retryable: false };
  // The name was resolved once, so the resolver is what fails now.
  if (verdict.code === 'SINK_HOST_UNKNOWN') return { retryable: true };
  return verdict.retryable === undefined ? {} : { retryable: verdict.retryable };
}

/**
 * Row and column out of the CONTEXT: `COPY t, line 7, column x`. The words are translated, so only the order is used:
 * the first number after the relation is the line. A value that follows the column is cut off.
 */
function copyPlace(error: ServerError, context: Context): { line?: number; column?: string } {
  const { relation } = context;
  if (error.where === undefined || relation === undefined) return {};
  const prefix = `COPY ${relation}, `;
  const text = error.where.split('\n').find((l) => l.startsWith(prefix));
  const match = text === undefined ? null : /^\D*(\d+)(?:, column ([^:]+))?/.exec(text.slice(prefix.length));
  if (match === null) return {};
  return { line: Number(match[1]), ...(match[2] === undefined ? {} : { column: match[2] }) };
}
