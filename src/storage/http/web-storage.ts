// http:// and https://: one file a URL, read in parts.
import { ParloadError } from '../../errors/index.ts';
import type { Json } from '../../model/index.ts';
import { type Call, Caller } from '../remote/caller.ts';
import type { AnswerHead, Receiver } from '../remote/exchange.ts';
import { HttpClient } from '../remote/http-client.ts';
import { pinOf, versionText } from '../remote/pin.ts';
import { ignoresRanges, parseContentRange } from '../remote/range-body.ts';
import { ReadAheadBudget } from '../remote/read-ahead.ts';
import { RemoteObject } from '../remote/remote-object.ts';
import { REMOTE_TRAITS } from '../remote/traits.ts';
import type { KnownObject, Listing, Storage, StorageOptions, StoredObject } from '../storage.ts';
import { openSpooled, type SpoolFile, spool } from './spool.ts';
import { type WebAddress, webAddress } from './url.ts';
import { WebService } from './web-service.ts';

/** What threads that read must know: full URLs, and copies, by URI. */
interface WebTicket {
  readonly urls: Readonly<Record<string, string>>;
  readonly spooled: Readonly<Record<string, string>>;
}

/** One byte; when a whole file comes in its place, the exchange ends at once. */
class ProbeBody implements Receiver {
  readonly received = 0;
  isWhole = false;
  readonly #uri: string;

  constructor(uri: string) {
    this.#uri = uri;
  }

  begin({ status }: AnswerHead): boolean {
    this.isWhole = status === 200;
    if (this.isWhole) throw ignoresRanges(this.#uri);
    return false;
  }

  take(): void {}
}

export class WebStorage implements Storage {
  readonly #client: HttpClient;
  readonly #caller: Caller;
  readonly #mayspool: boolean;
  /** Secret. */
  readonly #urls: Map<string, string>;
  readonly #spooled: Map<string, string>;
  readonly #files: SpoolFile[] = [];
  readonly #budget = new ReadAheadBudget(REMOTE_TRAITS.readAheadBytes);

  constructor(options: StorageOptions, ticket: Json) {
    const { urls = {}, spooled = {} } = (ticket ?? {}) as unknown as Partial<WebTicket>;
    this.#urls = new Map(Object.entries(urls));
    this.#spooled = new Map(Object.entries(spooled));
    this.#mayspool = options.spool === true;
    this.#client = new HttpClient(options);
    this.#caller = new Caller(new WebService(this.#client, (uri) => this.#addressOf(uri)));
  }

  async list(text: string): Promise<Listing> {
    const { uri } = webAddress(text);
    const before = this.#urls.get(uri);
    if (before !== undefined && before !== text) {
      throw new ParloadError('CONFIG_INVALID', `${uri} is given twice, with different queries`, {
        where: { input: uri },
      });
    }
    this.#urls.set(uri, text);
    const { sizeBytes, version } = await this.#look(uri);
    return { objects: [{ uri, sizeBytes, version, partitions: [] }], kind: 'object', skippedEmpty: [] };
  }

  async open(text: string, known?: KnownObject): Promise<StoredObject> {
    const { uri } = this.#addressOf(text);
    if (!this.#urls.has(uri)) this.#urls.set(uri, text);
    const found = known ?? (await this.#look(uri));
    const copy = this.#spooled.get(uri);
    if (copy !== undefined) return openSpooled(copy, uri);
    return new RemoteObject(this.#caller, { uri, target: uri }, found, this.#budget);
  }

  ticket(): Json {
    return { urls: Object.fromEntries(this.#urls), spooled: Object.fromEntries(this.#spooled) };
  }

  async close(): Promise<void> {
    for (const file of this.#files.splice(0)) file.close();
    await this.#client.close();
  }

  #addressOf(uri: string): WebAddress {
    return webAddress(this.#urls.get(uri) ?? uri);
  }

  /** By one byte and not by HEAD: a signed URL is for one method, and only an answer shows whether ranges work. */
  async #look(uri: string): Promise<KnownObject> {
    const call: Call = {
      method: 'GET',
      uri,
      target: uri,
      headers: { range: 'bytes=0-0' },
      accepts: [416],
    };
    const probe = new ProbeBody(uri);
    const answer = await this.#caller
      .request(() => call, probe)
      .catch((error: unknown) => {
        if (probe.isWhole) return null;
        throw error;
      });
    const range = answer === null ? null : parseContentRange(answer.headers['content-range']);
    if (answer !== null && range?.size != null) {
      return { sizeBytes: range.size, version: versionText(pinOf(answer)) };
    }
    if (answer?.status === 416) {
      const empty = /^\s*bytes\s+\*\/0\s*$/i.test(answer.headers['content-range'] ?? '');
      if (empty) return { sizeBytes: 0, version: versionText(pinOf(answer)) };
    }
    if (!this.#mayspool) throw ignoresRanges(uri);
    return this.#spool(uri);
  }

  async #spool(uri: string): Promise<KnownObject> {
    const file = await spool(this.#caller, { method: 'GET', uri, target: uri });
    this.#files.push(file);
    this.#spooled.set(uri, file.path);
    const object = await openSpooled(file.path, uri);
    await object.close();
    return { sizeBytes: object.sizeBytes, version: object.version };
  }
}
