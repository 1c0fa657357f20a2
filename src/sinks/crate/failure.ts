// Answers that are no success, as typed errors: told apart by HTTP status and CrateDB's own code, never by their text.
import { type ErrorCode, ParloadError } from '../../errors/index.ts';
import type { Where } from '../../model/index.ts';

/** `error` of an answer, or of one row of it. */
export interface CrateFailure {
  /** HTTP status; 0: of a row within an answer of 200. */
  readonly status: number;
  /** Four digits, of which the first three are an HTTP status; 0: none was told. */
  readonly code: number;
  readonly message: string;
}

export const UNKNOWN_TABLE = 4041;
export const DUPLICATE_KEY = 4091;
export const INVALID = 4000;

/** The server has too much to do, or lost a part of itself: less at a time, and again. Circuit breakers are among these. */
export const isOverload = ({ status, code }: CrateFailure): boolean =>
  status === 429 || status >= 500 || code === 4290 || (code >= 5000 && code < 6000);

/** The server looked at the data and does not want it; nothing of the request was written, or nothing of the row. */
export function isRefusal(failure: CrateFailure): boolean {
  const { status, code } = failure;
  if (isOverload(failure) || code === UNKNOWN_TABLE) return false;
  return status === 0 ? code >= 4000 && code < 5000 : status === 400 || status === 409;
}

/** The class of the server's exception: the part of its text that never holds a value. */
export const exceptionOf = ({ message }: CrateFailure): string =>
  /^([A-Z][A-Za-z]+)\s*[[:]/.exec(message)?.[1] ?? 'no reason';

function codeOf({ status, code }: CrateFailure): ErrorCode {
  if (status === 401 || code === 4010) return 'SINK_AUTH';
  if (status === 403 || code === 4011 || code === 4031) return 'SINK_DENIED';
  if (code === UNKNOWN_TABLE || code === 4045) return 'TABLE_MISSING';
  if (status === 429 || status >= 500) return 'SINK_BUSY';
  return 'SINK_SQL';
}

/** Of a statement without data in it: what the server says may be shown. */
export function statementError(failure: CrateFailure, doing: string, where: Where = {}): ParloadError {
  const code = codeOf(failure);
  const told = failure.message === '' ? `HTTP ${failure.status}` : failure.message.slice(0, 500);
  return new ParloadError(code, `${doing}: ${told}`, {
    where,
    ...(HINTS[code] === undefined ? {} : { hint: HINTS[code] }),
    cause: new Error(`CrateDB ${failure.status} ${failure.code}`),
  });
}

/** Of rows: nothing that the server says is shown but the class of its exception, since values may be in it. */
export function rowsError(failure: CrateFailure, doing: string, where: Where): ParloadError {
  const code = isRefusal(failure) ? 'SINK_REJECTED' : codeOf(failure);
  const status = failure.status === 0 ? '' : `HTTP ${failure.status}, `;
  return new ParloadError(code, `${doing}: ${exceptionOf(failure)} (${status}code ${failure.code})`, {
    where,
    ...(HINTS[code] === undefined ? {} : { hint: HINTS[code] }),
  });
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  SINK_AUTH:
    'Check user and password (URI, CRATEDB_USERNAME, CRATEDB_PASSWORD, --password-file, --jwt-file) and the host-based authentication of the server.',
  SINK_BUSY: 'The server has too much to do; use fewer --workers or a lower --in-flight and --bulk-rows.',
  SINK_REJECTED:
    'The server refused this row; look at its values and at the columns of the table. Rows before it may be in the table: a rerun goes on.',
};

/** A request that got no answer. It may have been executed. */
export function exchangeError(cause: unknown, host: string): ParloadError {
  const error = cause as { code?: string; cause?: { code?: string } };
  const code = error.code ?? error.cause?.code ?? '';
  const where = { host };
  if (code === 'ENOTFOUND' || code === 'EAI_NONAME') {
    return new ParloadError('SINK_HOST_UNKNOWN', `${host} does not resolve`, { where, cause });
  }
  if (
    code === 'ECONNREFUSED' ||
    code === 'EHOSTUNREACH' ||
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    code === 'EAI_AGAIN'
  ) {
    return new ParloadError('SINK_UNREACHABLE', `nobody answers at ${host}`, { where, cause });
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) {
    return new ParloadError('SINK_TLS', `no trusted connection to ${host}: ${code}`, {
      where,
      cause,
      hint: 'Check --sslrootcert; --sslmode require encrypts without checking the certificate.',
    });
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new ParloadError('SINK_STALLED', `${host} gave no answer in time`, { where, cause });
  }
  return new ParloadError('SINK_LOST', `the connection to ${host} broke`, { where, cause });
}
