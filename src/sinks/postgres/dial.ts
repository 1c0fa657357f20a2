// A socket to one host, with TLS when the server agrees. Ours, because pg reports a refused TLS by text only,
// reads sslmode in its own way, and because COPY writes to the socket itself.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ParloadError } from '../../errors/index.ts';
import type { Host } from './conninfo.ts';

/** SSLRequest: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** First probe after so long without traffic; a dead peer is noticed some 10 s later. */
const KEEPALIVE_MS = 30_000;

/** Thrown by the socket when the deadline passes, classified like the kernel's own. */
export class DialTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

export interface Dialed {
  readonly socket: Socket;
  readonly encrypted: boolean;
}

/** null: the server offers no TLS. The socket is destroyed on every error. `signal` ends a wait. */
export async function dial(
  host: Host,
  tls: ConnectionOptions | null,
  signal: AbortSignal,
): Promise<Dialed | null> {
  const unix = host.address.startsWith('/');
  const socket = unix
    ? connectTcp({ path: `${host.address}/.s.PGSQL.${host.port}` })
    : connectTcp({
        host: host.address,
        port: host.port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEPALIVE_MS,
      });
  // Between two waits nobody else listens, and an unheard error would end the process.
  socket.on('error', () => undefined);
  await eventOf(socket, 'connect', signal);
  // libpq never encrypts a unix socket.
  if (tls === null || unix) return { socket, encrypted: false };
  return upgrade(socket, host, tls, signal);
}

async function upgrade(
  socket: Socket,
  host: Host,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Dialed | null> {
  const answer = eventOf<Buffer>(socket, 'data', signal);
  socket.write(SSL_REQUEST);
  const reply = await answer;
  socket.pause();
  if (reply.length === 1 && reply[0] === 0x4e) {
    socket.destroy();
    return null;
  }
  // More than one byte before the handshake is a man in the middle stuffing the buffer (CVE-2021-23222).
  if (reply.length !== 1 || reply[0] !== 0x53) {
    socket.destroy();
    throw new ParloadError('SINK_TLS', `${host.host}:${host.port} does not speak the Postgres protocol`, {
      where: { host: host.host },
      hint: 'Is this the port of a Postgres server?',
    });
  }
  const secure = connectTls({
    ...tls,
    socket,
    host: host.host,
    // An address is not allowed as a server name (RFC 6066).
    ...(isIP(host.host) === 0 ? { servername: host.host } : {}),
  });
  secure.on('error', () => undefined);
  try {
    await eventOf(secure, 'secureConnect', signal);
  } catch (cause) {
    socket.destroy();
    throw tlsFailure(host, cause);
  }
  return { socket: secure, encrypted: true };
}

const NOT_TLS = new Set(['ETIMEDOUT', 'ECONNRESET', 'EPIPE']);

function tlsFailure(host: Host, cause: unknown): unknown {
  const code = (cause as { code?: unknown }).code;
  if (typeof code === 'string' && NOT_TLS.has(code)) return cause;
  const name = typeof code === 'string' ? ` (${code})` : '';
  return new ParloadError('SINK_TLS', `the TLS handshake with ${host.host}:${host.port} failed${name}`, {
    where: { host: host.host },
    cause,
  });
}

/** The next event of that name; an error, the end or the signal destroy the socket and reject. */
function eventOf<T = void>(socket: Socket, name: string, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const clear = (): void => {
      socket.off(name, done).off('error', failed).off('close', closed);
      signal.removeEventListener('abort', aborted);
    };
    const done = (value: T): void => {
      clear();
      resolve(value);
    };
    const failed = (error: unknown): void => {
      clear();
      socket.destroy();
      reject(error);
    };
    const closed = (): void =>
      failed(Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' }));
    const aborted = (): void => failed(new DialTimeout('no answer in time'));
    socket.once(name, done).once('error', failed).once('close', closed);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
  });
}
