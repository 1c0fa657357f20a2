// Bytes -> one object. Small ones go with one request, larger ones in parts; either way the object is there at once, when
// it is complete.
import { createHash } from 'node:crypto';
import { ParloadError } from '../../errors/index.ts';
import { allSettled } from '../../runtime/index.ts';
import { MiB } from '../../runtime/units.ts';
import type { ByteSink, KnownObject } from '../storage.ts';
import type { Call, Caller } from './caller.ts';
import { pinOf, versionText } from './pin.ts';
import { escapeXml, textOf } from './xml.ts';

/** Stores refuse parts of less than 5 MiB, the last one excepted. */
const PART_BYTES = 8 * MiB;
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 4;
/** After so many parts they grow, so that 10,000 hold more than 1 TiB. */
const PARTS_PER_SIZE = 1_000;
const GROWTH = 1.6;

const CODES: Readonly<Record<string, 'SINK_DENIED' | 'SINK_UNREACHABLE' | 'SINK_REJECTED'>> = {
  SOURCE_DENIED: 'SINK_DENIED',
  SOURCE_UNREACHABLE: 'SINK_UNREACHABLE',
};

/** What a request says of reading, said of writing. */
function asSink(error: unknown): unknown {
  if (!ParloadError.is(error) || !error.code.startsWith('SOURCE_')) return error;
  return new ParloadError(CODES[error.code] ?? 'SINK_REJECTED', error.message, {
    where: error.where,
    cause: error.cause,
    hint: error.hint,
    retryable: error.retryable,
  });
}

/** Bytes of the part with this number, counted from 1. */
export const partBytes = (number: number): number =>
  Math.ceil((PART_BYTES * GROWTH ** Math.floor((number - 1) / PARTS_PER_SIZE)) / MiB) * MiB;

const digest = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');

export class Upload implements ByteSink {
  readonly uri: string;
  readonly #caller: Caller;
  readonly #target: string;
  #buffer = new Uint8Array(0);
  #filled = 0;
  #sizeBytes = 0;
  #uploadId: Promise<string> | null = null;
  /** ETags by number of part, from 1. */
  readonly #parts: string[] = [];
  #made = 0;
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown = null;
  #state: 'open' | 'finished' | 'aborted' = 'open';

  constructor(caller: Caller, uri: string, target: string) {
    this.#caller = caller;
    this.uri = uri;
    this.#target = target;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    for (let at = 0; at < bytes.length; ) {
      const size = partBytes(this.#made + 1);
      if (this.#filled === size) {
        await this.#sendPart();
        continue;
      }
      const taken = Math.min(bytes.length - at, size - this.#filled);
      this.#room(this.#filled + taken, size);
      this.#buffer.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      this.#sizeBytes += taken;
      at += taken;
    }
  }

  async finish(): Promise<KnownObject> {
    this.#check();
    try {
      const version = this.#made === 0 ? await this.#putWhole() : await this.#complete();
      this.#state = 'finished';
      return { sizeBytes: this.#sizeBytes, version };
    } catch (error) {
      await this.abort();
      throw asSink(error);
    } finally {
      this.#buffer = new Uint8Array(0);
    }
  }

  async abort(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'aborted';
    this.#buffer = new Uint8Array(0);
    // a part that arrives after the end would stay, and be paid for
    await Promise.allSettled(this.#underWay);
    const uploadId = await this.#uploadId?.catch(() => null);
    if (uploadId == null) return;
    await this.#request({ method: 'DELETE', query: { uploadId }, accepts: [404] }).catch(() => undefined);
  }

  #check(): void {
    if (this.#failure !== null) throw asSink(this.#failure);
    if (this.#state !== 'open') throw new ParloadError('UNEXPECTED', `${this.uri} is ${this.#state} already`);
  }

  /** Grows by doubling: most objects are small. */
  #room(needed: number, size: number): void {
    if (this.#buffer.length >= needed) return;
    const grown = new Uint8Array(Math.min(size, Math.max(needed, 2 * this.#buffer.length, 64 * 1024)));
    grown.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = grown;
  }

  #request(call: Omit<Call, 'uri' | 'target'>) {
    return this.#caller.request(() => ({ ...call, uri: this.uri, target: this.#target }));
  }

  async #putWhole(): Promise<string> {
    const body = this.#buffer.subarray(0, this.#filled);
    const answer = await this.#request({ method: 'PUT', body, headers: bodyHeaders(body) });
    return versionText(pinOf(answer));
  }

  /** Hands the buffer over, and waits while too many parts are under way. */
  async #sendPart(): Promise<void> {
    const body = this.#buffer.subarray(0, this.#filled);
    this.#buffer = new Uint8Array(0);
    this.#filled = 0;
    const number = ++this.#made;
    if (number > MOST_PARTS) throw this.#odd(`has more than ${MOST_PARTS} parts`);
    const part = this.#putPart(number, body)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(part));
    this.#underWay.add(part);
    while (this.#underWay.size >= PARTS_AT_ONCE) await Promise.race(this.#underWay);
    this.#check();
  }

  async #putPart(number: number, body: Uint8Array): Promise<void> {
    this.#uploadId ??= this.#begin();
    const uploadId = await this.#uploadId;
    if (this.#failure !== null || this.#state === 'aborted') return;
    const answer = await this.#request({
      method: 'PUT',
      query: { partNumber: String(number), uploadId },
      body,
      headers: { 'content-md5': digest(body) },
    });
    const { etag } = answer.headers;
    if (etag === undefined) throw this.#odd('got no ETag for a part');
    this.#parts[number - 1] = etag;
  }

  async #begin(): Promise<string> {
    const answer = await this.#request({
      method: 'POST',
      query: { uploads: '' },
      headers: { 'content-type': CONTENT_TYPE },
    });
    const id = textOf(Buffer.from(answer.body).toString('utf8'), 'UploadId');
    if (id === null || id === '') throw this.#odd('got no id for an upload');
    return id;
  }

  async #complete(): Promise<string> {
    if (this.#filled > 0) await this.#sendPart();
    await allSettled([...this.#underWay]);
    this.#check();
    const uploadId = await this.#uploadId!;
    const parts = this.#parts.map(
      (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
    );
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const answer = await this.#request({
      method: 'POST',
      query: { uploadId },
      body,
      headers: { 'content-type': 'application/xml' },
      accepts: [404],
    });
    if (answer.status === 404) return this.#completedBefore();
    // S3 may answer 200 before it knows, and say in the body that it failed
    const xml = Buffer.from(answer.body).toString('utf8');
    const etag = textOf(xml, 'ETag');
    if (etag === null) throw this.#odd(`was not put together (${textOf(xml, 'Code') ?? 'no ETag'})`);
    return versionText({ ...pinOf(answer), etag });
  }

  /** The upload is gone: an earlier answer was lost, or somebody ended it. The object's ETag tells which. */
  async #completedBefore(): Promise<string> {
    const sum = createHash('md5');
    for (const etag of this.#parts) sum.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
    const expected = `"${sum.digest('hex')}-${this.#parts.length}"`;
    const { status, headers } = await this.#request({ method: 'HEAD', accepts: [404] });
    const isOurs = status !== 404 && headers.etag?.toLowerCase() === expected;
    if (!isOurs) throw this.#odd('was not put together: the upload was ended by somebody else');
    return versionText(pinOf({ status, headers }));
  }

  #odd(what: string): ParloadError {
    return new ParloadError('SINK_REJECTED', `${this.uri} ${what}`, { where: { input: this.uri } });
  }
}

const CONTENT_TYPE = 'application/vnd.apache.parquet';

const bodyHeaders = (body: Uint8Array): Record<string, string> => ({
  'content-type': CONTENT_TYPE,
  'content-md5': digest(body),
});
