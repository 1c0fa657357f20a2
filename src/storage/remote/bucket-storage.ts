// s3:// and oss://: objects, folders and globs in a bucket.
import { ParloadError } from '../../errors/index.ts';
import type { ByteSink, KnownObject, ListedObject, Listing, ListRequest, StoredObject } from '../storage.ts';
import { listKeys } from './bucket-list.ts';
import { type BucketKey, type BucketService, parseBucketUri, targetOf } from './bucket-service.ts';
import { type Call, Caller } from './caller.ts';
import { folderPattern, globPatterns, isKeyGlob, type KeyPattern } from './key-matching.ts';
import { pinOf, versionText } from './pin.ts';
import { parseContentRange } from './range-body.ts';
import { ReadAheadBudget } from './read-ahead.ts';
import { RemoteObject } from './remote-object.ts';
import { REMOTE_TRAITS } from './traits.ts';
import { Upload } from './upload.ts';

export class BucketStorage {
  readonly #service: BucketService;
  readonly #caller: Caller;
  readonly #budget = new ReadAheadBudget(REMOTE_TRAITS.readAheadBytes);

  constructor(service: BucketService) {
    this.#service = service;
    this.#caller = new Caller(service);
  }

  async list(uri: string, request: ListRequest): Promise<Listing> {
    const place = parseBucketUri(uri, this.#service.scheme);
    const { bucket, key } = place;
    if (key !== '' && !key.endsWith('/') && !isKeyGlob(key)) {
      const known = await this.#head(place);
      if (known !== null) return single(this.#uri(place), key, known);
    }
    const patterns = isKeyGlob(key)
      ? globPatterns(key)
      : [folderPattern(key === '' || key.endsWith('/') ? key : `${key}/`)];
    const listing = await this.#listMany(bucket, patterns, request);
    if (listing.objects.length > 0) return listing;
    // a name may look like a pattern
    const known = isKeyGlob(key) ? await this.#head(place) : null;
    if (known !== null) return single(this.#uri(place), key, known);
    throw nothingFound(uri, isKeyGlob(key), listing.skippedEmpty.length, request);
  }

  async open(uri: string, known?: KnownObject): Promise<StoredObject> {
    const place = parseBucketUri(uri, this.#service.scheme);
    const found = known ?? (await this.#head(place));
    if (found === null) {
      throw new ParloadError('SOURCE_NOT_FOUND', `${uri} does not exist`, { where: { input: uri } });
    }
    const target = { uri, target: targetOf(place), headers: this.#service.readHeaders };
    return new RemoteObject(this.#caller, target, found, this.#budget);
  }

  async create(uri: string): Promise<ByteSink> {
    const place = parseBucketUri(uri, this.#service.scheme);
    if (place.key === '' || place.key.endsWith('/')) {
      throw new ParloadError('SINK_REJECTED', `${uri} is a folder and no object`, { where: { input: uri } });
    }
    return new Upload(this.#caller, uri, targetOf(place));
  }

  async close(): Promise<void> {
    await this.#service.client.close();
  }

  #uri({ bucket, key }: BucketKey): string {
    return `${this.#service.scheme}://${bucket}/${key}`;
  }

  async #listMany(bucket: string, patterns: readonly KeyPattern[], request: ListRequest): Promise<Listing> {
    const objects = new Map<string, ListedObject>();
    const skippedEmpty = new Set<string>();
    const isData = (key: string): boolean =>
      request.extensions.some((ending) => key.toLowerCase().endsWith(ending));
    for (const pattern of patterns) {
      for await (const { key, sizeBytes, etag } of listKeys(
        this.#caller,
        this.#service,
        bucket,
        pattern.prefix,
      )) {
        const match = pattern.match(key);
        if (match === null || (match.inFolder && !isData(key))) continue;
        const uri = this.#uri({ bucket, key });
        if (sizeBytes === 0) skippedEmpty.add(uri);
        else {
          const version = etag === '' ? {} : { version: etag };
          objects.set(uri, { uri, sizeBytes, ...version, partitions: match.partitions });
        }
      }
    }
    const sorted = [...objects.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
    return { objects: sorted, kind: 'many', skippedEmpty: [...skippedEmpty].sort() };
  }

  /** Null when there is no such key. */
  async #head(place: BucketKey): Promise<KnownObject | null> {
    const call: Call = {
      method: 'HEAD',
      uri: this.#uri(place),
      target: targetOf(place),
      headers: this.#service.readHeaders,
      accepts: [400, 403, 404],
    };
    const answer = await this.#caller.request(() => call);
    // answers to HEAD have no body: a read says why it is refused
    if (answer.status === 400 || answer.status === 403) return this.#probe(call);
    if (answer.status === 404) return null;
    const length = Number(answer.headers['content-length'] ?? Number.NaN);
    if (Number.isNaN(length)) return this.#probe(call);
    return { sizeBytes: length, version: versionText(pinOf(answer)) };
  }

  async #probe(head: Call): Promise<KnownObject | null> {
    const call: Call = {
      ...head,
      method: 'GET',
      headers: { ...head.headers, range: 'bytes=0-0' },
      accepts: [404, 416],
    };
    const answer = await this.#caller.request(() => call);
    if (answer.status === 404) return null;
    const size = answer.status === 416 ? 0 : parseContentRange(answer.headers['content-range'])?.size;
    return { sizeBytes: size ?? answer.body.length, version: versionText(pinOf(answer)) };
  }
}

function single(uri: string, key: string, { sizeBytes, version }: KnownObject): Listing {
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const partitions = folderPattern(folder).match(key)?.partitions ?? [];
  return { objects: [{ uri, sizeBytes, version, partitions }], kind: 'object', skippedEmpty: [] };
}

function nothingFound(uri: string, isGlob: boolean, empty: number, request: ListRequest): ParloadError {
  const what = isGlob
    ? `nothing matches ${uri}`
    : `there is no object ${uri}, and nothing below it that ends in ${request.extensions.join(', ')}`;
  const only = empty === 0 ? '' : ` (only ${empty} of 0 bytes)`;
  return new ParloadError('SOURCE_NOT_FOUND', `${what}${only}`, { where: { input: uri } });
}
