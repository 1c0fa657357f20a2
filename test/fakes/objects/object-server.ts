// Objects over HTTP on loopback, with ranges, conditions and ETags as servers do them, and with faults where a test says.
// Authorisation and listings are the business of what is built on it.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FakeObject {
  bytes: Uint8Array;
  etag: string;
  versionId?: string;
  modified: Date;
}

export interface Seen {
  readonly method: string;
  /** As it came, with the query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Of the answer. */
  status: number;
  bodyBytes: number;
}

/** What goes wrong with one answer. */
export type HttpFault =
  | {
      readonly do: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection breaks after so many bytes of the body. */
  | { readonly do: 'reset'; readonly afterBytes: number }
  /** A proper answer with fewer bytes than were asked for. */
  | { readonly do: 'short'; readonly bytes: number }
  /** More bytes than the range has, without a length. */
  | { readonly do: 'long'; readonly bytes: number }
  /** The right length, another place of the object, and a header that says so or not. */
  | { readonly do: 'shifted'; readonly by: number; readonly honest: boolean }
  /** All of the object and status 200, whatever was asked for. */
  | { readonly do: 'whole' }
  /** All is done as asked, and the answer never arrives. */
  | { readonly do: 'lost' }
  /** So many bytes, then nothing for so long. */
  | { readonly do: 'stall'; readonly afterBytes: number; readonly forMs: number };

export interface FakeOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
}

export const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export class ObjectServer {
  /** By key: the decoded path without its first slash. */
  readonly objects = new Map<string, FakeObject>();
  readonly seen: Seen[] = [];
  /** Asked for each request that was let in; null: it goes well. */
  faultOf: (request: Seen, index: number) => HttpFault | null = () => null;
  /** Added before each answer, in ms. */
  latencyMs = 0;
  ranges = true;
  readonly #server: Server;
  #made = 0;

  protected constructor(options: FakeOptions = {}) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      this.#serve(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    };
    this.#server =
      options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  }

  static async start(options: FakeOptions = {}): Promise<ObjectServer> {
    return new ObjectServer(options).listen();
  }

  protected async listen(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  put(key: string, bytes: Uint8Array, more: Partial<FakeObject> = {}): FakeObject {
    const object = { bytes, etag: etagOf(bytes), modified: new Date(), ...more };
    this.objects.set(key, object);
    return object;
  }

  /** Bytes of bodies that answers had since the last call. */
  takeBytes(): number {
    const bytes = this.seen.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    this.seen.length = 0;
    return bytes;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** Null: let in, and answered as an object. */
  protected async admit(
    _request: IncomingMessage,
    _body: Buffer,
    _response: ServerResponse,
  ): Promise<'answered' | 'object'> {
    return 'object';
  }

  /** The object that a path names. */
  protected keyOf(url: string, _host = ''): string {
    return decodeURIComponent(url.split('?')[0]!.slice(1));
  }

  protected missing(response: ServerResponse, _key: string): void {
    response.writeHead(404).end('not here');
  }

  protected headersOf(object: FakeObject): Record<string, string> {
    return { etag: object.etag, 'last-modified': object.modified.toUTCString() };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (this.latencyMs > 0) await sleep(this.latencyMs);
    const { method = 'GET', url = '/', headers } = request;
    const seen: Seen = { method, url, headers, status: 0, bodyBytes: 0 };
    this.seen.push(seen);
    response.once('close', () => {
      seen.status = response.statusCode;
    });
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    const count = (chunk: unknown): void => {
      if (method !== 'HEAD' && (typeof chunk === 'string' || chunk instanceof Uint8Array)) {
        seen.bodyBytes += Buffer.byteLength(chunk);
      }
    };
    response.write = ((chunk: Buffer) => {
      count(chunk);
      return write(chunk);
    }) as typeof response.write;
    response.end = ((chunk?: Buffer) => {
      count(chunk);
      return end(chunk);
    }) as typeof response.end;
    const fault = this.faultOf(seen, this.#made++);
    if (fault?.do === 'lost') {
      const nobody = { writeHead: () => nobody, end: () => nobody } as unknown as ServerResponse;
      await this.admit(request, body, nobody);
      response.socket?.resetAndDestroy();
      return;
    }
    if (fault?.do === 'status') {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    if ((await this.admit(request, body, response)) === 'answered') return;
    await this.#object(request, response, fault);
  }

  async #object(request: IncomingMessage, response: ServerResponse, fault: HttpFault | null): Promise<void> {
    const key = this.keyOf(request.url ?? '/', request.headers.host);
    const object = this.objects.get(key);
    if (object === undefined) {
      this.missing(response, key);
      return;
    }
    const headers = this.headersOf(object);
    const match = request.headers['if-match'];
    if (match !== undefined && match !== object.etag) {
      response.writeHead(412, headers).end();
      return;
    }
    const { bytes } = object;
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
    if (range === null || !this.ranges || fault?.do === 'whole') {
      response.writeHead(200, { ...headers, 'content-length': String(bytes.length) });
      response.end(request.method === 'HEAD' ? undefined : bytes);
      return;
    }
    const start = range[1] === '' ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1]);
    const end =
      range[1] === '' || range[2] === '' ? bytes.length : Math.min(bytes.length, Number(range[2]) + 1);
    if (start >= bytes.length || end <= start) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    await this.#part(response, object, start, end, fault);
  }

  async #part(
    response: ServerResponse,
    object: FakeObject,
    start: number,
    end: number,
    fault: HttpFault | null,
  ): Promise<void> {
    const { bytes } = object;
    const by = fault?.do === 'shifted' ? Math.min(fault.by, bytes.length - end) : 0;
    const said = fault?.do === 'shifted' && fault.honest ? by : 0;
    const last = fault?.do === 'short' ? Math.min(end, start + fault.bytes) : end;
    const part = bytes.subarray(start + by, last + by);
    const headers: Record<string, string> = {
      ...this.headersOf(object),
      'content-range': `bytes ${start + said}-${last + said - 1}/${bytes.length}`,
    };
    if (fault?.do === 'long') {
      response.writeHead(206, headers);
      response.write(part);
      response.end(new Uint8Array(fault.bytes));
      return;
    }
    response.writeHead(206, { ...headers, 'content-length': String(part.length) });
    if (fault?.do === 'reset') {
      response.write(part.subarray(0, fault.afterBytes));
      await sleep(5);
      response.socket?.resetAndDestroy();
      return;
    }
    if (fault?.do === 'stall') {
      response.write(part.subarray(0, fault.afterBytes));
      await sleep(fault.forMs);
      response.end(part.subarray(fault.afterBytes));
      return;
    }
    response.end(part);
  }
}
