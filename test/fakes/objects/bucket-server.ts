// A store of buckets on loopback: listings in pages, uploads in parts, signatures that are checked. Keys of `objects` are
// `bucket/key`. What differs from store to store is in `BucketDialect`.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CheckedSignature, queryPairs } from './aws-signature.ts';
import { etagOf, type FakeObject, type FakeOptions, ObjectServer } from './object-server.ts';

export interface BucketDialect {
  /** `x-amz-` or `x-oss-`. */
  readonly prefix: string;
  /** Null: not signed. `bucket`: from the host name; null when it is in the path. */
  check(
    request: { method: string; path: string; headers: Record<string, string | undefined> },
    bucket: string | null,
    secretOf: (id: string) => string | null,
  ): CheckedSignature | null;
  /** Headers that must be signed when they are there. */
  mustSign(headers: Record<string, string | undefined>): readonly string[];
}

export interface FakeAccount {
  readonly secret: string;
  readonly sessionToken?: string;
  readonly expired?: boolean;
}

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
}

const xml = (text: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
/** As Go's QueryEscape does it: a space is a plus. */
const urlForm = (text: string): string =>
  encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/');

const LEAST_PART_BYTES = 5 * 1024 * 1024;
const CLOCK_SLACK_MS = 15 * 60_000;

export class BucketServer extends ObjectServer {
  readonly buckets = new Set<string>();
  readonly accounts = new Map<string, FakeAccount>();
  readonly uploads = new Map<string, Upload>();
  /** Buckets that anybody may read. */
  readonly open = new Set<string>();
  readonly requesterPays = new Set<string>();
  /** By bucket; only requests signed for it are let in. */
  readonly regions = new Map<string, string>();
  /** Host names of buckets are `bucket.localhost`. */
  pageKeys = 1000;
  /** Signatures that were checked. */
  checked = 0;
  clock = (): number => Date.now();
  readonly #dialect: BucketDialect;
  #nextUpload = 1;

  constructor(dialect: BucketDialect, options: FakeOptions = {}) {
    super(options);
    this.#dialect = dialect;
  }

  static async startBuckets(dialect: BucketDialect, options: FakeOptions = {}): Promise<BucketServer> {
    return new BucketServer(dialect, options).listen();
  }

  override put(key: string, bytes: Uint8Array, more: Partial<FakeObject> = {}): FakeObject {
    this.buckets.add(key.split('/')[0]!);
    return super.put(key, bytes, more);
  }

  protected override keyOf(url: string, host = ''): string {
    const path = decodeURIComponent(url.split('?')[0]!.slice(1));
    const bucket = this.#bucketOfHost(host);
    return bucket === null ? path : `${bucket}/${path}`;
  }

  protected override missing(response: ServerResponse): void {
    this.#error(response, 404, 'NoSuchKey');
  }

  protected override headersOf(object: FakeObject): Record<string, string> {
    const version =
      object.versionId === undefined ? {} : { [`${this.#dialect.prefix}version-id`]: object.versionId };
    return { ...super.headersOf(object), ...version };
  }

  protected override async admit(
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<'answered' | 'object'> {
    const { method = 'GET', url = '/', headers } = request;
    const host = headers.host ?? '';
    const place = this.keyOf(url, host);
    const bucket = place.split('/')[0]!;
    const key = place.slice(bucket.length + 1);
    const refusal = this.#refusal(request, body, bucket);
    if (refusal !== null) {
      this.#error(response, ...refusal);
      return 'answered';
    }
    if (!this.buckets.has(bucket)) {
      this.#error(response, 404, 'NoSuchBucket');
      return 'answered';
    }
    const query = new Map(queryPairs(url).map(({ name, value }) => [name, value]));
    if (key === '' && method === 'GET') this.#list(response, bucket, query);
    else if (method === 'PUT' || method === 'POST' || method === 'DELETE')
      this.#write(response, { method, place, query, body, md5: headers['content-md5'] });
    else return 'object';
    return 'answered';
  }

  #bucketOfHost(host: string): string | null {
    return /^(.+)\.localhost(?::\d+)?$/.exec(host)?.[1] ?? null;
  }

  #refusal(
    request: IncomingMessage,
    body: Buffer,
    bucket: string,
  ): [status: number, code: string, headers?: Record<string, string>] | null {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(',') : value,
      ]),
    );
    const { method = 'GET', url = '/' } = request;
    const { prefix } = this.#dialect;
    const checked = this.#dialect.check(
      { method, path: url, headers },
      this.#bucketOfHost(headers.host ?? ''),
      (id) => this.accounts.get(id)?.secret ?? null,
    );
    if (checked === null)
      return this.open.has(bucket) && /^(GET|HEAD)$/.test(method) ? null : [403, 'AccessDenied'];
    const account = this.accounts.get(checked.accessKeyId);
    if (account === undefined) return [403, 'InvalidAccessKeyId'];
    if (checked.given !== checked.expected) return [403, 'SignatureDoesNotMatch'];
    const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? null;
    if (signed !== null && this.#dialect.mustSign(headers).some((name) => !signed.includes(name)))
      return [403, 'AccessDenied'];
    const at = Date.parse(checked.time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    if (!(Math.abs(at - this.clock()) < CLOCK_SLACK_MS))
      return [403, 'RequestTimeTooSkewed', { date: new Date(this.clock()).toUTCString() }];
    if ((account.sessionToken ?? null) !== checked.sessionToken) return [403, 'InvalidToken'];
    if (account.expired === true) return [400, 'ExpiredToken'];
    const region = this.regions.get(bucket);
    if (region !== undefined && region !== checked.region)
      return [301, 'PermanentRedirect', { [`${prefix}bucket-region`]: region }];
    if (this.requesterPays.has(bucket) && headers[`${prefix}request-payer`] !== 'requester')
      return [403, 'AccessDenied'];
    const hash = headers['x-amz-content-sha256'];
    if (
      hash !== undefined &&
      /^[0-9a-f]{64}$/.test(hash) &&
      hash !== createHash('sha256').update(body).digest('hex')
    )
      return [400, 'XAmzContentSHA256Mismatch'];
    this.checked++;
    return null;
  }

  #error(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}): void {
    const { prefix } = this.#dialect;
    response.writeHead(status, {
      ...headers,
      [`${prefix}request-id`]: 'R1',
      'content-type': 'application/xml',
    });
    // what stores quote here must never be shown
    response.end(
      xml(
        `<Error><Code>${code}</Code><Message>secret words</Message><StringToSign>secret</StringToSign></Error>`,
      ),
    );
  }

  #list(response: ServerResponse, bucket: string, query: ReadonlyMap<string, string>): void {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const isUrl = query.get('encoding-type') === 'url';
    const form = (text: string): string => (isUrl ? urlForm(text) : escaped(text));
    const keys = [...this.objects.keys()]
      .filter((place) => place.startsWith(`${bucket}/`))
      .map((place) => place.slice(bucket.length + 1))
      .filter((key) => key.startsWith(prefix) && `t${key}` > after)
      .sort();
    const page = keys.slice(0, Math.min(this.pageKeys, Number(query.get('max-keys') ?? 1000)));
    const entries = page.map((key) => {
      const { bytes, etag, modified } = this.objects.get(`${bucket}/${key}`)!;
      return `<Contents><Key>${form(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${escaped(etag).replaceAll('"', '&quot;')}</ETag><Size>${bytes.length}</Size></Contents>`;
    });
    const more = page.length < keys.length;
    const next = more ? `<NextContinuationToken>t${escaped(page.at(-1)!)}</NextContinuationToken>` : '';
    const encoding = isUrl ? '<EncodingType>url</EncodingType>' : '';
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      xml(
        `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name>${encoding}<IsTruncated>${more}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`,
      ),
    );
  }

  #write(
    response: ServerResponse,
    {
      method,
      place,
      query,
      body,
      md5,
    }: {
      method: string;
      place: string;
      query: ReadonlyMap<string, string>;
      body: Buffer;
      md5: string | string[] | undefined;
    },
  ): void {
    if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) {
      this.#error(response, 400, 'BadDigest');
      return;
    }
    const id = query.get('uploadId');
    if (method === 'POST' && query.has('uploads')) {
      const uploadId = `upload/${this.#nextUpload++}+=`;
      this.uploads.set(uploadId, { key: place, parts: new Map() });
      response
        .writeHead(200)
        .end(
          xml(
            `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
          ),
        );
      return;
    }
    if (id === undefined) {
      if (method !== 'PUT') {
        this.#error(response, 405, 'MethodNotAllowed');
        return;
      }
      response.writeHead(200, { etag: this.put(place, body).etag }).end();
      return;
    }
    const upload = this.uploads.get(id);
    if (upload === undefined || upload.key !== place) {
      this.#error(response, 404, 'NoSuchUpload');
      return;
    }
    if (method === 'DELETE') {
      this.uploads.delete(id);
      response.writeHead(204).end();
    } else if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else this.#complete(response, id, upload, body.toString());
  }

  #complete(response: ServerResponse, id: string, upload: Upload, list: string): void {
    const wanted = [...list.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>(.*?)<\/ETag>/g)];
    const parts: Buffer[] = [];
    for (const [i, [, number = '', etag = '']] of wanted.entries()) {
      const part = upload.parts.get(Number(number));
      if (
        part === undefined ||
        Number(number) !== i + 1 ||
        etag.replace(/&#34;|&quot;/g, '"') !== etagOf(part)
      ) {
        this.#error(response, 400, 'InvalidPart');
        return;
      }
      if (i < wanted.length - 1 && part.length < LEAST_PART_BYTES) {
        this.#error(response, 400, 'EntityTooSmall');
        return;
      }
      parts.push(part);
    }
    if (parts.length === 0) {
      this.#error(response, 400, 'MalformedXML');
      return;
    }
    const sums = parts.map((part) => createHash('md5').update(part).digest());
    const etag = `"${createHash('md5').update(Buffer.concat(sums)).digest('hex')}-${parts.length}"`;
    this.put(upload.key, Buffer.concat(parts), { etag });
    this.uploads.delete(id);
    response
      .writeHead(200)
      .end(
        xml(
          `<CompleteMultipartUploadResult><ETag>${etag.replaceAll('"', '&#34;')}</ETag></CompleteMultipartUploadResult>`,
        ),
      );
  }
}
