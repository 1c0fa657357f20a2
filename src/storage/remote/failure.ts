// What can go wrong before there is an answer, by the error's code, never by its text.
import { ParloadError } from '../../errors/index.ts';

/** undici hides the system's code below its own, and gathers those of several addresses. */
function codeOf(error: unknown): string {
  let seen = '';
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const inner = at instanceof AggregateError ? codeOf(at.errors[0]) : '';
    const { code } = at as { code?: unknown };
    seen = inner !== '' ? inner : typeof code === 'string' && code !== '' ? code : seen;
    if (inner !== '') break;
  }
  return seen;
}

const TLS =
  /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA)/;

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'broke the connection',
  EPIPE: 'broke the connection',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ETIMEDOUT: 'did not answer in time',
  EAI_AGAIN: 'could not be looked up just now',
  UND_ERR_CONNECT_TIMEOUT: 'did not answer in time (--connect-timeout)',
  UND_ERR_HEADERS_TIMEOUT: 'took longer than --read-timeout to answer',
  UND_ERR_BODY_TIMEOUT: 'sent nothing for longer than --read-timeout',
  UND_ERR_SOCKET: 'broke the connection',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'sent another number of bytes than it announced',
};

/** `host`: with port, as people know it. */
export function networkFailure(error: unknown, host: string, uri: string): ParloadError {
  if (ParloadError.is(error)) return error;
  const code = codeOf(error);
  const where = { input: uri, host };
  if (code === 'ENOTFOUND') {
    return new ParloadError('SOURCE_UNREACHABLE', `the host ${host} is not known`, {
      where,
      cause: error,
      retryable: false,
      hint: 'Check the URI, --endpoint-url and --region; a proxy is taken from HTTPS_PROXY.',
    });
  }
  if (TLS.test(code)) {
    return new ParloadError('SOURCE_UNREACHABLE', `${host} does not prove who it is (${code})`, {
      where,
      cause: error,
      retryable: false,
      hint: 'Name the authority of its certificate with --ca-bundle (or AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS).',
    });
  }
  if (code.startsWith('HPE_')) {
    return new ParloadError('SOURCE_UNREACHABLE', `what ${host} answers is not HTTP (${code})`, {
      where,
      cause: error,
    });
  }
  const words = WORDS[code] ?? `cannot be spoken to${code === '' ? '' : ` (${code})`}`;
  return new ParloadError('SOURCE_UNREACHABLE', `${host} ${words}`, { where, cause: error });
}
